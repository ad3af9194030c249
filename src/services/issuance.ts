import { Type as t } from "@sinclair/typebox";
import { TypeCompiler } from "@sinclair/typebox/compiler";
import { DAY } from "../protocol/number_setting.ts";
import type { TOKEN_TYPES } from "../protocol/token_claims.ts";
import type { Authorization } from "../store/authorizations.ts";
import type { Client } from "../store/clients.ts";

/** What a grant has proved, and so what is issued. */
export interface Issuance {
  /** `sub` of the tokens; the client's own id when `authorization` is "none". */
  readonly subject: string;
  /** The user of this server whom the subject is; he must stay enabled. */
  readonly userId?: string;
  readonly scope: readonly string[];
  /** Resources granted before, which a `resource` parameter may narrow (RFC 8707 §2.2). */
  readonly resource?: readonly string[];
  /** Whom the token is for, where the grant knows it and no registration of the client decides. */
  readonly audience?: readonly string[];
  /** Life of the access token in seconds, where it is not the usual one; a day at most. */
  readonly lifetimeSeconds?: number;
  /** none: the client acts for itself; new: a user's authorization begins; else it goes on. */
  readonly authorization: "none" | "new" | Authorization;
  /** How and when the user proved himself, for a new authorization. */
  readonly authentication?: { readonly authTime: number; readonly amr: readonly string[] };
  /** Whether a refresh token may be issued (RFC 6749 §1.5); the client must be registered for it. */
  readonly refresh: boolean;
  /** Spends what was proved, once. The endpoint calls it last; it throws when another request won. */
  readonly spend?: () => Promise<Spent>;
  /** Called instead of `spend` when the endpoint refuses what was proved. */
  readonly refused?: () => Promise<void>;
  /** Further claims of the access token; those of the protocol win. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Further members of the response; those of the protocol win. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

const IssuanceShape = TypeCompiler.Compile(
  t.Object({
    subject: t.String({ minLength: 1, maxLength: 255 }),
    scope: t.Array(t.String()),
    refresh: t.Boolean(),
    audience: t.Optional(t.Array(t.String({ minLength: 1 }), { minItems: 1 })),
    lifetimeSeconds: t.Optional(t.Integer({ minimum: 1, maximum: DAY })),
    authorization: t.Union([t.Literal("none"), t.Literal("new"), t.Object({ id: t.String() })]),
  }),
);

/**
 * Judges what a grant, perhaps a stranger's, says it has proved. Throws `TypeError` for what is no
 * issuance, and for a client that speaks for itself under another name (RFC 9068 §2.2).
 */
export function checkIssuance(issuance: Issuance, client: Client): Issuance {
  if (!IssuanceShape.Check(issuance)) throw new TypeError("A grant proved no issuance");
  if (issuance.authorization === "none" && issuance.subject !== client.id) {
    throw new TypeError("Without an authorization the subject is the client");
  }
  return issuance;
}

/** What spending may give: the successor of the refresh token that was spent. */
export interface Spent {
  readonly refreshToken?: string;
}

/** A successful token response (RFC 6749 §5.1). */
export interface TokenResponse {
  readonly access_token: string;
  readonly token_type: (typeof TOKEN_TYPES)[number];
  readonly expires_in: number;
  readonly scope?: string;
  readonly refresh_token?: string;
  /** Where the scope has `openid` and the subject is a user of ours (OpenID Connect Core §3.1.3.3). */
  readonly id_token?: string;
}
