import { describe, expect, test } from "bun:test";
import { issueTestCode, REDIRECT_URI, RFC7636 } from "../support/codes.ts";
import { MATRIX, openWorld, tokensIn, type World } from "./revocation_fixture.ts";

const DAY = 86_400;

const worlds = new Map<string, World>();
for (const row of MATRIX) worlds.set(row.join(), await openWorld(row));

/** Status, headers against caches, and body of an answer. */
async function seen(answer: Promise<Response>) {
  const response = await answer;
  return {
    status: response.status,
    cache: [response.headers.get("cache-control"), response.headers.get("pragma")],
    body: await response.text(),
  };
}

const DONE = { status: 200, cache: ["no-store", "no-cache"], body: "" };

describe.each(MATRIX)("RFC 7009 §2: revocation on %s, %s access tokens", (database, format) => {
  const world = worlds.get([database, format].join());
  if (!world) throw new TypeError(database);
  const { server, post, issue, issueToItself, refresh, isActive } = world;
  const revoke = (token: string, more: Record<string, string> = {}, client = "app") =>
    post(client, "/token/revoke", { token, ...more });

  /** What tells of a refusal: status, `error` and `error_description`. */
  async function refusal(answer: Promise<Response>) {
    const response = await answer;
    const { error, error_description } = (await response.json()) as Record<string, string>;
    return [response.status, error, error_description];
  }
  const UNKNOWN = [400, "invalid_token", "the token doesn't exist"];
  const foreignTo = (client: string) => [
    400,
    "invalid_token",
    `the token has not been issued for the given client id '${client}'`,
  ];

  test("attack 47: a revoked access token is dead at once, whoever asks, and answers are not kept", async () => {
    for (const token of [(await issue()).access, await issueToItself()]) {
      expect(await isActive(token)).toBe(true);
      expect(await seen(revoke(token))).toEqual(DONE);
      expect(await isActive(token)).toBe(false);
      expect(await world.introspect(token, "admin")).toEqual({ active: false });
    }
  });

  test("attack 51: revoking an access token ends that one alone", async () => {
    const first = await issue();
    const answer = (await (await refresh(first.refresh)).json()) as Record<string, string>;
    const [access = "", head = ""] = [answer["access_token"], answer["refresh_token"]];
    await revoke(first.access);
    expect(await isActive(first.access)).toBe(false);
    expect(await isActive(access)).toBe(true);
    expect(await isActive(head)).toBe(true);
    expect((await refresh(head)).status).toBe(200);
  });

  test("attack 51: revoking a refresh token, new or spent, ends its whole authorization", async () => {
    for (const which of ["newest", "spent"] as const) {
      const first = await issue();
      const bystander = await issue();
      const answer = (await (await refresh(first.refresh)).json()) as Record<string, string>;
      const [access = "", head = ""] = [answer["access_token"], answer["refresh_token"]];
      expect(await seen(revoke(which === "newest" ? head : first.refresh))).toEqual(DONE);
      for (const token of [first.access, first.refresh, access, head]) {
        expect(await isActive(token)).toBe(false);
      }
      expect((await refresh(head)).status).toBe(400);
      for (const token of [bystander.access, bystander.refresh]) {
        expect(await isActive(token)).toBe(true);
      }
    }
  });

  test("what is revoked, expired or swept already is revoked again with the same answer", async () => {
    const { access, refresh: head } = await issue();
    const itself = await issueToItself();
    for (const token of [access, head, itself]) {
      expect(await seen(revoke(token))).toEqual(DONE);
      expect(await seen(revoke(token))).toEqual(DONE);
    }
    const expiring = await issue();
    const alone = await issueToItself();
    server.advance(91 * DAY);
    for (const token of [expiring.access, expiring.refresh, alone]) {
      expect(await seen(revoke(token))).toEqual(DONE);
    }
    while ((await server.services.store.sweepExpired(server.services.now())) > 0);
    for (const token of [access, head, itself, expiring.access, expiring.refresh, alone]) {
      expect(await seen(revoke(token))).toEqual(DONE);
      expect(await isActive(token)).toBe(false);
    }
  });

  test("message 30: what this server never issued does not exist", async () => {
    const { access, refresh: head } = await issue();
    const code = server.services.secret.mintOpaque("code", server.services.now()).text;
    const strangers = ["x", "a.b.c", access.slice(0, -1), `${head}A`, head.replace("tsr", "tsa")];
    for (const token of [...strangers, code, "é", "0".repeat(16_384)]) {
      expect(await refusal(revoke(token))).toEqual(UNKNOWN);
    }
    expect(await isActive(access)).toBe(true);
    expect(await isActive(head)).toBe(true);
  });

  test("attack 45: another client's token is refused with message 29, live or dead, and lives on", async () => {
    const { access, refresh: head } = await issue();
    const itself = await issueToItself();
    const tokens = [access, head, itself];
    const answersTo = (token: string) => seen(revoke(token, {}, "other"));
    const live = await Promise.all(tokens.map(answersTo));
    for (const token of tokens) {
      expect(await refusal(revoke(token, {}, "other"))).toEqual(foreignTo("other"));
      expect(await isActive(token)).toBe(true);
    }
    await revoke(access);
    await revoke(itself);
    await revoke(head);
    expect(await Promise.all(tokens.map(answersTo))).toEqual(live);
    server.advance(2 * 3600);
    expect(await Promise.all(tokens.map(answersTo))).toEqual(live);
  });

  test.each([
    "access",
    "refresh",
    "access_token",
    "refresh_token",
    "id_token",
    "pwned",
    "ACCESS_TOKEN",
  ])("attack 50: the token is found whatever the hint, such as %s", async (token_type_hint) => {
    const { access, refresh: head } = await issue();
    const itself = await issueToItself();
    for (const token of [access, itself, head]) {
      expect(await seen(revoke(token, { token_type_hint }))).toEqual(DONE);
      expect(await isActive(token)).toBe(false);
    }
    expect(await refusal(revoke("x", { token_type_hint }))).toEqual(UNKNOWN);
  });

  test("attack 50: only a client that fails to prove itself is answered 401, and revokes nothing", async () => {
    const { access } = await issue();
    for (const secret of ["wrong", "App-secret", "app-secret "]) {
      const answer = await server.post(
        "/token/revoke",
        { token: access },
        { basic: ["app", secret] },
      );
      expect(answer.status).toBe(401);
    }
    expect((await server.post("/token/revoke", { token: access })).status).toBe(400);
    expect((await server.post("/token/revoke", { token: access, client_id: "app" })).status).toBe(
      400,
    );
    expect(await isActive(access)).toBe(true);
  });

  test("a public client revokes its own tokens, and no one else's", async () => {
    const { challenge, verifier } = RFC7636;
    const { code } = await issueTestCode(server, { clientId: "spa", challenge });
    const form = { grant_type: "authorization_code", code, redirect_uri: REDIRECT_URI };
    const { access, refresh: head } = await tokensIn(
      await server.post("/token", { ...form, code_verifier: verifier, client_id: "spa" }),
    );
    const asSpa = (token: string) => server.post("/token/revoke", { token, client_id: "spa" });
    const theirs = await issue();
    expect(await refusal(asSpa(theirs.refresh))).toEqual(foreignTo("spa"));
    expect(await isActive(theirs.refresh)).toBe(true);
    expect(await seen(asSpa(access))).toEqual(DONE);
    expect(await world.introspect(access, "admin")).toEqual({ active: false });
    expect(await world.introspect(head, "admin")).toMatchObject({ active: true });
    expect(await seen(asSpa(head))).toEqual(DONE);
    expect(await world.introspect(head, "admin")).toEqual({ active: false });
  });

  test("attack 54: a client that is written again as it was revives nothing that was revoked", async () => {
    const { access, refresh: head } = await issue();
    const itself = await issueToItself();
    const { store, now } = server.services;
    await revoke(access);
    await store.setClientNotBefore("app", now());
    const client = await store.findClient("app");
    if (!client) throw new TypeError("app");
    const { id, metadata, origin, createdAt, updatedAt, disabledAt } = client;
    const row = { id, metadata, origin, createdAt, updatedAt, disabledAt, notBefore: 0 };
    const again = { row, seenAt: updatedAt, secrets: client.secrets };
    await store.writeParties({ clients: [again], users: [] });
    for (const token of [access, head, itself]) expect(await isActive(token)).toBe(false);
    expect((await refresh(head)).status).toBe(400);
    server.advance(1);
    expect(await isActive(await issueToItself())).toBe(true);
  });
});

describe.each(MATRIX)("RFC 7009 §2.2 where REVOCATION_UNKNOWN_TOKEN=ok, on %s, %s", (...row) => {
  test("a token that never was is answered like one that was; another client's still is not", async () => {
    const { post, issue } = await openWorld(row, { revocationUnknownToken: "ok" });
    expect(await seen(post("app", "/token/revoke", { token: "x" }))).toEqual(DONE);
    const { access } = await issue();
    expect((await post("other", "/token/revoke", { token: access })).status).toBe(400);
    expect(await seen(post("app", "/token/revoke", { token: access }))).toEqual(DONE);
  });
});
