/** A process with a Postgres in its temporary folder, for a test that kills it. */
import { freshDatabase } from "./databases.ts";

process.stdout.write(`${await freshDatabase("postgres")}\n`);
await new Promise(() => setInterval(() => {}, 60_000));
