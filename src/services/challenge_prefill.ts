import { ADDRESS_TYPES, ADDRESS_VALUE_LENGTH_MAX, type Address } from "../protocol/address.ts";
import { malformedParameter } from "../protocol/oauth_error.ts";
import { addressRulesOf } from "./challenge_address.ts";
import type { Prefill } from "./challenges.ts";
import type { Services } from "./services.ts";

/**
 * Reads what a client prefills (`ChallengeSetupRequest`); members that are no field of the address
 * are ignored. One that the user must not change has to be a whole and clean address, else nobody
 * could finish. Throws `parameter_missing` or `parameter_malformed` with the member's name.
 */
export function readPrefill(
  body: Readonly<Record<string, unknown>> | undefined,
  { settings }: Pick<Services, "settings">,
): Prefill {
  if (body === undefined) return { address: null, readOnly: false };
  const { read_only: readOnly = false } = body;
  if (typeof readOnly !== "boolean") throw malformedParameter("read_only");
  const type = settings.challengerAddressType;
  const texts = new Map<string, string>();
  for (const field of ADDRESS_TYPES[type]) {
    const value = Object.hasOwn(body, field) ? body[field] : undefined;
    if (value === undefined || value === "") continue;
    if (!isText(value)) throw malformedParameter(field);
    texts.set(field, value);
  }
  if (readOnly) return { address: addressRulesOf(type, { settings }).read(texts), readOnly };
  const address: Address = Object.fromEntries(texts);
  return { address: texts.size === 0 ? null : address, readOnly };
}

/** What a form of ours may show: bounded, and without controls but line ends. */
function isText(value: unknown): value is string {
  return (
    typeof value === "string" &&
    value.length <= ADDRESS_VALUE_LENGTH_MAX &&
    value.isWellFormed() &&
    !/[^\P{Cc}\r\n]/u.test(value)
  );
}
