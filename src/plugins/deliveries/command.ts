import { defineDelivery, t } from "../../plugin.ts";
import { ADDRESS_FIELDS } from "../../services/deliveries.ts";

/** How long the program may take, in milliseconds. */
const TIMEOUT_MS = 10_000;

/**
 * Hands codes to an external program: the address is its one argument, the code comes on standard
 * input, and exit code 0 says that it is sent. No shell reads either.
 */
export const commandDelivery = (addressType: "email" | "phone", program: string) =>
  defineDelivery({
    addressType,
    address: t.Object({ [ADDRESS_FIELDS[addressType]]: t.String() }),
    async send({ address, code }) {
      const child = Bun.spawn([program, address[ADDRESS_FIELDS[addressType]] ?? ""], {
        stdin: new TextEncoder().encode(code),
        stdout: "ignore",
        stderr: "ignore",
        // The program needs none of our secrets.
        env: { PATH: process.env["PATH"] ?? "" },
        timeout: TIMEOUT_MS,
        killSignal: "SIGKILL",
      });
      if ((await child.exited) !== 0) throw new Error("The delivery command failed");
    },
  });
