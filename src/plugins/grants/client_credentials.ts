import { defineGrant, t } from "../../plugin.ts";
import { ScopeParameter } from "./parameters.ts";

/** The client acts for itself (RFC 6749 §4.4); it gets no refresh token (§4.4.3). */
export const clientCredentials = defineGrant({
  grantType: "client_credentials",
  source: "RFC 6749 §4.4",
  clients: "confidential",
  scope: "required",
  errors: ["scope_missing"],
  params: t.Object({ scope: t.Optional(ScopeParameter) }),
  async prove({ client, scope }) {
    return { subject: client.id, scope, authorization: "none", refresh: false };
  },
});
