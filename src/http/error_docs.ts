import { CATALOGUE, type CatalogueEntry, type ErrorCode } from "../protocol/catalogue.ts";
import { OAuthError } from "../protocol/oauth_error.ts";
import { errorBody, statusOf } from "./errors.ts";

/** Rows that every operation can answer with, whatever it does. */
export const COMMON_ERRORS: readonly ErrorCode[] = ["method_invalid", "fault", "draining"];

/** The statuses of a row: for whom they are is told by the circumstance. */
export interface RowStatuses {
  readonly oauth: number;
  /** When the client tried the `Authorization` header. */
  readonly triedHeader: number;
  /** For clients of the profile challenger. */
  readonly challenger: number;
}

/** Under which statuses a row is sent (decisions D2). */
export function statusesOf(code: ErrorCode): RowStatuses {
  const row: CatalogueEntry = CATALOGUE[code];
  return {
    oauth: statusOf(row, "oauth", false),
    triedHeader: statusOf(row, "oauth", true),
    challenger: statusOf(row, "challenger", false),
  };
}

/** A row as it might be thrown, with likely names in the place of its values. */
export function sampleError(code: ErrorCode): OAuthError {
  const values = SAMPLE_VALUES[code] ?? [];
  const [parameter] = NAMES_PARAMETER.test(code) ? values : [];
  return new OAuthError(code, { values, ...(parameter !== undefined && { parameter }) });
}

/** Rows whose first value is the parameter at fault. */
const NAMES_PARAMETER = /^(parameter_|client_metadata_refused$|uma_(member|url)_)/;

/** What fills the rows that have a place to fill; a test holds it to the catalogue. */
const SAMPLE_VALUES: Partial<Record<ErrorCode, readonly string[]>> = {
  parameter_missing: ["assertion"],
  parameter_malformed: ["scope"],
  parameter_repeated: ["scope"],
  parameter_in_url: ["client_secret"],
  client_without_secret: ["my-client"],
  client_unauthenticated: ["my_method"],
  client_public: ["my-client"],
  grant_type_refused: ["my-client", "password"],
  response_type_refused: ["my-client", "code"],
  caller_public: ["my-client"],
  scope_refused: ["admin"],
  scope_repeated: ["api1"],
  code_foreign: ["my-client"],
  dpop_proof_missing: ["my-client"],
  assertion_claim_incorrect: ["exp"],
  code_redirect_uri_unregistered: ["https://app.example/callback"],
  grant_unproven: ["urn:ietf:params:oauth:grant-type:jwt-bearer"],
  token_foreign: ["my-client"],
  confirmation_refused: ["my-client"],
  pkce_required: ["my-client"],
  bearer_scope_insufficient: ["openid"],
  redirect_uri_refused: ["redirect_uris", "must not have the scheme javascript:"],
  uma_member_missing: ["scopes"],
  uma_url_malformed: ["icon_uri"],
  uma_resource_set_invalid: ["019bc1a2-7c00-7000-8000-000000000000"],
  uma_resource_invalid: ["019bc1a2-7c00-7000-8000-000000000000"],
  uma_owner_refused: ["my-client"],
  client_metadata_refused: ["scope", "holds admin, which is not open to registration"],
};

/** OpenAPI responses by status, each with the rows that are sent under it as examples. */
export function errorResponses(codes: readonly ErrorCode[], issuer: string) {
  const byStatus = new Map<number, { oauth: ErrorCode[]; challenger: ErrorCode[] }>();
  for (const code of new Set([...codes, ...COMMON_ERRORS])) {
    const { oauth, triedHeader, challenger } = statusesOf(code);
    const ordinary = new Set([oauth, triedHeader]);
    for (const status of ordinary) at(byStatus, status).oauth.push(code);
    if (!ordinary.has(challenger)) at(byStatus, challenger).challenger.push(code);
  }
  return Object.fromEntries(
    [...byStatus]
      .sort(([a], [b]) => a - b)
      .map(([status, rows]) => [status, errorResponse(status, rows, issuer)]),
  );
}

/** Responses as an OpenAPI operation has them, by status. */
type Responses = Readonly<Record<string, { readonly content?: object }>>;

/** The operation of a page: for each refusal browsers get a page too, and programs the usual JSON. */
export function withErrorPages<T extends { readonly responses: Responses }>(operation: T): T {
  const pages = { "text/html": { schema: { type: "string" } } };
  const responses = Object.entries(operation.responses).map(([status, response]) => [
    status,
    Number(status) < 400 ? response : { ...response, content: { ...response.content, ...pages } },
  ]);
  return { ...operation, responses: Object.fromEntries(responses) };
}

function at(map: Map<number, { oauth: ErrorCode[]; challenger: ErrorCode[] }>, status: number) {
  const known = map.get(status) ?? { oauth: [], challenger: [] };
  map.set(status, known);
  return known;
}

function errorResponse(
  status: number,
  { oauth, challenger }: { oauth: readonly ErrorCode[]; challenger: readonly ErrorCode[] },
  issuer: string,
) {
  const example = (code: ErrorCode) => [
    code,
    {
      summary: CATALOGUE[code].description,
      description: `Cause and cure: ${issuer}/docs/errors/${code}`,
      value: errorBody(sampleError(code), issuer),
    },
  ];
  const toChallenger = `to clients of the profile challenger: ${errorsOf(challenger)}`;
  return {
    description: [
      ...(oauth.length > 0 ? [errorsOf(oauth)] : []),
      ...(challenger.length > 0 ? [toChallenger] : []),
    ].join("; "),
    headers: { ...NO_STORE_HEADERS, ...HEADERS[status] },
    content: {
      "application/json": {
        schema: { $ref: "#/components/schemas/Error" },
        examples: Object.fromEntries([...oauth, ...challenger].map(example)),
      },
    },
  };
}

function errorsOf(codes: readonly ErrorCode[]): string {
  return [...new Set(codes.map((code) => CATALOGUE[code].error))].sort().join(", ");
}

const header = (description: string, example: string) => ({
  description,
  schema: { type: "string" as const, example },
});

/** OpenAPI headers of an answer that no cache may keep. */
export const NO_STORE_HEADERS = {
  "Cache-Control": header("No cache may keep the answer (RFC 6749 §5.1)", "no-store"),
};

/** OpenAPI headers that come with a status. */
const HEADERS: Readonly<Record<number, Record<string, ReturnType<typeof header>>>> = {
  401: {
    "WWW-Authenticate": header(
      "When the client tried the Authorization header (RFC 6749 §5.2)",
      'Basic realm="https://id.example", charset="UTF-8"',
    ),
  },
  405: { Allow: header("The methods that the path answers (RFC 9110 §10.2.1)", "POST") },
  429: { "Retry-After": header("Seconds to wait (RFC 9110 §10.2.3)", "900") },
  503: { "Retry-After": header("Seconds to wait, where they are known", "1") },
};
