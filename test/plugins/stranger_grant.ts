import { createRemoteJWKSet, jwtVerify } from "jose";
import { defineGrant, definePlugin, newId, OAuthError, t } from "../../src/plugin.ts";

const GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/** The JWT bearer grant (RFC 7523 §2.1). `issuers` maps accepted issuers to their JWK Set URLs. */
export function jwtBearer(issuers: Readonly<Record<string, URL>>) {
  const keySets = Object.entries(issuers).map(
    ([iss, url]) => [iss, createRemoteJWKSet(url)] as const,
  );
  const grant = defineGrant({
    grantType: GRANT_TYPE,
    source: "RFC 7523 §2.1",
    clients: "any",
    scope: "required",
    errors: ["scope_missing", "grant_unproven"],
    params: t.Object({
      assertion: t.String({ maxLength: 8192, description: "A signed JWT about the user" }),
      scope: t.Optional(t.String()),
    }),

    async prove({ params, scope, now }, { issuer, store }) {
      const refusal = new OAuthError("grant_unproven", { values: [GRANT_TYPE] });
      for (const [iss, keys] of keySets) {
        const rules = { issuer: iss, audience: issuer, currentDate: new Date(now * 1000) };
        const verified = await jwtVerify(params.assertion, keys, rules).catch(() => undefined);
        const { sub, jti, exp } = verified?.payload ?? {};
        if (sub === undefined || jti === undefined || exp === undefined) continue;
        const spend = async () => {
          const record = { id: `jwt-bearer:${iss}:${jti}`, value: newId(), expiresAt: exp };
          if (!(await store.insertRecord(record))) throw refusal;
          return {};
        };
        return { subject: `${iss}#${sub}`, scope, refresh: true, authorization: "new", spend };
      }
      throw refusal;
    },
  });
  return definePlugin({ name: "jwt-bearer", grants: [grant] });
}
