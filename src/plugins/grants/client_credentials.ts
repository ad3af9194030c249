import { checkScopes, defineGrant, OAuthError, t } from "../../plugin.ts";
import { ScopeParameter } from "./parameters.ts";

/** What ids of users look like. */
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Scopes that speak of a user (OpenID Connect Core §5.4 and §11): a client by itself has none. */
const USER_SCOPES = ["openid", "profile", "email", "address", "phone", "offline_access"];

/** The client acts for itself (RFC 6749 §4.4); it gets no refresh token (§4.4.3). */
export const clientCredentials = defineGrant({
  grantType: "client_credentials",
  source: "RFC 6749 §4.4",
  clients: "confidential",
  scope: "required",
  errors: ["scope_missing"],
  params: t.Object({ scope: t.Optional(ScopeParameter) }),
  async prove({ client, params, scope }, { store }) {
    // `sub` is the client's id here: it must not be taken for a user (RFC 9068 §5). Ids of users are
    // UUIDs, so that other names need no look-up.
    if (UUID.test(client.id) && (await store.findUser(client.id))) {
      throw new OAuthError("grant_type_refused", {
        values: [client.id, "client_credentials"],
        cause: "the client's id is a user's",
      });
    }
    const isOwn = (name: string) => !USER_SCOPES.includes(name);
    // A default serves all grants of a client, so the user's part of it only falls away.
    const wanted = params.scope === undefined ? scope.filter(isOwn) : scope;
    if (wanted.length === 0 && scope.length > 0) throw new OAuthError("scope_missing");
    checkScopes(wanted, client.scopes.filter(isOwn));
    return { subject: client.id, scope: wanted, authorization: "none", refresh: false };
  },
});
