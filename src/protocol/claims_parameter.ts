import type { ClaimRequest, ClaimsRequest } from "./authorization_types.ts";
import { malformedParameter } from "./oauth_error.ts";

/** Most claims that one member may ask for, and most values that one claim may name. */
const ENTRIES_MAX = 50;

/** Names that reach into the prototype of an ordinary object; no claim has one. */
const RESERVED = new Set(["__proto__", "constructor", "prototype"]);

/**
 * Reads the `claims` parameter (OpenID Connect Core §5.5): JSON whose members `userinfo` and
 * `id_token` ask for single claims. What the specification does not name is left out. Throws
 * `parameter_malformed`.
 */
export function parseClaims(text: string): ClaimsRequest {
  const members = objectOf(parseJson(text));
  return {
    ...(members["userinfo"] != null && { userinfo: claimsOf(members["userinfo"]) }),
    ...(members["id_token"] != null && { id_token: claimsOf(members["id_token"]) }),
  };
}

/** The text in which `sub` is asked for with one value: nobody else may answer (§5.5.1). */
export function subjectOfClaims(claims: ClaimsRequest | undefined): string | undefined {
  const value = claims?.id_token?.["sub"]?.value;
  return typeof value === "string" ? value : undefined;
}

/** The values of `acr` that the client cannot do without (§5.5.1.1); undefined when it can. */
export function essentialAcr(claims: ClaimsRequest | undefined): readonly unknown[] | undefined {
  const acr = claims?.id_token?.["acr"];
  if (acr?.essential !== true) return undefined;
  return acr.values ?? (acr.value === undefined ? undefined : [acr.value]);
}

function claimsOf(value: unknown): Readonly<Record<string, ClaimRequest | null>> {
  const entries = Object.entries(objectOf(value));
  if (entries.length > ENTRIES_MAX) throw malformed();
  return Object.fromEntries(entries.map(([name, wish]) => [claimName(name), wishOf(wish)]));
}

function claimName(name: string): string {
  if (RESERVED.has(name) || !/^[\x21-\x7E]{1,255}$/.test(name)) throw malformed();
  return name;
}

function wishOf(value: unknown): ClaimRequest | null {
  if (value === null) return null;
  const { essential, value: one, values } = objectOf(value);
  if (essential !== undefined && typeof essential !== "boolean") throw malformed();
  if (values !== undefined && !(Array.isArray(values) && values.length <= ENTRIES_MAX)) {
    throw malformed();
  }
  return {
    ...(essential !== undefined && { essential }),
    ...(isScalar(one) && { value: one }),
    ...(values !== undefined && { values: values.filter(isScalar) }),
  };
}

function isScalar(value: unknown): value is string | number | boolean {
  return ["string", "number", "boolean"].includes(typeof value);
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw malformed();
  return { ...value };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw malformed();
  }
}

const malformed = () => malformedParameter("claims");
