import { defineDelivery } from "../../plugin.ts";
import type { AddressType } from "../../protocol/address.ts";
import { addressSchema, addressText } from "./addresses.ts";

/** Prints codes on standard output, for development: whoever reads the terminal has the code. */
export const consoleDelivery = (addressType: AddressType) =>
  defineDelivery({
    addressType,
    address: addressSchema(addressType),
    async send({ address, code }) {
      process.stdout.write(`Code for ${addressText(addressType, address)}: ${code}\n`);
    },
  });
