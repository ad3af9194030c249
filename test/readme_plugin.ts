import { createRemoteJWKSet, jwtVerify } from "jose";
import { defineGrant, OAuthError, type Plugin, t } from "../src/plugin.ts";

const grantType = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/** Tokens for a partner's users, by his signed assertions about them (RFC 7523 §2.1). */
export function jwtBearer(partner: string, jwks: URL): Plugin {
  const keys = createRemoteJWKSet(jwks);
  const grant = defineGrant({
    grantType,
    source: "RFC 7523 §2.1",
    clients: "any",
    scope: "required",
    errors: ["scope_missing", "grant_unproven"],
    params: t.Object({ assertion: t.String({ maxLength: 8192 }), scope: t.Optional(t.String()) }),
    async prove({ params, scope, now }, { issuer: audience }) {
      const rules = { issuer: partner, audience, currentDate: new Date(now * 1000) };
      const verified = await jwtVerify(params.assertion, keys, rules).catch(() => undefined);
      const { sub, exp } = verified?.payload ?? {};
      if (!sub || !exp) throw new OAuthError("grant_unproven", { values: [grantType] });
      return { subject: `${partner}#${sub}`, scope, refresh: false, authorization: "new" };
    },
  });
  return { name: "jwt-bearer", grants: [grant] };
}
