import { type ObjectSchema, t } from "../../plugin.ts";
import { ADDRESS_TYPES, type Address, type AddressType } from "../../protocol/address.ts";

/** What a letter of a type is addressed to: exactly its fields. */
export function addressSchema(addressType: AddressType): ObjectSchema {
  return t.Object(Object.fromEntries(ADDRESS_TYPES[addressType].map((name) => [name, t.String()])));
}

/**
 * An address as one text: the mail address or the number itself; the fields of a postal one as a
 * JSON object, since it has several.
 */
export function addressText(addressType: AddressType, address: Address): string {
  const [first, ...more] = ADDRESS_TYPES[addressType];
  return more.length === 0 ? (address[first] ?? "") : JSON.stringify(address);
}
