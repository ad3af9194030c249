/** What tests and embedders import: a server is a function from `Request` to `Response`. */
import { type AnyElysia, Elysia, ParseError, ValidationError } from "elysia";
import type { Plugin } from "./contracts.ts";
import { accountEndpoint } from "./endpoints/account.ts";
import { accountResourcesEndpoint } from "./endpoints/account_resources.ts";
import { assetsEndpoint } from "./endpoints/assets.ts";
import { authorizationEndpoint } from "./endpoints/authorization.ts";
import { confirmationEndpoint } from "./endpoints/confirmation.ts";
import { consentEndpoint } from "./endpoints/consent.ts";
import { discoveryEndpoint } from "./endpoints/discovery.ts";
import { docsEndpoint } from "./endpoints/docs.ts";
import { endSessionEndpoint } from "./endpoints/end_session.ts";
import { healthEndpoint } from "./endpoints/health.ts";
import { introspectionEndpoint } from "./endpoints/introspection.ts";
import { loginEndpoint } from "./endpoints/login.ts";
import { pushedAuthorizationEndpoint } from "./endpoints/pushed_authorization.ts";
import { registrationEndpoint } from "./endpoints/registration.ts";
import { revocationEndpoint } from "./endpoints/revocation.ts";
import { mountedTokenEndpoint, tokenEndpoint } from "./endpoints/token.ts";
import { userinfoEndpoint } from "./endpoints/userinfo.ts";
import type { Context } from "./http/context.ts";
import { answerPreflight, withCors } from "./http/cors.ts";
import { rememberMethod, withNonce } from "./http/dpop.ts";
import { answerError } from "./http/errors.ts";
import { type Peer, rememberPeer } from "./http/peer.ts";
import { malformedParameter, missingParameter, OAuthError } from "./protocol/oauth_error.ts";
import { METADATA_PATHS } from "./protocol/server_metadata.ts";
import { UMA_METADATA_PATH } from "./protocol/uma_metadata.ts";
import { createRegistry, type Registry } from "./registry.ts";
import type { Services } from "./services/services.ts";

/** What embedders need beside {@linkcode createServer}: its plugins, its services and their parts. */
export { core } from "./plugins/core.ts";
export { uma } from "./plugins/uma/plugin.ts";
export { createServerSecret, type ServerSecret } from "./services/server_secret.ts";
export { openServices, type ServiceParts, type Services } from "./services/services.ts";
export { openStore } from "./store/open.ts";
export type { Store } from "./store/store.ts";

/** The endpoints of OAuth 2 and OpenID Connect; a plugin that stands alone has none of them beside it. */
const ENDPOINTS: readonly ((context: Context) => AnyElysia)[] = [
  tokenEndpoint,
  revocationEndpoint,
  introspectionEndpoint,
  authorizationEndpoint,
  pushedAuthorizationEndpoint,
  loginEndpoint,
  consentEndpoint,
  accountEndpoint,
  confirmationEndpoint,
  registrationEndpoint,
  discoveryEndpoint,
  userinfoEndpoint,
  endSessionEndpoint,
];

/** What every server has: assets of its pages, operations, documents. */
const COMMON_ENDPOINTS: readonly ((context: Context) => AnyElysia)[] = [
  assetsEndpoint,
  healthEndpoint,
  docsEndpoint,
];

/** What the account page leads to, where plugins have something to show there. */
function accountEndpoints({ accountParts }: Registry): typeof ENDPOINTS {
  return accountParts.has("resources") ? [accountResourcesEndpoint] : [];
}

/** As much of the path to a malformed member as is named, in characters. */
const PATH_LENGTH_MAX = 128;

/** A server that nobody listens for yet. */
export interface Server {
  readonly registry: Registry;
  /** Answers a request; `peer` is who sent it, as far as the listener knows. Never throws. */
  handle(request: Request, peer?: Peer): Promise<Response>;
  /** Refuses new requests from now on, and resolves when the open ones are answered or time is up. */
  drain(): Promise<void>;
}

/** Builds a server out of plugins. Throws `TypeError` when two of them claim one name or route. */
export function createServer(plugins: readonly Plugin[], given: Services): Server {
  const registry = createRegistry(plugins, given.settings);
  const services = { ...given, carriers: registry.deliveries };
  const context = { registry, services };
  const root = new URL(services.issuer).pathname.replace(/\/$/, "");
  const alone = plugins.filter(({ standsAlone }) => standsAlone === true);
  const endpoints = alone.length > 0 ? [] : [...ENDPOINTS, ...accountEndpoints(registry)];
  const app: AnyElysia = new Elysia({ strictPath: true })
    .onError(({ code, error, request }) => {
      const thrown = code === "NOT_FOUND" ? notFound(app, request) : ownRefusal(error);
      return answerError(thrown, request, services);
    })
    .use([...endpoints, ...COMMON_ENDPOINTS].map((endpoint) => endpoint(context)));
  for (const plugin of alone.length > 0 ? alone : plugins) mount(app, plugin, context);

  let open = 0;
  let draining = false;
  return {
    registry,
    async handle(request, peer) {
      const routed = routable(request, root);
      rememberPeer(routed, peer);
      rememberMethod(routed, request.method);
      const alive = new URL(routed.url).pathname === "/health/live";
      if (draining && !alive) return answerError(new OAuthError("draining"), routed, services);
      open += 1;
      try {
        const preflight = await answerPreflight(routed, services);
        const response =
          preflight ?? withCors(routed, withNonce(routed, await app.handle(routed), services));
        return request.method === "HEAD" ? new Response(null, response) : response;
      } finally {
        open -= 1;
      }
    },
    async drain() {
      draining = true;
      const deadline = performance.now() + services.settings.drainSeconds * 1000;
      while (open > 0 && performance.now() < deadline) await Bun.sleep(10);
      await services.audit.flush();
    },
  };
}

/**
 * The request as the router needs it: without the issuer's own path, whether or not a proxy has
 * removed it; HEAD as GET; and with a host that cannot change what the path is. Bun gives a bare
 * path as URL when `Host` is absent or nonsense, and Elysia looks for the path only after the
 * eleventh character.
 */
function routable(request: Request, root: string): Request {
  const { pathname, search } = new URL(request.url, "http://localhost");
  const mounted = mountedPath(pathname, root);
  const ordinary = request.url.indexOf("/", 8) >= 11 && request.url.startsWith("http");
  if (ordinary && mounted === pathname && request.method !== "HEAD") return request;
  const url = `http://localhost${mounted}${search}`;
  return request.method === "HEAD"
    ? new Request(url, { method: "GET", headers: request.headers })
    : new Request(url, request);
}

/** The path without the issuer's own, also where the well-known document carries it behind (RFC 8414 §3.1). */
function mountedPath(pathname: string, root: string): string {
  if (root === "") return pathname;
  const document = [...METADATA_PATHS, UMA_METADATA_PATH].find(
    (known) => pathname === known + root,
  );
  if (document !== undefined) return document;
  return pathname.startsWith(`${root}/`) ? pathname.slice(root.length) : pathname;
}

/** Adds a plugin's routes; one that is taken would answer instead of ours without a word. */
function mount(app: AnyElysia, plugin: Plugin, { services, registry }: Context): void {
  const mounted = registry.mounts.find(({ mount }) => mount === plugin.tokenMount);
  const all = [
    ...(mounted ? [mountedTokenEndpoint(mounted, { services })] : []),
    ...(plugin.routes ? [plugin.routes(services, registry)] : []),
  ];
  for (const own of all) {
    const taken = new Set(app.routes.map(({ method, path }) => `${method} ${path}`));
    for (const { method, path } of own.routes) {
      const route = `${method} ${path}`;
      if (taken.has(route)) {
        throw new TypeError(`Plugin "${plugin.name}" registers "${route}" again`);
      }
    }
    app.use(own);
  }
}

/** 405 with `Allow` where the path exists for other methods, else 404 (decisions D2). */
function notFound(app: AnyElysia, request: Request): OAuthError {
  const { pathname } = new URL(request.url);
  const methods = app.routes
    .filter(({ path }) => matches(path, pathname))
    .map(({ method }) => method);
  if (methods.length === 0) return new OAuthError("endpoint_unknown");
  const allow = [...new Set(methods.flatMap((m) => (m === "GET" ? ["GET", "HEAD"] : [m])))];
  return new OAuthError("method_invalid", { headers: { Allow: allow.join(", ") } });
}

/** What Elysia's parser and validator refuse, in our words: theirs repeat the request's values. */
function ownRefusal(error: unknown): unknown {
  if (error instanceof ParseError) return new OAuthError("json_malformed");
  if (!(error instanceof ValidationError) || error.type === "response") return error;
  const { path = "", value } = error.valueError ?? {};
  const name = path.slice(1, PATH_LENGTH_MAX).replaceAll("/", ".") || error.type;
  return value === undefined ? missingParameter(name) : malformedParameter(name);
}

function matches(pattern: string, pathname: string): boolean {
  const [wanted, given] = [pattern.split("/"), pathname.split("/")];
  return (
    wanted.length === given.length &&
    wanted.every((part, index) => part.startsWith(":") || part === given[index])
  );
}
