import { type TSchema, Type as t } from "@sinclair/typebox";
import { type Operation, publicOperation } from "../../http/form_docs.ts";
import { ADDRESS_VALUE_LENGTH_MAX } from "../../protocol/address.ts";
import type { ErrorCode } from "../../protocol/catalogue.ts";
import { ADDRESS_EXAMPLES } from "./schemas.ts";

/** Rows of whatever reads or writes the store. */
export const STORE_ERRORS: readonly ErrorCode[] = [
  "store_read_failed",
  "store_write_failed",
  "store_timed_out",
];

/** A parameter in the path, of a pattern. */
export function pathParameter(name: string, description: string, pattern: string) {
  const schema = { type: "string" as const, pattern };
  return { name, in: "path", required: true, description, schema };
}

/** What an endpoint of the protocol says of itself. */
export type Described = Omit<Operation, "tag">;

/** An operation of the Challenger protocol. */
export function operationOf(issuer: string, operation: Described) {
  return publicOperation(issuer, { ...operation, tag: "Challenger" });
}

/** An operation whose answer of a status may come in further media types, as texts. */
export function withTexts<
  T extends { readonly responses: Readonly<Record<string, { readonly content?: object }>> },
>(operation: T, status: number, mediaTypes: readonly string[]): T {
  const response = operation.responses[status];
  const more = Object.fromEntries(mediaTypes.map((type) => [type, { schema: { type: "string" } }]));
  const content = { ...response?.content, ...more };
  return {
    ...operation,
    responses: { ...operation.responses, [status]: { ...response, content } },
  };
}

/** One field of an address in a form or an object. */
export function addressField(name: string): TSchema {
  const examples = [ADDRESS_EXAMPLES[name] ?? ""];
  return t.String({ maxLength: ADDRESS_VALUE_LENGTH_MAX, examples });
}
