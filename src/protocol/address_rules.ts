import { type Static, Type as t } from "@sinclair/typebox";
import { TypeCompiler } from "@sinclair/typebox/compiler";
import { ADDRESS_TYPES, type Address, type AddressType, readAddress } from "./address.ts";
import type { Params } from "./form.ts";
import { localizedText } from "./language_tag.ts";
import { malformedParameter } from "./oauth_error.ts";
import { compilePattern, PATTERN_LENGTH_MAX, type Pattern } from "./posix_pattern.ts";
import { schemaFaults } from "./schema_faults.ts";

/** Longest hint, in characters. */
const HINT_LENGTH_MAX = 300;

const Hint = t.String({ minLength: 1, maxLength: HINT_LENGTH_MAX });

/** Restrictions by field, as `/config` tells them (challenger.md B.2). */
export const RestrictionsSchema = t.Record(
  t.String(),
  t.Object(
    {
      regex: t.String({
        minLength: 1,
        maxLength: PATTERN_LENGTH_MAX,
        description: "POSIX extended regular expression that the value must match somewhere",
      }),
      hint: Hint,
      hint_i18n: t.Optional(
        t.Record(t.String(), Hint, { description: "The hint in other languages, by their tags" }),
      ),
    },
    { additionalProperties: false },
  ),
);

/** Restrictions by field; a field without one is only held to its type. */
export type Restrictions = Static<typeof RestrictionsSchema>;

/** What is asked of an address. */
export interface AddressRules {
  readonly type: AddressType;
  readonly restrictions: Restrictions;
  /**
   * The clean address that the fields hold. Throws `parameter_missing` or `parameter_malformed`
   * with the name of the first field that lacks or breaks something.
   */
  read(given: Params): Address;
  /** What is asked of the field in the language of a tag; undefined where nothing is. */
  hint(field: string, language: string): string | undefined;
}

/** Compiles the restrictions. Throws `TypeError` that names the field of a wrong one. */
export function createAddressRules(type: AddressType, restrictions: Restrictions): AddressRules {
  const patterns = new Map(
    Object.entries(restrictions).map(([field, { regex }]) => [field, patternOf(field, regex)]),
  );
  for (const field of patterns.keys()) {
    if (!isFieldOf(type, field)) {
      throw new TypeError(`${field} is no field of the address type ${type}`);
    }
  }
  return {
    type,
    restrictions,
    read(given) {
      const address = readAddress(type, given);
      for (const [field, fits] of patterns) {
        if (!fits(address[field] ?? "")) throw malformedParameter(field);
      }
      return address;
    },
    hint(field, language) {
      const restriction = Object.hasOwn(restrictions, field) ? restrictions[field] : undefined;
      if (!restriction) return undefined;
      return localizedText(restriction.hint_i18n ?? {}, language) ?? restriction.hint;
    },
  };
}

const restrictionsSchema = TypeCompiler.Compile(RestrictionsSchema);

/** Reads the JSON of `CHALLENGER_ADDRESS_RESTRICTIONS`. Throws `TypeError` that names what is wrong. */
export function parseRestrictions(text: string): Restrictions {
  const value = parseJson(text);
  if (restrictionsSchema.Check(value)) return value;
  const [first] = schemaFaults(restrictionsSchema, value);
  throw new TypeError(first ? `${first.field} ${first.fault}`.trim() : "is no JSON object");
}

function isFieldOf(type: AddressType, name: string): boolean {
  return ADDRESS_TYPES[type].some((field) => field === name);
}

function patternOf(field: string, regex: string): Pattern {
  try {
    return compilePattern(regex);
  } catch (error) {
    throw new TypeError(`${field}.regex ${(error as Error).message}`);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
