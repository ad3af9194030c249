import { describe, expect, test } from "bun:test";
import { decodeJwt } from "jose";
import { DATABASES, type DatabaseName } from "../support/databases.ts";
import { type DpopKey, dpopKey, proofOf } from "../support/dpop.ts";
import type { TestServer } from "../support/server.ts";
import {
  ask,
  askAs,
  codeForm,
  dpopServer,
  introspect,
  refreshForm,
  type TokenBody,
  WEB,
} from "./dpop_fixture.ts";

const key = await dpopKey();
const other = await dpopKey("Ed25519");
const KEY_MISMATCH = { error: "invalid_grant" };

/** A server, and the first tokens of a public client that proves the key. */
async function begin(database: DatabaseName, by: DpopKey | "nobody" = key) {
  const server = await dpopServer(database);
  const form = await codeForm(server, "spa");
  const { body } = by === "nobody" ? await ask(server, form) : await askAs(server, by, form);
  expect(body.refresh_token).toBeString();
  return { server, first: body };
}

/** The body of an answer that must have this status. */
async function refreshed(
  server: TestServer,
  tokens: TokenBody,
  by: DpopKey | undefined,
  status = 200,
): Promise<TokenBody> {
  const form = refreshForm("spa", tokens);
  const answer = by ? await askAs(server, by, form) : await ask(server, form);
  expect([answer.status, answer.body.error]).toEqual([
    status,
    status === 200 ? undefined : KEY_MISMATCH.error,
  ]);
  return answer.body;
}

describe.each(DATABASES)("attack 21: the binding of refresh tokens on %s", (database) => {
  test("another key, or none: refused; the victim's family lives on", async () => {
    const { server, first } = await begin(database);
    for (const by of [other, undefined]) {
      const { error_description } = await refreshed(server, first, by, 400);
      expect(error_description).toBe("the refresh token is bound to another key");
    }
    await server.addClient({ client_id: "web", client_secret: "s", introspect_any: true });
    server.advance(2);
    const told = { active: true, token_type: "refresh_token", cnf: { jkt: key.jkt } };
    expect(await introspect(server, first.refresh_token)).toMatchObject(told);
    const second = await refreshed(server, first, key);
    expect(second.token_type).toBe("DPoP");
    expect(decodeJwt(second.access_token)["cnf"]).toEqual({ jkt: key.jkt });
  });

  test("attack 14: a stolen spent token with another key or none ends nothing, however late", async () => {
    const { server, first } = await begin(database);
    const second = await refreshed(server, first, key);
    const third = await refreshed(server, second, key);
    server.advance(3000);
    for (const by of [other, undefined]) await refreshed(server, first, by, 400);
    const fourth = await refreshed(server, third, key);
    // The key's owner does end it.
    server.advance(31);
    await refreshed(server, first, key, 400);
    await refreshed(server, fourth, key, 400);
  });

  test("attack 15: a lost answer is asked for again with a new proof, for thirty seconds", async () => {
    const { server, first } = await begin(database);
    const second = await refreshed(server, first, key);
    server.advance(29);
    const again = await refreshed(server, first, key);
    expect(again.refresh_token).toBe(second.refresh_token);
    const proof = { DPoP: await proofOf(key, { claims: { iat: server.services.now() } }) };
    const form = refreshForm("spa", second);
    expect((await ask(server, form, { headers: proof })).status).toBe(200);
    // The same proof again is a replay, and no refusal of it costs anything.
    const replay = await ask(server, form, { headers: proof });
    expect(replay.body.error).toBe("invalid_dpop_proof");
    expect((await askAs(server, key, form)).status).toBe(200);
  });

  test("§5: an unbound family is bound by the first proof, and to one key", async () => {
    const { server, first } = await begin(database, "nobody");
    expect(first.token_type).toBe("Bearer");
    const second = await refreshed(server, first, key);
    await refreshed(server, second, other, 400);
    await refreshed(server, second, undefined, 400);
    await refreshed(server, second, key);
  });

  test("attack 13: who binds a stolen unbound token is found out when its owner comes back", async () => {
    for (const late of [0, 60]) {
      const { server, first } = await begin(database, "nobody");
      const stolen = await refreshed(server, first, other);
      server.advance(late);
      // The owner never had a proof; neither has anything afterwards.
      await refreshed(server, first, undefined, 400);
      await refreshed(server, stolen, other, 400);
    }
  });

  test("§5: two keys that bind a family at once end it, as they do one after the other", async () => {
    const { server, first } = await begin(database, "nobody");
    const form = refreshForm("spa", first);
    const keys = [key, other];
    const answers = await Promise.all(keys.map((each) => askAs(server, each, form)));
    expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1);
    for (const [index, { status, body }] of answers.entries()) {
      if (status === 200) await refreshed(server, body, keys[index], 400);
    }
  });

  test("attack 13: in a race, too, nobody gets a refresh token that is bound to another's key", async () => {
    const { server } = await begin(database, "nobody");
    for (let round = 0; round < 20; round++) {
      const { body: first } = await ask(server, await codeForm(server, "spa"));
      const form = refreshForm("spa", first);
      const thief = askAs(server, other, form);
      await Bun.sleep(round % 5);
      const [owner, { status, body }] = await Promise.all([ask(server, form), thief]);
      // Either the owner has the successor, or the thief is found out.
      if (owner.status === 200) await refreshed(server, owner.body, undefined);
      else if (status === 200) await refreshed(server, body, other, 400);
    }
  });

  test("the password grant of a public client binds as well", async () => {
    const server = await dpopServer(database);
    await server.addUser({ username: "ann", password: "correct horse" });
    const credentials = { username: "ann", password: "correct horse", scope: "api1" };
    const form = { grant_type: "password", client_id: "spa", ...credentials };
    const { body } = await askAs(server, key, form);
    await refreshed(server, body, other, 400);
    await refreshed(server, body, key);
  });
});

describe("decisions D4: a confidential client's new tokens carry what it now shows", () => {
  test("another key, then none", async () => {
    const server = await dpopServer();
    await server.addUser({ username: "ann", password: "correct horse" });
    const form = { grant_type: "password", username: "ann", password: "correct horse" };
    const first = (await askAs(server, key, { ...form, scope: "api1" })).body;
    const refresh = ({ refresh_token }: TokenBody) => ({
      grant_type: "refresh_token",
      refresh_token,
    });
    const second = (await askAs(server, other, refresh(first))).body;
    expect(decodeJwt(second.access_token)["cnf"]).toEqual({ jkt: other.jkt });
    const third = (await ask(server, refresh(second), WEB)).body;
    expect(third.token_type).toBe("Bearer");
    expect(decodeJwt(third.access_token)["cnf"]).toBeUndefined();
    expect(await introspect(server, first.access_token)).toMatchObject({ cnf: { jkt: key.jkt } });
  });
});
