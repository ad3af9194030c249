import type { AddressType } from "../protocol/address.ts";
import {
  type AddressRules,
  createAddressRules,
  type Restrictions,
} from "../protocol/address_rules.ts";
import type { Services } from "./services.ts";

/** Compiled once for each configuration. */
const compiled = new WeakMap<Restrictions, AddressRules>();

/**
 * What is asked of an address of the type. The operator's restrictions are for the type that he
 * configured; a process that was begun before he chose another one is held to its type alone.
 */
export function addressRulesOf(
  type: AddressType,
  { settings }: Pick<Services, "settings">,
): AddressRules {
  const { challengerAddressType: configured, challengerAddressRestrictions: restrictions } =
    settings;
  if (type !== configured) return createAddressRules(type, {});
  const known = compiled.get(restrictions);
  if (known?.type === type) return known;
  const rules = createAddressRules(type, restrictions);
  compiled.set(restrictions, rules);
  return rules;
}
