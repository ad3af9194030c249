/**
 * JSON bodies of the UMA protection API, in both families of names (idserver.md A.8; UMA 2.0
 * Federated Authorization §3, §4). Members that are not known are ignored, null is absent.
 */
import { type Static, type TSchema, Type as t } from "@sinclair/typebox";
import { TypeCompiler } from "@sinclair/typebox/compiler";
import { malformedParameter, OAuthError } from "./oauth_error.ts";
import {
  isResourceScope,
  PERMISSIONS_MAX,
  type Permission,
  RESOURCE_SCOPE_LENGTH_MAX,
  RESOURCE_SCOPES_MAX,
} from "./permission.ts";
import { REDIRECT_URI_LENGTH_MAX, redirectUriFault } from "./redirect_uri.ts";

/** Whose names a body has: the first seed's (`scopes`), or UMA 2.0's (`resource_scopes`). */
export type NameFamily = "seed" | "uma2";

/** Most entries that one page of a list of ids has. */
export const PAGE_MAX = 1_000;

/** Most entries that a search answers: it tells them whole, and each may be as long as a body. */
export const SEARCH_MAX = 100;

/** Farthest entry that a page may begin at. */
const START_MAX = 1_000_000;

/** Text for people: no control characters, and none that turn or hide what stands beside them. */
const VISIBLE =
  "^[^\\u0000-\\u001f\\u007f-\\u009f\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u2069\\ufeff]*$";
const text = (maxLength: number) => t.String({ maxLength, pattern: VISIBLE });
const id = text(255);
const ids = t.Array(id, { maxItems: 100 });
const scopes = t.Array(t.String({ maxLength: RESOURCE_SCOPE_LENGTH_MAX }), {
  maxItems: RESOURCE_SCOPES_MAX,
});
const uri = text(REDIRECT_URI_LENGTH_MAX);

/** A resource as it is registered; `scopes` or `resource_scopes` is needed. */
export const ResourceBodySchema = t.Object({
  _id: t.Optional(id),
  name: t.Optional(text(200)),
  type: t.Optional(text(255)),
  uri: t.Optional(uri),
  icon_uri: t.Optional(uri),
  description: t.Optional(text(2_000)),
  scopes: t.Optional(scopes),
  resource_scopes: t.Optional(scopes),
  owner: t.Optional(id),
});

/** One permission that a ticket is asked for. */
export const PermissionBodySchema = t.Object({
  resource_set_id: t.Optional(id),
  scopes: t.Optional(scopes),
  resource_id: t.Optional(id),
  resource_scopes: t.Optional(scopes),
});

const page = {
  start_index: t.Optional(t.Integer({ minimum: 0, maximum: START_MAX })),
  count: t.Optional(t.Integer({ minimum: 1, maximum: SEARCH_MAX })),
};

/** A search for resources. */
export const ResourceSearchSchema = t.Object({
  ids: t.Optional(ids),
  names: t.Optional(t.Array(text(200), { maxItems: 100 })),
  types: t.Optional(t.Array(text(255), { maxItems: 100 })),
  ...page,
});

/** A search for policies. */
export const PolicySearchSchema = t.Object({
  ids: t.Optional(ids),
  resource_ids: t.Optional(ids),
  resource_set_ids: t.Optional(ids),
  ...page,
});

/**
 * A body as an object without the members that are null, and nothing of what it inherits. Throws
 * `parameter_malformed` for what is no object.
 */
export function withoutNull(body: unknown): Readonly<Record<string, unknown>> {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw malformedParameter("body");
  }
  const known = Object.entries(body).filter(([, value]) => value !== null);
  return Object.fromEntries(known.filter(([name]) => name !== "__proto__"));
}

/** Compiles a schema into a check that names the first member at fault. Throws `parameter_malformed`. */
export function checkerOf<S extends TSchema>(schema: S): (body: unknown) => Static<S> {
  const compiled = TypeCompiler.Compile(schema);
  return (body) => {
    const value = withoutNull(body);
    if (compiled.Check(value)) return value;
    const path = compiled.Errors(value).First()?.path.slice(1) ?? "";
    throw malformedParameter(path.replaceAll("/", ".").slice(0, 128) || "body");
  };
}

/** The refusal of an absent or empty member, in the first seed's words. */
export function memberMissing(name: string): OAuthError {
  return new OAuthError("uma_member_missing", { values: [name], parameter: name });
}

/** What a resource server says of a resource. */
export interface ResourceBody {
  readonly family: NameFamily;
  readonly id: string | undefined;
  readonly owner: string | undefined;
  readonly described: {
    readonly name: string;
    readonly type: string | null;
    readonly uri: string | null;
    readonly iconUri: string | null;
    readonly description: string | null;
    readonly scopes: readonly string[];
  };
}

const checkResource = checkerOf(ResourceBodySchema);

/**
 * Reads a resource. In the first seed's names it needs a name and scopes; UMA 2.0 needs the list of
 * scopes, which may be empty. Throws `uma_member_missing`, `uma_url_malformed`, `parameter_malformed`.
 */
export function readResource(body: unknown): ResourceBody {
  const given = checkResource(body);
  const { name = "", type = null, uri = null, icon_uri: iconUri = null } = given;
  const { family, scopes } = readScopes(given);
  if (family === "seed" && name.trim() === "") throw memberMissing("name");
  if (scopes === undefined) throw memberMissing("scopes");
  if (family === "seed" && scopes.length === 0) throw memberMissing("scopes");
  for (const [member, value] of [
    ["icon_uri", iconUri],
    ["uri", uri],
  ] as const) {
    if (value !== null && redirectUriFault(value) !== undefined) {
      throw new OAuthError("uma_url_malformed", { values: [member], parameter: member });
    }
  }
  const { _id: id, owner, description = null } = given;
  const described = { name: name.trim(), type, uri, iconUri, description, scopes };
  return { family, id, owner, described };
}

/** Scopes under either name, each once. Throws `parameter_malformed` for both names at once. */
function readScopes(given: {
  readonly scopes?: readonly string[];
  readonly resource_scopes?: readonly string[];
}): { readonly family: NameFamily; readonly scopes: readonly string[] | undefined } {
  const { scopes, resource_scopes: resourceScopes } = given;
  if (scopes !== undefined && resourceScopes !== undefined) {
    throw malformedParameter("resource_scopes");
  }
  const named = scopes ?? resourceScopes;
  const member = resourceScopes === undefined ? "scopes" : "resource_scopes";
  if (named?.some((scope) => !isResourceScope(scope))) throw malformedParameter(member);
  return {
    family: resourceScopes === undefined ? "seed" : "uma2",
    scopes: named && [...new Set(named)],
  };
}

const checkPermission = checkerOf(PermissionBodySchema);

/** The permissions that a ticket is asked for, and the names in which it is answered. */
export interface PermissionBody {
  readonly family: NameFamily;
  readonly permissions: readonly Permission[];
}

/**
 * Reads one permission or a list of them, all in the same names. UMA 2.0 lets a list of scopes be
 * empty, where the client brings its own. Throws `uma_member_missing`, `parameter_malformed`.
 */
export function readPermissions(body: unknown): PermissionBody {
  const list = Array.isArray(body) ? body : [body];
  if (list.length === 0) throw memberMissing("resource_set_id");
  if (list.length > PERMISSIONS_MAX) throw malformedParameter("body");
  const read = list.map(readPermission);
  const family = read[0]?.family ?? "seed";
  if (read.some((one) => one.family !== family)) throw malformedParameter("body");
  return { family, permissions: read.map(({ permission }) => permission) };
}

function readPermission(body: unknown) {
  const given = checkPermission(body);
  const isUma2 = given.resource_id !== undefined || given.resource_scopes !== undefined;
  const family: NameFamily = isUma2 ? "uma2" : "seed";
  const names = isUma2
    ? (["resource_id", "resource_scopes"] as const)
    : (["resource_set_id", "scopes"] as const);
  const resourceId = given[names[0]] ?? "";
  const scopes = given[names[1]];
  if (resourceId.trim() === "") throw memberMissing(names[0]);
  if (scopes === undefined || (!isUma2 && scopes.length === 0)) throw memberMissing(names[1]);
  return { family, permission: { resourceId, scopes: [...new Set(scopes)] } };
}
