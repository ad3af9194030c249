/** A script of the project in a process of its own, whose output a test reads while it runs. */
import { afterAll } from "bun:test";
import { dirname } from "node:path";
import type { Finished } from "./process.ts";

/** The project's folder. */
const ROOT = dirname(dirname(import.meta.dir));

/** How long a process may take to say what a test waits for, in milliseconds; generous on purpose. */
const SAID_WITHIN_MS = 60_000;

/** A running process. */
export interface Child {
  readonly pid: number;
  /** Resolves to the output so far, once the stream has said this; throws when the process ends before. */
  says(stream: "stdout" | "stderr", words: string): Promise<string>;
  /** Sends a signal; the process decides when it ends. */
  kill(signal: "SIGTERM" | "SIGINT" | "SIGKILL"): void;
  readonly finished: Promise<Finished>;
}

/** Starts `bun` with these arguments and no other environment than given; killed when the test ends. */
export function startChild(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  cwd = ROOT,
): Child {
  const child = Bun.spawn([process.execPath, ...args], {
    cwd,
    env: { PATH: Bun.env["PATH"] ?? "", HOME: Bun.env["HOME"] ?? "", ...environment },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const said = { stdout: "", stderr: "" };
  const drain = async (stream: "stdout" | "stderr") => {
    const decoder = new TextDecoder();
    for await (const chunk of child[stream])
      said[stream] += decoder.decode(chunk, { stream: true });
  };
  const drained = Promise.all([drain("stdout"), drain("stderr")]);
  const finished = Promise.all([child.exited, drained]).then(([exitCode]) => ({
    exitCode,
    ...said,
  }));
  afterAll(async () => {
    child.kill("SIGKILL");
    await child.exited;
  });
  return {
    pid: child.pid,
    finished,
    kill: (signal) => child.kill(signal),
    async says(stream, words) {
      const deadline = performance.now() + SAID_WITHIN_MS;
      while (!said[stream].includes(words)) {
        const gone = await Promise.race([finished, Bun.sleep(10)]);
        if (gone && !said[stream].includes(words)) {
          throw new Error(`It ended with ${gone.exitCode} and said ${gone.stdout}${gone.stderr}`);
        }
        if (performance.now() > deadline) throw new Error(`It never said ${words}`);
      }
      return said[stream];
    },
  };
}
