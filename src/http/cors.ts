import type { Services } from "../services/services.ts";

/** Answers without secrets of a browser: any page may read them, and none sends cookies along. */
const OPEN_TO_ALL = [/^\/\.well-known\//, /^\/jwks$/, /^\/register(\/|$)/];

/** Endpoints that browser apps of registered clients call. */
const OPEN_TO_CLIENTS = [/^\/token$/, /^\/token\/revoke$/, /^\/userinfo$/, /^\/par$/];

/** What a preflight may ask for. */
const PREFLIGHT = {
  "Access-Control-Allow-Methods": "GET, POST, PUT, DELETE",
  "Access-Control-Allow-Headers": "Authorization, Content-Type, DPoP, MCP-Protocol-Version",
  "Access-Control-Max-Age": "600",
} as const;

/** Origins of the client that a request names, noted while it is answered. */
const allowed = new WeakMap<Request, readonly string[]>();

/** Notes which origins may read the answer to this request: those of the client it names. */
export function allowOrigins(request: Request, origins: readonly string[]): void {
  allowed.set(request, origins);
}

/**
 * The answer to a CORS preflight; undefined when the request is none, or to another endpoint. A
 * preflight names no client, so that it passes for the origin of any (issue 3, line 7).
 */
export async function answerPreflight(
  request: Request,
  { store }: Services,
): Promise<Response | undefined> {
  const origin = request.headers.get("origin");
  const asks = request.headers.has("access-control-request-method");
  if (request.method !== "OPTIONS" || origin === null || !asks) return undefined;
  const { pathname } = new URL(request.url);
  if (matchesAny(OPEN_TO_ALL, pathname)) return preflight("*");
  if (!matchesAny(OPEN_TO_CLIENTS, pathname)) return undefined;
  const known = isWebOrigin(origin) && (await store.isClientOrigin(origin));
  return known ? preflight(origin) : new Response(null, { status: 204, headers: VARY });
}

/**
 * The response with what lets a page read it. A reflected origin never comes with credentials
 * allowed, and the opaque origin `null` is nobody's (attack 81).
 */
export function withCors(request: Request, response: Response): Response {
  const origin = request.headers.get("origin");
  const { pathname } = new URL(request.url);
  if (matchesAny(OPEN_TO_ALL, pathname)) {
    response.headers.set("Access-Control-Allow-Origin", "*");
  } else if (origin !== null && matchesAny(OPEN_TO_CLIENTS, pathname)) {
    response.headers.append("Vary", "Origin");
    if (isWebOrigin(origin) && allowed.get(request)?.includes(origin)) {
      response.headers.set("Access-Control-Allow-Origin", origin);
      response.headers.set(
        "Access-Control-Expose-Headers",
        "WWW-Authenticate, Retry-After, DPoP-Nonce",
      );
    }
  }
  return response;
}

const VARY = { Vary: "Origin" } as const;

function preflight(origin: string): Response {
  return new Response(null, {
    status: 204,
    headers: { ...VARY, ...PREFLIGHT, "Access-Control-Allow-Origin": origin },
  });
}

function isWebOrigin(origin: string): boolean {
  return /^https?:\/\/[^/]+$/.test(origin);
}

function matchesAny(patterns: readonly RegExp[], pathname: string): boolean {
  return patterns.some((pattern) => pattern.test(pathname));
}
