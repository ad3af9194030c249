import { FormatRegistry } from "@sinclair/typebox";
import { TypeCompiler } from "@sinclair/typebox/compiler";
import type { Static } from "elysia";
import type {
  AccountPart,
  ClientAuthMethod,
  Delivery,
  Grant,
  ObjectSchema,
  Plugin,
  TokenMount,
} from "./contracts.ts";
import type { Params } from "./protocol/form.ts";
import type { Capabilities } from "./protocol/metadata_faults.ts";
import {
  type Dialect,
  malformedParameter,
  missingParameter,
  OAuthError,
} from "./protocol/oauth_error.ts";
import { isAbsoluteUri } from "./protocol/redirect_uri.ts";
import type { Settings } from "./protocol/settings.ts";

/** A grant with its schema compiled. */
export interface RegisteredGrant {
  readonly grant: Grant;
  /** Every value of `grant_type` that means it. */
  readonly names: readonly string[];
  /** Throws the row of the first parameter that is missing or malformed, never its value. */
  readonly parse: (params: Params) => Static<ObjectSchema>;
}

/** A grant by the one of its names that a request has. */
export interface NamedGrant extends RegisteredGrant {
  readonly grantType: string;
}

/** Everything the plugins contributed. Immutable after start-up. */
export interface Registry {
  readonly plugins: readonly Plugin[];
  readonly grants: ReadonlyMap<string, RegisteredGrant>;
  readonly clientAuth: ReadonlyMap<string, ClientAuthMethod>;
  readonly deliveries: readonly Delivery[];
  /** Parts of the account page that some plugin serves. */
  readonly accountParts: ReadonlySet<AccountPart>;
  /** Names of all parameters that client authentication reads. */
  readonly clientAuthParameters: ReadonlySet<string>;
  /** Throws `parameter_malformed` for a client authentication parameter outside its schema. */
  readonly checkClientAuth: (params: Params) => void;
  /** Names of all parameters that the token endpoint reads. */
  readonly tokenParameters: ReadonlySet<string>;
  /** What clients can be registered for. */
  readonly capabilities: Capabilities;
  /**
   * The grant that a token request names, as clients of the profile have it. Throws
   * `grant_type_missing` or `grant_type_unsupported`.
   */
  readonly grantOf: (params: Params, profile?: Dialect) => NamedGrant;
  /** Token endpoints of single profiles. */
  readonly mounts: readonly RegisteredMount[];
}

/** A token mount, and the registry as its requests see it: its grants and no others. */
export interface RegisteredMount {
  readonly mount: TokenMount;
  readonly registry: Registry;
}

/** String formats that parameter schemas may name; `password` only tells documents to hide the value. */
FormatRegistry.Set("absolute-uri", isAbsoluteUri);
FormatRegistry.Set("password", () => true);

/** Parameters of every grant; `resource` asks for a protected resource (RFC 8707 §2). */
const SHARED_TOKEN_PARAMETERS = ["grant_type", "resource"];

/** Collects contributions. Two plugins claiming one name is a start-up error, not last-one-wins. */
export function createRegistry(
  plugins: readonly Plugin[],
  { outgoingPrivateHosts: privateHosts }: Pick<Settings, "outgoingPrivateHosts">,
): Registry {
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
  const tokenMounts = plugins.flatMap(({ tokenMount }) => tokenMount ?? []);
  const ofProfile = new Map<Dialect, Grants>();
  for (const { profile, grants: own } of tokenMounts) put(ofProfile, profile, registered(own));
  const clientAuthParameters = new Set(
    [...clientAuth.values()].flatMap((method) => Object.keys(method.params.properties)),
  );
  const registry: Registry = {
    plugins,
    grants,
    clientAuth,
    deliveries: [...deliveries.values()],
    accountParts: new Set(plugins.flatMap(({ accountParts = [] }) => accountParts)),
    clientAuthParameters,
    checkClientAuth: checkerOf([...clientAuth.values()]),
    tokenParameters: tokenParametersOf(grants, clientAuthParameters),
    capabilities: {
      grantTypes: new Map([...grants].map(([name, { grant }]) => [name, grant])),
      authMethods: new Set(clientAuth.keys()),
      privateHosts,
    },
    grantOf: (params, profile) => chosenGrant(params, profile && ofProfile.get(profile), grants),
    mounts: [],
  };
  const mounts = tokenMounts.map((mount) => {
    const own = registered(mount.grants);
    const tokenParameters = tokenParametersOf(own, clientAuthParameters);
    const grantOf = (params: Params) => chosenGrant(params, own);
    return { mount, registry: { ...registry, grants: own, tokenParameters, grantOf } };
  });
  return { ...registry, mounts };
}

type Grants = ReadonlyMap<string, RegisteredGrant>;

function registered(grants: readonly Grant[]): Grants {
  const named = new Map<string, RegisteredGrant>();
  for (const grant of grants) putGrant(named, grant);
  return named;
}

/** Names of all parameters that a token endpoint with these grants reads. */
function tokenParametersOf(grants: Grants, clientAuth: ReadonlySet<string>): ReadonlySet<string> {
  const own = [...grants.values()].flatMap(({ grant }) => Object.keys(grant.params.properties));
  return new Set([...SHARED_TOKEN_PARAMETERS, ...clientAuth, ...own]);
}

/** The grant of the first list that has it. */
function chosenGrant(params: Params, ...lists: readonly (Grants | undefined)[]): NamedGrant {
  const grantType = params.get("grant_type");
  if (grantType === undefined) throw missingParameter("grant_type");
  const found = lists.map((grants) => grants?.get(grantType)).find((grant) => grant !== undefined);
  if (!found) throw new OAuthError("grant_type_unsupported");
  return { ...found, grantType };
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

function put<K extends string, V>(map: Map<K, V>, name: K, value: V): void {
  if (map.has(name)) throw new TypeError(`Two plugins register "${name}"`);
  map.set(name, value);
}
