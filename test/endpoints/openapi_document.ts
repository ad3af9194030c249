/** The OpenAPI document as its tests read it. */
import { expect } from "bun:test";
import type { TestServer } from "../support/server.ts";

/** A schema, as far as our document uses the language. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly example?: unknown;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly maxLength?: number;
  readonly oneOf?: readonly Schema[];
  readonly discriminator?: { readonly propertyName: string; readonly mapping: Dictionary<string> };
  readonly additionalProperties?: unknown;
}

type Dictionary<T> = Readonly<Record<string, T>>;

/** A body in one media type. */
export interface Media {
  readonly schema: Schema;
  readonly examples?: Dictionary<{ readonly value: unknown }>;
}

/** One method of one path. */
export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly security?: readonly Dictionary<unknown>[];
  readonly requestBody?: { readonly required: boolean; readonly content: Dictionary<Media> };
  readonly responses: Dictionary<{
    readonly description: string;
    readonly headers?: Dictionary<unknown>;
    readonly content?: Dictionary<Media>;
  }>;
}

/** The whole document. */
export interface Document {
  readonly openapi: string;
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Dictionary<Dictionary<Operation>>;
  readonly components: {
    readonly schemas: Dictionary<Schema>;
    readonly securitySchemes: Dictionary<Dictionary<unknown>>;
  };
}

/** Media type of every request body. */
export const FORM = "application/x-www-form-urlencoded";

/** The document of a server. */
export async function documentOf(server: TestServer): Promise<Document> {
  return (await (await server.get("/docs/json")).json()) as Document;
}

/** The operation that answers a method on a path. Throws when there is none. */
export function operationOf(document: Document, method: string, path: string): Operation {
  const operation = document.paths[path]?.[method.toLowerCase()];
  if (!operation) throw new TypeError(`${method} ${path} is not documented`);
  return operation;
}

/** Every operation as method, path and itself. */
export function operationsOf(
  document: Document,
): readonly (readonly [string, string, Operation])[] {
  return Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(
      ([method, operation]) => [method.toUpperCase(), path, operation] as const,
    ),
  );
}

/** One example of an answer, and where it stands. */
export interface Example {
  readonly at: string;
  readonly status: number;
  readonly name: string;
  readonly schema: Schema;
  readonly value: unknown;
}

/** Every example of every answer of a document, or of one operation of it. */
export function examplesOf(operations: readonly (readonly [string, string, Operation])[]) {
  return operations.flatMap(([method, path, { responses }]) =>
    Object.entries(responses).flatMap(([status, { content = {} }]) =>
      Object.values(content).flatMap(({ schema, examples = {} }) =>
        Object.entries(examples).map(
          ([name, { value }]): Example => ({
            at: `${method} ${path} ${status} ${name}`,
            status: Number(status),
            name,
            schema,
            value,
          }),
        ),
      ),
    ),
  );
}

/** The schemas that a request body may follow: the variants of a `oneOf`, or the one schema. */
export function variantsOf(document: Document, operation: Operation): readonly Schema[] {
  const schema = operation.requestBody?.content[FORM]?.schema ?? {};
  return (schema.oneOf ?? [schema]).map((variant) => resolve(document, variant));
}

/** What a schema points to. */
export function resolve(document: Document, schema: Schema): Schema {
  if (schema.$ref === undefined) return schema;
  const name = schema.$ref.replace("#/components/schemas/", "");
  const target = document.components.schemas[name];
  if (!target) throw new TypeError(`${schema.$ref} leads nowhere`);
  return target;
}

/** What is wrong with a value by a schema: members that are missing, unknown or of another type. */
export function faultsOf(
  document: Document,
  { schema, value, at = "body" }: { schema: Schema; value: unknown; at?: string },
): readonly string[] {
  const { type, oneOf, enum: values, ...rest } = resolve(document, schema);
  if (oneOf) {
    const fits = oneOf.filter((one) => faultsOf(document, { schema: one, value, at }).length === 0);
    return fits.length === 1 ? [] : [`${at} fits ${fits.length} variants`];
  }
  if (values && !values.includes(value)) return [`${at} is ${String(value)}`];
  if (type === "array") {
    if (!Array.isArray(value)) return [`${at} is no array`];
    const items = rest.items ?? {};
    return value.flatMap((item, index) =>
      faultsOf(document, { schema: items, value: item, at: `${at}[${index}]` }),
    );
  }
  if (type === "object") return faultsOfObject(document, { schema: rest, value, at });
  const types: Readonly<Record<string, boolean>> = {
    string: typeof value === "string",
    boolean: typeof value === "boolean",
    integer: Number.isInteger(value),
  };
  return types[type ?? ""] === true ? [] : [`${at} is no ${type}`];
}

function faultsOfObject(
  document: Document,
  { schema, value, at }: { schema: Schema; value: unknown; at: string },
): readonly string[] {
  if (typeof value !== "object" || value === null) return [`${at} is no object`];
  const { properties = {}, required = [], additionalProperties } = schema;
  const missing = required.filter((name) => !Object.hasOwn(value, name));
  return [
    ...missing.map((name) => `${at}.${name} is missing`),
    ...Object.entries(value).flatMap(([name, member]) => {
      const own = properties[name];
      if (own) return faultsOf(document, { schema: own, value: member, at: `${at}.${name}` });
      if (typeof additionalProperties === "object" && additionalProperties !== null) {
        const schema: Schema = additionalProperties;
        return faultsOf(document, { schema, value: member, at: `${at}.${name}` });
      }
      return additionalProperties === true ? [] : [`${at}.${name} is not documented`];
    }),
  ];
}

/** Expects the document to foresee an answer: its status, its body, and which error it is. */
export async function expectForeseen(
  document: Document,
  response: Response,
  operation: string,
): Promise<void> {
  const [method = "", path = ""] = operation.split(" ");
  const foreseen = operationOf(document, method, path).responses[response.status];
  expect(foreseen, `${operation} ${response.status}`).toBeDefined();
  for (const name of Object.keys(foreseen?.headers ?? {})) {
    if (name === "Cache-Control" || name === "Allow") expect(response.headers.has(name)).toBe(true);
  }
  const text = await response.text();
  if (!foreseen?.content) return expect(text).toBe("");
  const sent = response.headers.get("content-type") ?? "";
  const type = Object.keys(foreseen.content).find((each) =>
    sent.startsWith(each.split(";")[0] ?? ""),
  );
  expect(type, `${operation} ${response.status} ${sent}`).toBeDefined();
  if (type === undefined) return;
  const { schema = {}, examples = {} } = foreseen.content[type] ?? {};
  if (type !== "application/json") return expect(text.length).toBeGreaterThan(100);
  const value = JSON.parse(text);
  expect(faultsOf(document, { schema, value })).toEqual([]);
  const { error_uri } = value as { error_uri?: string };
  if (error_uri !== undefined) {
    expect(Object.keys(examples)).toContain(error_uri.split("/").pop() ?? "");
  }
}
