/** What tokens are bound to, in one place: one row for each member of `cnf` (RFC 7800 §3). */
import type { ErrorCode } from "../protocol/catalogue.ts";
import { OAuthError } from "../protocol/oauth_error.ts";
import type { Confirmation } from "../protocol/token_claims.ts";
import { DpopFault } from "../services/dpop_proof.ts";
import type { Services } from "../services/services.ts";
import type { Client } from "../store/clients.ts";
import { certificateThumbprint } from "./client_certificate.ts";
import { dpopThumbprint } from "./dpop.ts";

/** Who shows a key, and beside which access token. */
export interface Occasion {
  readonly client: Client | undefined;
  /** The token that the request carries; absent where it asks for one. */
  readonly accessToken?: string | undefined;
  readonly services: Services;
}

/** One way in which a token is bound to its sender. */
interface Binding {
  readonly member: keyof Confirmation;
  /** What the request shows; undefined for nothing. Throws {@linkcode DpopFault}. */
  readonly show: (request: Request, occasion: Occasion) => Promise<string | undefined>;
  /** Whether what is shown binds the new tokens of the client. */
  readonly binds: (client: Client) => boolean;
  /** Whether the client gets no tokens without. */
  readonly demanded: (client: Client) => boolean;
  /** What a request for tokens is told that does not show what is demanded. */
  readonly missing: ErrorCode;
}

const BINDINGS: readonly Binding[] = [
  {
    member: "jkt",
    show: dpopThumbprint,
    // Who sends a proof asks for bound tokens (RFC 9449 §5).
    binds: () => true,
    demanded: ({ metadata }) => metadata.dpop_bound_access_tokens === true,
    missing: "dpop_proof_missing",
  },
  {
    member: "x5t#S256",
    show: async (request, { services }) => certificateThumbprint(request, services.settings),
    // A certificate may come with every request of a network; only who registers for it is bound
    // (RFC 8705 §3.4), and then always, since unbound tokens are not what the resources rely on.
    binds: isBoundToCertificate,
    demanded: isBoundToCertificate,
    missing: "client_tls_failed",
  },
];

function isBoundToCertificate({ metadata }: Client): boolean {
  return metadata.tls_client_certificate_bound_access_tokens === true;
}

/** What a request for tokens shows, and what the new tokens are bound to. */
export interface Sender {
  readonly shown: Confirmation;
  readonly confirmation: Confirmation | undefined;
}

/**
 * What a request of an authenticated client shows, with what its credential is bound to already.
 * Throws `dpop_proof_incorrect`, `dpop_nonce_needed`, or the row of what is demanded and missing.
 */
export async function showSender(
  request: Request,
  {
    client,
    confirmation: verified,
    services,
  }: { client: Client; confirmation?: Confirmation | undefined; services: Services },
): Promise<Sender> {
  const shown: Record<string, string> = { ...verified };
  const bound: Record<string, string> = { ...verified };
  for (const { member, show, binds, demanded, missing } of BINDINGS) {
    const value = await shownAtToken(() => show(request, { client, services }));
    if (value !== undefined) shown[member] = value;
    if (value !== undefined && binds(client)) bound[member] = value;
    if (bound[member] === undefined && demanded(client)) {
      throw new OAuthError(missing, { values: [client.id], cause: `${member} is not shown` });
    }
  }
  return { shown, confirmation: Object.keys(bound).length === 0 ? undefined : bound };
}

/** The key that a pushed authorization request proves (RFC 9449 §10.1); undefined without a proof. */
export function shownKey(
  request: Request,
  occasion: Pick<Occasion, "client" | "services">,
): Promise<string | undefined> {
  return shownAtToken(() => dpopThumbprint(request, occasion));
}

/** A bound token that comes without what it is bound to. */
export interface SenderFault {
  readonly code: "bearer_incorrect" | "bearer_proof_incorrect" | "bearer_nonce_needed";
  readonly cause: string;
}

/**
 * What keeps a request from using a bound access token at one of our own resources (RFC 8705 §3,
 * RFC 9449 §7); undefined when it shows everything that the token is bound to.
 */
export async function senderFault(
  request: Request,
  cnf: Confirmation,
  occasion: Occasion,
): Promise<SenderFault | undefined> {
  for (const member of Object.keys(cnf) as (keyof Confirmation)[]) {
    const binding = BINDINGS.find((known) => known.member === member);
    if (!binding) return { code: "bearer_incorrect", cause: "bound in a way that is not known" };
    const fault = await faultOf(binding, { request, cnf, occasion });
    if (fault) return fault;
  }
  return undefined;
}

async function faultOf(
  { member, show }: Binding,
  { request, cnf, occasion }: { request: Request; cnf: Confirmation; occasion: Occasion },
): Promise<SenderFault | undefined> {
  const code = member === "jkt" ? "bearer_proof_incorrect" : "bearer_incorrect";
  try {
    const shown = await show(request, occasion);
    if (shown === cnf[member]) return undefined;
    return { code, cause: `${member} is ${shown === undefined ? "not shown" : "another one"}` };
  } catch (error) {
    if (!(error instanceof DpopFault)) throw error;
    return { code: error.needsNonce ? "bearer_nonce_needed" : code, cause: error.message };
  }
}

async function shownAtToken(show: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await show();
  } catch (error) {
    if (!(error instanceof DpopFault)) throw error;
    const code = error.needsNonce ? "dpop_nonce_needed" : "dpop_proof_incorrect";
    throw new OAuthError(code, { cause: error.message });
  }
}
