/** The whole story of UMA over HTTP, in both families of names (issue 5). */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { decodeJwt } from "jose";
import { approveRequest, versionOf } from "../../src/services/uma_answers.ts";
import { withdrawAccess } from "../../src/services/uma_owner.ts";
import { onEachDatabase } from "../endpoints/token_fixture.ts";
import { DATABASES } from "../support/databases.ts";
import { ISSUER } from "../support/server.ts";
import { BANK, FAMILIES, GRANT, ID_TOKEN, umaServer, VIEWER } from "../support/uma.ts";

setDefaultTimeout(60_000);

const servers = await onEachDatabase((database) => umaServer({ database }));
const DEAD = { active: false };

/** What the names call a request that waits for an owner, and one that is denied (D7). */
const SAYS = {
  seed: { submitted: "invalid_grant", denied: "invalid_grant", interval: undefined },
  uma2: { submitted: "request_submitted", denied: "request_denied", interval: 5 },
} as const;

describe.each(DATABASES)("UMA on %s", (database) => {
  const uma = servers[database];
  const claimToken = async (username = "bob", client?: typeof VIEWER) => ({
    claim_token: await uma.idToken(username, client),
    claim_token_format: ID_TOKEN,
  });

  describe.each(FAMILIES)("in the names of %s", (family) => {
    test("resource, policy, ticket, need_info, claim token, token, introspection, and the end of it", async () => {
      const pat = await uma.pat();
      const resource = await uma.resource(pat, family);
      const claims = [{ type: "email", value: "bob@example.com" }];
      const policy = await uma.policy(pat, resource, { claims }, family);
      const ticket = await uma.ticket(pat, resource, family);

      const asked = await uma.redeem(ticket, family);
      if (family === "seed") {
        expect([asked.status, asked.body.error]).toEqual([400, "invalid_grant"]);
        expect(asked.body.error_description).toBe("the authorization policy is not satisfied");
        expect(asked.body).not.toHaveProperty("ticket");
      } else {
        expect([asked.status, asked.body.error]).toEqual([403, "need_info"]);
        expect(asked.body.required_claims).toMatchObject([{ name: "email", issuer: [ISSUER] }]);
        expect(JSON.stringify(asked.body.required_claims)).not.toContain("bob");
        expect((await uma.redeem(ticket, family)).body.error).toBe("invalid_grant");
      }
      const next = asked.body.ticket ?? ticket;
      const { status, headers, body } = await uma.redeem(next, family, {
        form: await claimToken(),
      });
      expect([status, body]).toEqual([200, body]);
      expect(headers.get("cache-control")).toBe("no-store");
      expect(body).toEqual({
        access_token: body.access_token,
        token_type: "Bearer",
        expires_in: 900,
      });
      const exp = uma.services.now() + 900;
      expect(decodeJwt(body.access_token)).toMatchObject({
        aud: "https://photos.example",
        client_id: "printer",
        sub: uma.bob,
        exp,
        ticket: [{ resource_id: resource, scopes: "view" }],
        permissions: [{ resource_id: resource, resource_scopes: ["view"], exp }],
      });
      const told = await uma.introspect(body.access_token);
      expect(told.body).toMatchObject({
        active: true,
        sub: uma.bob,
        permissions: [{ resource_id: resource, resource_scopes: ["view"], exp, iat: exp - 900 }],
        ticket: [{ resource_id: resource, scopes: "view" }],
      });
      expect(told.body).not.toHaveProperty("scope");
      expect((await uma.introspect(body.access_token, BANK)).body).toEqual(DEAD);
      expect((await uma.redeem(next, family, { form: await claimToken() })).status).toBe(400);

      expect((await uma.call("DELETE", `/policies/${policy}`, { token: pat })).status).toBe(204);
      expect((await uma.introspect(body.access_token)).body).toEqual(DEAD);
    });

    test("the owner of a user's resource is asked, approves, and withdraws", async () => {
      const pat = await uma.pat(undefined, "ada");
      const resource = await uma.resource(pat, family);
      await uma.policy(pat, resource, { consent_needed: true }, family);
      const form = await claimToken();
      const ticket = await uma.ticket(pat, resource, family);
      const asked = await uma.redeem(ticket, family, { form });
      const { submitted, denied, interval } = SAYS[family];
      expect([asked.body.error, asked.body.interval]).toEqual([submitted, interval]);
      const pending = await uma.services.store.listUmaRequests(uma.ada, "pending", {
        start: 0,
        count: 9,
        now: uma.services.now(),
      });
      const request = pending.find((one) => one.resource.id === resource)?.request;
      expect(request).toMatchObject({ clientId: "printer", partyName: "bob", scopes: ["view"] });
      const again = await uma.redeem(asked.body.ticket ?? ticket, family, { form });
      expect(again.body.error).toBe(asked.body.error);

      const [shown, client] = await Promise.all([
        uma.services.store.findUmaResources([resource]),
        uma.services.store.findClient("printer"),
      ]);
      if (!shown[0] || !client) throw new TypeError("Ada is not shown what she is asked");
      const seen = { id: request?.id ?? "", version: versionOf(shown[0], client) };
      expect(await approveRequest(seen, uma.bob, uma.services)).toBe("answered");
      expect(await approveRequest(seen, uma.ada, uma.services)).toBe("approved");
      const { body } = await uma.redeem(again.body.ticket ?? ticket, family, { form });
      expect((await uma.introspect(body.access_token)).body.active).toBe(true);

      const list = await uma.services.store.listUmaAccess(uma.ada, uma.services.now());
      const access = list.find((one) => one.resource.id === resource);
      if (!access) throw new TypeError("Ada does not see who has access");
      expect(access).toMatchObject({ clientId: "printer", partyName: "bob", approved: true });
      expect(await withdrawAccess(access, uma.bob, uma.services)).toBe(false);
      expect((await uma.introspect(body.access_token)).body.active).toBe(true);
      expect(await withdrawAccess(access, uma.ada, uma.services)).toBe(true);
      expect((await uma.introspect(body.access_token)).body).toEqual(DEAD);
      const fresh = await uma.redeem(await uma.ticket(pat, resource, family), family, { form });
      expect(fresh.body.error).toBe(denied);
    });

    test("a client registered for one name of the grant may use the other", async () => {
      const pat = await uma.pat();
      const resource = await uma.resource(pat, family);
      await uma.policy(pat, resource, {}, family);
      for (const client of [undefined, VIEWER]) {
        const ticket = await uma.ticket(pat, resource, family);
        const how = client ? { client } : {};
        expect((await uma.redeem(ticket, family, how)).status).toBe(200);
      }
      const refused = await uma.redeem("x", family, { client: BANK });
      expect(refused.body).toMatchObject({
        error: "unauthorized_client",
        error_description: `the client bank doesn't support the grant type ${GRANT[family]}`,
      });
    });
  });
});
