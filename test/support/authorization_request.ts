/** Authorization requests for tests of the pure checks. */
import {
  checkAuthorizationRequest,
  checkDestination,
  type RequestingClient,
  readAuthorizationParameters,
} from "../../src/protocol/authorization_request.ts";
import type { ErrorCode } from "../../src/protocol/catalogue.ts";
import { type ClientMetadata, clientView } from "../../src/protocol/client_metadata.ts";
import { OAuthError } from "../../src/protocol/oauth_error.ts";

/** The redirect URI of the ordinary client. */
export const CALLBACK = "https://app.example/callback";
/** The challenge of RFC 7636 Appendix B. */
export const CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/** A client `c` for `openid email`, with what a test adds. */
export function client(metadata: ClientMetadata = {}): RequestingClient {
  const full = { redirect_uris: [CALLBACK], scope: "openid email", ...metadata };
  return { id: "c", metadata: full, ...clientView(full) };
}

const ORDINARY = {
  response_type: "code",
  client_id: "c",
  redirect_uri: CALLBACK,
  scope: "openid",
} as const;

/** Parameters beside the ordinary ones; undefined leaves one out. */
export type Query = Readonly<Record<string, string | undefined>>;

/** An ordinary request as a query. */
export function encode(query: Query): string {
  const pairs = Object.entries({ ...ORDINARY, ...query });
  const given = pairs.flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, value]],
  );
  return new URLSearchParams(given).toString();
}

/** Checks a whole request; throws its refusal. */
export function check(query: Query = {}, metadata: ClientMetadata = {}, hintedSubject?: string) {
  const { params, fault } = readAuthorizationParameters(encode(query));
  const destination = checkDestination(params, client(metadata));
  if (fault) throw fault;
  return checkAuthorizationRequest(params, client(metadata), { destination, hintedSubject });
}

/** The row that a request is refused by, and the parameter it names. */
export function refusal(run: () => unknown): [ErrorCode | undefined, string | undefined] {
  try {
    run();
  } catch (error) {
    if (error instanceof OAuthError) return [error.code, error.parameter];
    throw error;
  }
  return [undefined, undefined];
}
