/** Policies over HTTP (idserver.md A.8), and what ends when they change. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { DATABASES } from "../support/databases.ts";
import { ISSUER } from "../support/server.ts";
import { BANK, ID_TOKEN, umaServer } from "../support/uma.ts";
import { onEachDatabase } from "./token_fixture.ts";

setDefaultTimeout(60_000);

const servers = await onEachDatabase((database) => umaServer({ database }));
const NOWHERE = "019bc1a2-7c00-7000-8000-000000000000";
const RULE = {
  clients: ["printer"],
  scopes: ["view"],
  claims: [{ type: "role", value: "friend" }],
  consent_needed: false,
  provider: ISSUER,
};

describe.each(DATABASES)("/policies on %s", (database) => {
  const uma = servers[database];

  test.each(["resource_set_ids", "resource_ids"])("are written and read by %s", async (member) => {
    const token = await uma.pat();
    const resource = await uma.resource(token);
    const body = {
      [member]: [resource],
      rules: [
        { ...RULE, script: "" },
        { scopes: ["print"], script: null },
      ],
    };
    const made = await uma.call("POST", "/policies", { token, body });
    const { policy } = made.body;
    expect([made.status, made.body]).toEqual([201, { policy }]);
    expect(made.headers.get("location")).toBe(`${ISSUER}/policies/${policy}`);
    const path = `/policies/${policy}`;
    const plain = { clients: [], scopes: ["print"], claims: [], consent_needed: false };
    const read = await uma.call("GET", path, { token });
    expect(read.body).toEqual({ policy, [member]: [resource], rules: [RULE, plain] });
    expect((await uma.call("GET", "/policies", { token })).body).toContain(policy);
    const changed = { policy, [member]: [resource], rules: [plain] };
    for (const at of [path, "/policies"]) {
      const put = await uma.call("PUT", at, { token, body: changed });
      expect([put.status, put.body]).toEqual([204, undefined]);
    }
    expect((await uma.call("GET", path, { token })).body).toEqual(changed);
    const search = { resource_ids: [resource] };
    const found = await uma.call("POST", "/policies/.search", { token, body: search });
    expect(found.body).toEqual({ content: [changed], count: 1, start_index: 0 });
    expect((await uma.call("DELETE", path, { token })).status).toBe(204);
    const gone = await uma.call("GET", path, { token });
    expect([gone.status, gone.body.error_description]).toEqual([404, "policy cannot be found"]);
  });

  test("a search tells no more than a hundred at once, and how many there are", async () => {
    const [client_id, client_secret] = ["hoard", "s"] as const;
    const common = { grant_types: ["client_credentials"], scope: "uma_protection" };
    await uma.addClient({ client_id, client_secret, ...common });
    const token = await uma.pat([client_id, client_secret]);
    const resource = await uma.resource(token);
    for (let made = 0; made < 101; made += 1) await uma.policy(token, resource);
    const search = async (body: object) =>
      (await uma.call("POST", "/policies/.search", { token, body })).body;
    const { content, count } = await search({});
    expect([content.length, count]).toEqual([100, 101]);
    expect((await search({ start_index: 100 })).content).toHaveLength(1);
    expect((await search({ count: 101 })).error).toBe("invalid_request");
    expect((await uma.call("GET", "/policies", { token })).body).toHaveLength(101);
  });

  test("resources are added and taken out, and preconditions are kept", async () => {
    const token = await uma.pat();
    const [one, two] = [await uma.resource(token), await uma.resource(token)];
    const path = `/policies/${await uma.policy(token, one)}`;
    const add = (resources: string[], headers = {}) =>
      uma.call("POST", `${path}/resources`, { token, body: { resources }, headers });
    expect((await add([two], { "If-Match": '"v1"' })).headers.get("etag")).toBe('"v2"');
    expect((await add([two], { "If-Match": '"v1"' })).status).toBe(412);
    expect((await uma.call("GET", path, { token })).body.resource_set_ids.sort()).toEqual(
      [one, two].sort(),
    );
    expect((await add([NOWHERE])).body.error).toBe("invalid_resource_set_id");
    expect((await add([])).body.error_description).toBe(
      "the parameter resources needs to be specified",
    );
    expect((await uma.call("DELETE", `${path}/resources/${two}`, { token })).status).toBe(204);
    expect((await uma.call("DELETE", `${path}/resources/${two}`, { token })).status).toBe(404);
    expect((await uma.call("GET", path, { token })).body.resource_set_ids).toEqual([one]);
    const narrow = await uma.resource(token, "seed", { scopes: ["print"] });
    expect((await add([narrow])).body.error).toBe("invalid_scope");
    const headers = { "If-None-Match": '"v3"' };
    expect((await uma.call("GET", path, { token, headers })).status).toBe(304);
  });

  test("RFC 9110 §8.8.1: a policy that a deleted resource leaves has another entity tag", async () => {
    const token = await uma.pat();
    const [one, two] = [await uma.resource(token), await uma.resource(token)];
    const body = { resource_ids: [one, two], rules: [RULE] };
    const { policy } = (await uma.call("POST", "/policies", { token, body })).body;
    await uma.call("DELETE", `/rs/resource_set/${two}`, { token });
    const path = `/policies/${policy}`;
    const headers = { "If-None-Match": '"v1"' };
    const read = await uma.call("GET", path, { token, headers });
    expect([read.status, read.headers.get("etag")]).toEqual([200, '"v2"']);
    expect(read.body.resource_ids).toEqual([one]);
    const stale = {
      token,
      body: { ...body, resource_ids: [one] },
      headers: { "If-Match": '"v1"' },
    };
    expect((await uma.call("PUT", path, stale)).status).toBe(412);
  });

  test("attack 67: nobody governs what another owner or client registered, by body or by path", async () => {
    const [ada, bob, bank] = [
      await uma.pat(undefined, "ada"),
      await uma.pat(undefined, "bob"),
      await uma.pat(BANK, "ada"),
    ];
    const [hers, his] = [await uma.resource(ada), await uma.resource(bob)];
    const policy = await uma.policy(ada, hers);
    const rules = [{ scopes: ["view"] }];
    for (const token of [bob, bank, await uma.pat()]) {
      for (const ids of [[hers], [his, hers], [hers, his]]) {
        const body = { resource_set_ids: ids, rules };
        const made = await uma.call("POST", "/policies", { token, body });
        expect(made.body.error).toBe("invalid_resource_set_id");
      }
      const body = { policy, resource_set_ids: [hers], resources: [hers], rules };
      for (const [method, path, sent] of [
        ["GET", `/policies/${policy}`, {}],
        ["DELETE", `/policies/${policy}`, {}],
        ["DELETE", `/policies/${policy}/resources/${hers}`, {}],
        ["PUT", `/policies/${policy}`, { body }],
        ["POST", `/policies/${policy}/resources`, { body }],
      ] as const) {
        const answer = await uma.call(method, path, { token, ...sent });
        expect([method, answer.status, answer.body.error]).toEqual([method, 404, "not_found"]);
      }
      const search = { ids: [policy], resource_ids: [hers] };
      const found = await uma.call("POST", "/policies/.search", { token, body: search });
      expect(found.body.content).toEqual([]);
    }
    const own = `/policies/${await uma.policy(bob, his)}`;
    const body = { resources: [hers] };
    expect((await uma.call("POST", `${own}/resources`, { token: bob, body })).status).toBe(400);
    const mismatch = { policy, resource_set_ids: [his], rules };
    expect((await uma.call("PUT", own, { token: bob, body: mismatch })).body.detail).toBe("policy");
    expect((await uma.call("PUT", "/policies", { token: bob, body: mismatch })).status).toBe(404);
  });

  test("a registered delegate mixes no owners in one policy", async () => {
    await uma.addClient({
      client_id: "delegated",
      client_secret: "s",
      grant_types: ["client_credentials"],
      scope: "uma_protection",
      uma_owner_delegation: true,
    });
    const token = await uma.pat(["delegated", "s"]);
    const ids = [
      await uma.resource(token, "seed", { owner: uma.ada }),
      await uma.resource(token, "seed", { owner: uma.bob }),
    ];
    const body = { resource_set_ids: ids, rules: [{ scopes: ["view"], consent_needed: true }] };
    expect((await uma.call("POST", "/policies", { token, body })).body.error).toBe(
      "invalid_resource_set_id",
    );
    await uma.policy(token, ids[0] ?? "", { consent_needed: true });
  });

  test("what belongs to a disabled owner is nobody's to give", async () => {
    const token = await uma.pat(undefined, "ada");
    const resource = await uma.resource(token);
    await uma.policy(token, resource);
    const [ticket, later] = [await uma.ticket(token, resource), await uma.ticket(token, resource)];
    await uma.services.store.setUserDisabled(uma.ada, uma.services.now());
    expect((await uma.redeem(ticket, "uma2")).body.error).toBe("request_denied");
    await uma.services.store.setUserDisabled(uma.ada, null);
    expect((await uma.redeem(later, "uma2")).status).toBe(200);
  });

  test.each([
    ["its policy is changed", "policy"],
    ["its policy is deleted", "deleted policy"],
    ["the resource leaves the policy", "taken out"],
    ["the resource is deleted", "resource"],
    ["the resource server is deleted", "resource server"],
    ["the client is disabled", "client"],
    ["the requesting party is disabled", "party"],
    ["the owner is disabled", "owner"],
    ["its client revokes it", "revoked"],
  ] as const)("a token is dead at introspection when %s", async (_, what) => {
    const keeper = [`keeper-${what}`, "s"] as const;
    const asker = [`asker-${what}`, "s"] as const;
    const own = { client_secret: "s", scope: "uma_protection openid view" };
    await uma.addClient({ ...own, client_id: keeper[0], grant_types: ["password"] });
    await uma.addClient({ ...own, client_id: asker[0], grant_types: ["password", "uma_ticket"] });
    const token = await uma.pat(keeper, "ada");
    const resource = await uma.resource(token);
    const claims = [{ type: "preferred_username", value: "bob" }];
    const policy = await uma.policy(token, resource, { claims });
    const form = { claim_token: await uma.idToken("bob", asker), claim_token_format: ID_TOKEN };
    const ticket = await uma.ticket(token, resource);
    const { body } = await uma.redeem(ticket, "seed", { client: asker, form });
    const look = what === "resource server" ? asker : keeper;
    expect((await uma.introspect(body.access_token, look)).body.active).toBe(true);
    const { store, now } = uma.services;
    const [path, at] = [`/policies/${policy}`, now()];
    const rule = { resource_set_ids: [resource], rules: [{ scopes: ["view"], claims }] };
    const ends: Record<typeof what, () => Promise<unknown>> = {
      policy: () => uma.call("PUT", path, { token, body: rule }),
      "deleted policy": () => uma.call("DELETE", path, { token }),
      "taken out": () => uma.call("DELETE", `${path}/resources/${resource}`, { token }),
      resource: () => uma.call("DELETE", `/rs/resource_set/${resource}`, { token }),
      "resource server": () => store.deleteClient(keeper[0]),
      client: () => store.setClientDisabled(asker[0], at),
      party: () => store.setUserDisabled(uma.bob, at),
      owner: () => store.setUserDisabled(uma.ada, at),
      revoked: () => uma.post("/token/revoke", { token: body.access_token }, { basic: asker }),
    };
    await ends[what]();
    expect((await uma.introspect(body.access_token, look)).body).toEqual({ active: false });
    for (const user of [uma.ada, uma.bob]) await store.setUserDisabled(user, null);
  });
});
