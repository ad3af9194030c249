/** Waits for the end of the process whose id it is given and whose pipe it holds, then sweeps. */
import { isAlive, sweepAbandoned } from "./abandoned.ts";

await Bun.stdin.text();
while (isAlive(Number(process.argv[2]))) await Bun.sleep(20);
await sweepAbandoned();
