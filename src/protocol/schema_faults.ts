import type { TSchema } from "@sinclair/typebox";
import { type ValueError, ValueErrorType } from "@sinclair/typebox/errors";
import type { FieldFault } from "./metadata_faults.ts";

/** The part of a compiled schema that tells what is wrong. */
interface Compiled {
  Errors(value: unknown): Iterable<ValueError>;
}

/** What a schema finds wrong, the first fault of each field. Values are never repeated: some are secret. */
export function schemaFaults(schema: Compiled, value: unknown): readonly FieldFault[] {
  const faults = new Map<string, string>();
  for (const error of schema.Errors(value)) {
    const field = fieldOf(error.path);
    if (!faults.has(field)) faults.set(field, wordsOf(error));
  }
  return [...faults].map(([field, fault]) => ({ field, fault }));
}

/** `redirect_uris[0]` for the JSON pointer `/redirect_uris/0` (RFC 6901). */
function fieldOf(pointer: string): string {
  const [first = "", ...more] = pointer
    .slice(1)
    .split("/")
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
  return first + more.map((part) => (/^\d+$/.test(part) ? `[${part}]` : `.${part}`)).join("");
}

/** Words that continue the field's name. */
function wordsOf({ type, schema, message }: ValueError): string {
  switch (type) {
    case ValueErrorType.StringPattern:
      return Array.isArray(schema["enum"])
        ? `must be one of ${schema["enum"].join(", ")}`
        : "holds a character that is not printable";
    case ValueErrorType.StringMaxLength:
      return `is longer than ${schema["maxLength"]} characters`;
    case ValueErrorType.StringMinLength:
      return "is empty";
    case ValueErrorType.ArrayMaxItems:
      return `has more than ${schema["maxItems"]} members`;
    case ValueErrorType.ArrayUniqueItems:
      return "names something twice";
    case ValueErrorType.IntegerMaximum:
      return `is more than ${schema["maximum"]}`;
    case ValueErrorType.ObjectRequiredProperty:
      return "is missing";
    case ValueErrorType.Union:
      return `must be ${(schema["anyOf"] as TSchema[]).map(kindOf).join(" or ")}`;
    default:
      return schema["type"] === undefined ? message : `must be ${kindOf(schema)}`;
  }
}

/** What a schema asks for, with its article. */
function kindOf(schema: TSchema): string {
  const kinds: Readonly<Record<string, string>> = {
    string: "text",
    integer: "a whole number of 0 or more",
    boolean: "true or false",
    array: "a list",
    object: "an object",
  };
  return kinds[String(schema["type"])] ?? "of another kind";
}
