import { readBounded } from "./bounded.ts";
import type { Terminal } from "./command.ts";

/** The process's own standard streams. */
export function processTerminal(): Terminal {
  return {
    out: (line) => void process.stdout.write(`${line}\n`),
    err: (line) => void process.stderr.write(`${line}\n`),
    readStdin: (bytesMax) => readBounded(Bun.stdin.stream(), bytesMax),
    prompt: process.stdin.isTTY ? promptWithoutEcho : undefined,
  };
}

const ENTER = new Set(["\r", "\n", "\u0004"]);
const ERASE = new Set(["\u007f", "\b"]);
const INTERRUPT = "\u0003";

/** Asks on standard error and reads a line without echo. Ends the process at Ctrl-C. */
function promptWithoutEcho(question: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const { stdin, stderr } = process;
  const typed: string[] = [];
  const finish = () => {
    stdin.off("data", read);
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write("\n");
  };
  const read = (chunk: Buffer) => {
    for (const char of chunk.toString()) {
      if (char === INTERRUPT) {
        finish();
        process.exit(130);
      }
      if (ENTER.has(char)) {
        finish();
        resolve(typed.join(""));
        return;
      }
      if (ERASE.has(char)) typed.pop();
      else typed.push(char);
    }
  };
  // Before the question, so that not even the first key is echoed.
  stdin.setRawMode(true);
  stdin.on("data", read);
  stdin.resume();
  stderr.write(question);
  return promise;
}
