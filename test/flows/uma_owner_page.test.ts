/** UMA as an owner lives it: somebody asks, she answers on her page, and what she ends is over. */
import { describe, expect, test } from "bun:test";
import { noticeOf, PAGE, press } from "../endpoints/account_resources_fixture.ts";
import { onEachDatabase } from "../endpoints/token_fixture.ts";
import { DATABASES, type DatabaseName } from "../support/databases.ts";
import { CALLBACK, signInAs, tokensOf } from "../support/openid.ts";
import { type SignInTest, signIn, signInTest } from "../support/sign_in.ts";

const UMA2 = "urn:ietf:params:oauth:grant-type:uma-ticket";
const ID_TOKEN = "http://openid.net/specs/openid-connect-core-1_0.html#IDToken";

type Body = Readonly<Record<string, unknown>>;

/** A server with a client and a resource server. */
async function stage(database: DatabaseName): Promise<SignInTest> {
  const server = await signInTest({ database });
  await server.addClient({
    client_id: "album",
    client_secret: "s",
    client_name: "Album",
    grant_types: ["client_credentials"],
    scope: "uma_protection",
    uma_owner_delegation: true,
  });
  await server.addClient({
    client_id: "print",
    client_secret: "s",
    client_name: "Print Shop",
    redirect_uris: [CALLBACK],
    grant_types: ["authorization_code", "uma_ticket", UMA2],
    scope: "openid",
  });
  return server;
}

/** What they and two people do with each other, who are others in every story. */
async function story(server: SignInTest) {
  const names = { alice: `alice ${crypto.randomUUID()}`, bob: `bob ${crypto.randomUUID()}` };
  const alice = await server.addPerson({ username: names.alice });
  const bob = await server.addPerson({ username: names.bob });
  const { session } = await signInAs(server, bob);
  const { id_token } = await tokensOf(server, { clientId: "print", session, scope: ["openid"] });
  const pat = await protectionToken(server);
  const protection = (path: string, body: Body) => postJson(server, path, { body, pat });
  const { _id: resource } = await protection("/rs/resource_set", {
    name: "Holiday photos",
    resource_scopes: ["view", "print"],
    owner: alice,
  });
  const rule = { clients: ["print"], scopes: ["view"], claims: [], consent_needed: true };
  await protection("/policies", { resource_set_ids: [resource], rules: [rule] });
  const browser = server.openBrowser();
  await signIn(browser, names.alice);
  return {
    bob: names.bob,
    resource: String(resource),
    browser,
    /** A ticket of the resource server, in UMA 2.0's names. */
    async ticket() {
      const body = { resource_id: resource, resource_scopes: ["view"] };
      return String((await protection("/perm", body))["ticket"]);
    },
    /** The client comes with a ticket, in Bob's name. */
    async ask(ticket: string, grant_type = UMA2) {
      const form = { grant_type, ticket, claim_token: id_token, claim_token_format: ID_TOKEN };
      const response = await server.post("/token", form, { basic: ["print", "s"] });
      return { status: response.status, body: (await response.json()) as Record<string, string> };
    },
    /** What the resource server hears of a token. */
    async introspect(token = "") {
      const response = await server.post("/introspect", { token }, { basic: ["album", "s"] });
      return (await response.json()) as Body;
    },
  };
}

async function protectionToken(server: SignInTest): Promise<string> {
  const form = { grant_type: "client_credentials", scope: "uma_protection" };
  const response = await server.post("/token", form, { basic: ["album", "s"] });
  return ((await response.json()) as { access_token: string }).access_token;
}

/** Posts JSON to the protection API; it must be created. */
async function postJson(
  { server }: SignInTest,
  path: string,
  { body, pat }: { body: Body; pat: string },
): Promise<Body> {
  const request = new Request(`http://localhost${path}`, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { Authorization: `Bearer ${pat}`, "Content-Type": "application/json" },
  });
  const response = await server.handle(request);
  const text = await response.text();
  expect(`${path} ${response.status} ${text}`).toStartWith(`${path} 201`);
  return JSON.parse(text) as Body;
}

const servers = await onEachDatabase(stage);

describe.each(DATABASES)("an owner's page in the whole of UMA on %s", (database) => {
  const server = servers[database];

  test("a request is submitted, approved and turned into a token; withdrawn, it is dead at once", async () => {
    const { bob, resource, browser, ticket, ask, introspect } = await story(server);
    const submitted = await ask(await ticket());
    expect(submitted).toMatchObject({ status: 403, body: { error: "request_submitted" } });
    expect((await browser.open("/account")).text).toContain(
      "Requests that wait for your answer: 1",
    );
    const page = await browser.open(PAGE);
    expect(page.text).toContain(`<bdi>${bob}</bdi></strong> would like to use`);
    expect(noticeOf(await press(browser, page, "approve"))).toStartWith("Access is allowed.");

    const granted = await ask(submitted.body["ticket"] ?? "");
    expect(granted).toMatchObject({ status: 200, body: { token_type: "Bearer" } });
    const token = granted.body["access_token"];
    expect(await introspect(token)).toMatchObject({
      active: true,
      permissions: [{ resource_id: resource, resource_scopes: ["view"] }],
    });
    const again = await ask(await ticket());
    expect(again.status).toBe(200);

    const held = await browser.open(PAGE);
    expect(held.text.match(/value="withdraw"/g)).toHaveLength(1);
    expect(noticeOf(await press(browser, held, "withdraw"))).toBe("Access is withdrawn.");
    for (const dead of [token, again.body["access_token"]]) {
      expect(await introspect(dead)).toEqual({ active: false });
    }
    expect(await ask(await ticket())).toMatchObject({
      status: 403,
      body: { error: "request_denied" },
    });

    const lifted = await press(browser, await browser.open(PAGE), "lift");
    expect(noticeOf(lifted)).toBe("That is lifted.");
    expect(await introspect(token)).toEqual({ active: false });
    expect((await ask(await ticket())).body["error"]).toBe("request_submitted");
  });

  test("a request that is refused is request_denied, until the owner lifts that", async () => {
    const { browser, ticket, ask } = await story(server);
    const submitted = await ask(await ticket());
    await press(browser, await browser.open(PAGE), "deny");
    expect(await ask(submitted.body["ticket"] ?? "")).toMatchObject({
      status: 403,
      body: { error: "request_denied" },
    });
    expect((await ask(await ticket())).body["error"]).toBe("request_denied");
    await press(browser, await browser.open(PAGE), "lift");
    expect((await ask(await ticket())).body["error"]).toBe("request_submitted");
  });

  test("under the first seed's name the same ticket comes back after the approval", async () => {
    const { browser, ticket, ask, introspect } = await story(server);
    const waiting = await ticket();
    const refusal = {
      status: 400,
      body: {
        error: "invalid_grant",
        error_description: "the authorization policy is not satisfied",
      },
    };
    expect(await ask(waiting, "uma_ticket")).toMatchObject(refusal);
    expect(await ask(waiting, "uma_ticket")).toMatchObject(refusal);
    const page = await browser.open(PAGE);
    expect(page.text.match(/value="approve"/g)).toHaveLength(1);
    await press(browser, page, "approve");
    const granted = await ask(waiting, "uma_ticket");
    expect(granted.status).toBe(200);
    const token = granted.body["access_token"];
    expect((await introspect(token))["active"]).toBe(true);
    await press(browser, await browser.open(PAGE), "withdraw");
    expect(await introspect(token)).toEqual({ active: false });
    expect(await ask(await ticket(), "uma_ticket")).toMatchObject(refusal);
  });

  test("of an approval, a withdrawal and a token at once, nothing outlives the withdrawal", async () => {
    const { browser, ticket, ask, introspect } = await story(server);
    const submitted = await ask(await ticket());
    await press(browser, await browser.open(PAGE), "approve");
    const first = await ask(submitted.body["ticket"] ?? "");
    expect(first.status).toBe(200);
    const page = await browser.open(PAGE);
    const tickets = await Promise.all(Array.from({ length: 6 }, ticket));
    const [, ...asked] = await Promise.all([
      press(browser, page, "withdraw"),
      ...tickets.map((one) => ask(one)),
    ]);
    for (const { status, body } of asked) {
      expect([200, 400, 403], body["error"] ?? "").toContain(status);
    }
    const tokens = [first, ...asked].flatMap(({ body }) => body["access_token"] ?? []);
    for (const token of tokens) expect(await introspect(token)).toEqual({ active: false });
    expect((await ask(await ticket())).body["error"]).toBe("request_denied");
  });
});
