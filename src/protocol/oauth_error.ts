import { CATALOGUE, type CatalogueEntry, type ErrorCode } from "./catalogue.ts";

/** Which seed's statuses an answer follows (decisions D2). */
export type Dialect = "oauth" | "challenger";

/** The client that a request names, authenticated or not. */
export interface Addressee {
  readonly dialect: Dialect;
  readonly clientId: string | undefined;
}

/** What a throw may add to its catalogue row. */
export interface OAuthErrorDetails {
  /** Fills `{0}`, `{1}` of the description: ids and scope names only, never a secret. */
  readonly values?: readonly string[];
  /** Name of the offending request parameter, sent as `detail`. */
  readonly parameter?: string;
  /** Response headers beyond the row's own, such as `Retry-After`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The user whom the request was about, for the audit log; never sent. */
  readonly userId?: string | undefined;
  /** Further members of the body, such as UMA's `ticket`; those of every refusal win. */
  readonly members?: Readonly<Record<string, unknown>>;
  /** Kept for the audit log; never sent. */
  readonly cause?: unknown;
}

/** Longest text that may replace a placeholder, in characters. */
const VALUE_LENGTH_MAX = 200;

/** A refusal: the name of a catalogue row and what fills it. The one error class of the server. */
export class OAuthError extends Error {
  override readonly name = "OAuthError";
  readonly code: ErrorCode;
  readonly row: CatalogueEntry;
  readonly parameter: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly userId: string | undefined;
  readonly members: Readonly<Record<string, unknown>>;
  /** Set by {@linkcode answering}: whom the refused request named, and how it is spoken to. */
  addressee: Addressee | undefined;

  constructor(code: ErrorCode, details: OAuthErrorDetails = {}) {
    const row: CatalogueEntry = CATALOGUE[code];
    super(fill(row.description, details.values ?? []), { cause: details.cause });
    this.code = code;
    this.row = row;
    this.parameter = details.parameter ?? row.parameter;
    this.headers = details.headers ?? {};
    this.userId = details.userId;
    this.members = details.members ?? {};
  }
}

/** Runs `steps`; a refusal they throw is rendered for the addressee, and audited under his id. */
export async function answering<T>(addressee: Addressee, steps: () => Promise<T>): Promise<T> {
  try {
    return await steps();
  } catch (error) {
    const refusal = error instanceof OAuthError ? error : new OAuthError("fault", { cause: error });
    refusal.addressee ??= addressee;
    throw refusal;
  }
}

/** The refusal for an absent parameter: the seed's own row where it has one (messages 1 to 7). */
export function missingParameter(name: string): OAuthError {
  return parameterError("missing", name);
}

/** The refusal for a parameter that is present and wrong. */
export function malformedParameter(name: string): OAuthError {
  return parameterError("malformed", name);
}

function parameterError(fault: "missing" | "malformed", name: string): OAuthError {
  const own = `${name}_${fault}`;
  if (isErrorCode(own) && entry(own).parameter === name) return new OAuthError(own);
  return new OAuthError(`parameter_${fault}`, { values: [name], parameter: name });
}

const entry = (code: ErrorCode): CatalogueEntry => CATALOGUE[code];

function isErrorCode(name: string): name is ErrorCode {
  return Object.hasOwn(CATALOGUE, name);
}

/** Characters outside RFC 6749 Appendix A.8 become `'`, so that a value cannot leave its sentence. */
function fill(description: string, values: readonly string[]): string {
  return description.replace(/\{(\d)\}/g, (_, index: string) =>
    (values[Number(index)] ?? "")
      .slice(0, VALUE_LENGTH_MAX)
      .replace(/[^\x20-\x21\x23-\x5B\x5D-\x7E]/g, "'"),
  );
}
