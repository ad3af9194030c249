import { defineDelivery, t } from "../../plugin.ts";
import { ADDRESS_FIELDS } from "../../services/deliveries.ts";

/** Prints codes on standard output, for development: whoever reads the terminal has the code. */
export const consoleDelivery = (addressType: "email" | "phone") =>
  defineDelivery({
    addressType,
    address: t.Object({ [ADDRESS_FIELDS[addressType]]: t.String() }),
    async send({ address, code }) {
      process.stdout.write(`Code for ${address[ADDRESS_FIELDS[addressType]]}: ${code}\n`);
    },
  });
