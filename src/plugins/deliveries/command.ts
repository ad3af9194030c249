import { defineDelivery } from "../../plugin.ts";
import type { AddressType } from "../../protocol/address.ts";
import { addressSchema, addressText } from "./addresses.ts";
import { DeliveryError } from "./delivery_error.ts";

/** The program, and how long it may take. */
export interface CommandOptions {
  readonly program: string;
  readonly timeoutSeconds: number;
}

/** Programs that run. None outlives the server, whose timers end with it. */
const running = new Set<number>();
process.on("exit", () => {
  for (const pid of running) killGroup(pid);
});

/**
 * Hands codes to an external program, as the original has it: the address is its one argument, the
 * code comes on standard input, and exit code 0 says that it is sent. A postal address comes as a
 * JSON object. No shell reads any of it, and no address begins with a hyphen. Past its time, and when
 * the server ends, the program is killed with all that it started.
 */
export const commandDelivery = (
  addressType: AddressType,
  { program, timeoutSeconds }: CommandOptions,
) =>
  defineDelivery({
    addressType,
    address: addressSchema(addressType),
    async send({ address, code }) {
      const child = Bun.spawn([program, addressText(addressType, address)], {
        stdin: new TextEncoder().encode(code),
        stdout: "ignore",
        stderr: "ignore",
        // The program needs none of our secrets.
        env: { PATH: process.env["PATH"] ?? "" },
        // A group of its own, so that it is killed with its children.
        detached: true,
      });
      running.add(child.pid);
      const timer = setTimeout(() => killGroup(child.pid), timeoutSeconds * 1000);
      try {
        const exitCode = await child.exited;
        if (exitCode !== 0)
          throw new DeliveryError("The delivery command failed", `exit ${exitCode}`);
      } finally {
        clearTimeout(timer);
        running.delete(child.pid);
      }
    },
  });

/** Ends a program and its children; they may be gone already. */
function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    if ((error as { code?: unknown }).code !== "ESRCH") throw error;
  }
}
