import type { CatalogueEntry } from "../protocol/catalogue.ts";
import { Diagnosis } from "../protocol/diagnosis.ts";
import { type Dialect, OAuthError } from "../protocol/oauth_error.ts";
import { TALER_HINTS } from "../protocol/taler.ts";
import { kindOf } from "../services/log.ts";
import type { Services } from "../services/services.ts";
import { NO_STORE } from "./responses.ts";

/** The JSON body of every refusal, in both dialects (decisions D2). */
export interface ErrorBody {
  readonly error: string;
  readonly error_description: string;
  readonly error_uri: string;
  readonly code?: number;
  readonly hint?: string;
  readonly detail?: string;
}

/** Turns whatever was thrown into an answer, and tells the audit log and the counters. */
export async function answerError(
  thrown: unknown,
  request: Request,
  services: Services,
): Promise<Response> {
  const error = thrown instanceof OAuthError ? thrown : new OAuthError("fault", { cause: thrown });
  const dialect = error.addressee?.dialect ?? "oauth";
  const triedHeader = request.headers.has("authorization");
  const status = statusOf(error.row, dialect, triedHeader);
  await noteRefusal(error, status, services);
  return Response.json(errorBody(error, services.issuer), {
    status,
    headers: {
      ...NO_STORE,
      ...(status === 401 && triedHeader && { "WWW-Authenticate": challenge(services.issuer) }),
      ...error.headers,
    },
  });
}

/** Tells the counters and the audit log of a refusal, and the log of a fault; whoever renders it calls this. */
export async function noteRefusal(
  error: OAuthError,
  status: number,
  services: Services,
): Promise<void> {
  // 501 says what is not there, which is no fault of the server's.
  const isFault = status >= 500 && status !== 501;
  services.metrics.count(isFault ? "faults" : "refusals", error.code);
  if (isFault) {
    services.log("error", "request.failed", { code: error.code, kind: kindOf(error.cause) });
  } else {
    await services.audit.refuse({
      code: error.code,
      clientId: error.addressee?.clientId,
      userId: error.userId,
      ...reasonOf(error.cause),
    });
  }
}

/** Only our own words are written down: a driver's or a library's could hold a secret. */
function reasonOf(cause: unknown): { readonly details?: Readonly<Record<string, string>> } {
  if (typeof cause === "string") return { details: { reason: cause } };
  if (!(cause instanceof Diagnosis)) return {};
  return { details: { check: cause.check, reason: cause.reason } };
}

/** The body of a refusal: a number and its hint wherever one is registered for the condition. */
export function errorBody(error: OAuthError, issuer: string): ErrorBody {
  const { taler } = error.row;
  return {
    ...error.members,
    error: error.row.error,
    error_description: error.message,
    ...(taler !== undefined && { code: taler, hint: TALER_HINTS[taler] }),
    ...(error.parameter !== undefined && { detail: error.parameter }),
    error_uri: `${issuer}/docs/errors/${error.code}`,
  };
}

/** The status of a row: `invalid_client` is 401 only to who tried the header (RFC 6749 §5.2). */
export function statusOf(row: CatalogueEntry, dialect: Dialect, triedHeader: boolean): number {
  if (dialect === "challenger") return row.challengerStatus ?? row.status;
  return row.error === "invalid_client" && triedHeader ? 401 : row.status;
}

function challenge(issuer: string): string {
  return `Basic realm="${issuer}", charset="UTF-8"`;
}
