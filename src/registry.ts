import { FormatRegistry } from "@sinclair/typebox";
import { TypeCompiler } from "@sinclair/typebox/compiler";
import type { Static } from "elysia";
import type { ClientAuthMethod, Delivery, Grant, ObjectSchema, Plugin } from "./contracts.ts";
import type { Params } from "./protocol/form.ts";
import type { Capabilities } from "./protocol/metadata_faults.ts";
import { malformedParameter, missingParameter, OAuthError } from "./protocol/oauth_error.ts";
import { isAbsoluteUri } from "./protocol/redirect_uri.ts";

/** A grant with its schema compiled. */
export interface RegisteredGrant {
  readonly grant: Grant;
  /** Every value of `grant_type` that means it. */
  readonly names: readonly string[];
  /** Throws the row of the first parameter that is missing or malformed, never its value. */
  readonly parse: (params: Params) => Static<ObjectSchema>;
}

/** Everything the plugins contributed. Immutable after start-up. */
export interface Registry {
  readonly plugins: readonly Plugin[];
  readonly grants: ReadonlyMap<string, RegisteredGrant>;
  readonly clientAuth: ReadonlyMap<string, ClientAuthMethod>;
  readonly deliveries: readonly Delivery[];
  /** Names of all parameters that client authentication reads. */
  readonly clientAuthParameters: ReadonlySet<string>;
  /** Throws `parameter_malformed` for a client authentication parameter outside its schema. */
  readonly checkClientAuth: (params: Params) => void;
  /** Names of all parameters that the token endpoint reads. */
  readonly tokenParameters: ReadonlySet<string>;
  /** What clients can be registered for. */
  readonly capabilities: Capabilities;
  /** The grant that a token request names. Throws `grant_type_missing` or `grant_type_unsupported`. */
  readonly grantOf: (params: Params) => RegisteredGrant;
}

/** String formats that parameter schemas may name; `password` only tells documents to hide the value. */
FormatRegistry.Set("absolute-uri", isAbsoluteUri);
FormatRegistry.Set("password", () => true);

/** Parameters of every grant; `resource` asks for a protected resource (RFC 8707 §2). */
const SHARED_TOKEN_PARAMETERS = ["grant_type", "resource"];

/** Collects contributions. Two plugins claiming one name is a start-up error, not last-one-wins. */
export function createRegistry(plugins: readonly Plugin[]): Registry {
  const names = new Map<string, Plugin>();
  const grants = new Map<string, RegisteredGrant>();
  const clientAuth = new Map<string, ClientAuthMethod>();
  const deliveries = new Map<string, Delivery>();
  for (const plugin of plugins) {
    put(names, plugin.name, plugin);
    for (const grant of plugin.grants ?? []) putGrant(grants, grant);
    for (const method of plugin.clientAuth ?? []) put(clientAuth, method.name, method);
    for (const delivery of plugin.deliveries ?? []) put(deliveries, delivery.addressType, delivery);
  }
  const clientAuthParameters = new Set(
    [...clientAuth.values()].flatMap((method) => Object.keys(method.params.properties)),
  );
  const grantParameters = [...grants.values()].flatMap(({ grant }) =>
    Object.keys(grant.params.properties),
  );
  return {
    plugins,
    grants,
    clientAuth,
    deliveries: [...deliveries.values()],
    clientAuthParameters,
    checkClientAuth: checkerOf([...clientAuth.values()]),
    tokenParameters: new Set([
      ...SHARED_TOKEN_PARAMETERS,
      ...clientAuthParameters,
      ...grantParameters,
    ]),
    capabilities: {
      grantTypes: new Map([...grants].map(([name, { grant }]) => [name, grant])),
      authMethods: new Set(clientAuth.keys()),
    },
    grantOf(params) {
      const grantType = params.get("grant_type");
      if (grantType === undefined) throw missingParameter("grant_type");
      const registered = grants.get(grantType);
      if (!registered) throw new OAuthError("grant_type_unsupported");
      return registered;
    },
  };
}

/** Compiles a schema into a parser of form parameters; what the schema does not name is ignored. */
export function parserOf<S extends ObjectSchema>(schema: S): (params: Params) => Static<S> {
  const compiled = TypeCompiler.Compile(schema);
  const names = Object.keys(schema.properties);
  return (params) => {
    const value = Object.fromEntries(
      names.flatMap((name) => (params.has(name) ? [[name, params.get(name)]] : [])),
    );
    if (compiled.Check(value)) return value;
    const name = compiled.Errors(value).First()?.path.slice(1) ?? "";
    throw params.has(name) ? malformedParameter(name) : missingParameter(name);
  };
}

/** Judges what is there of the methods' parameters; which of them a request needs is theirs to say. */
function checkerOf(methods: readonly ClientAuthMethod[]): (params: Params) => void {
  const checks = methods.flatMap(({ params }) =>
    Object.entries(params.properties).map(
      ([name, schema]) => [name, TypeCompiler.Compile(schema)] as const,
    ),
  );
  return (params) => {
    for (const [name, schema] of checks) {
      if (params.has(name) && !schema.Check(params.get(name))) throw malformedParameter(name);
    }
  };
}

function putGrant(grants: Map<string, RegisteredGrant>, grant: Grant): void {
  const names = [grant.grantType, ...(grant.aliases ?? [])];
  const registered = { grant, names, parse: parserOf(grant.params) };
  for (const name of names) put(grants, name, registered);
}

function put<V>(map: Map<string, V>, name: string, value: V): void {
  if (map.has(name)) throw new TypeError(`Two plugins register "${name}"`);
  map.set(name, value);
}
