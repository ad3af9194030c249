import { describe, expect, test } from "bun:test";
import { readIdTokenHint } from "../../src/services/id_token.ts";
import { readOwnJwt } from "../../src/services/sign_jwt.ts";
import { sessionIdFor } from "../../src/services/subjects.ts";
import { addPerson, CALLBACK, signInAs, tokensOf } from "../support/openid.ts";
import { testServer } from "../support/server.ts";

const APP = {
  client_id: "app",
  client_secret: "s",
  redirect_uris: [CALLBACK],
  scope: "openid",
};

describe("readIdTokenHint()", () => {
  test("takes an ID token of ours although it has expired", async () => {
    const server = await testServer();
    await server.addClient(APP);
    const userId = await addPerson(server, { username: "ann" });
    const { session } = await signInAs(server, userId);
    const { id_token: idToken } = await tokensOf(server, {
      clientId: "app",
      session,
      scope: ["openid"],
    });
    server.advance(7 * 86_400);
    expect(await readIdTokenHint(idToken, server.services)).toEqual({
      clientId: "app",
      subject: userId,
      sid: sessionIdFor("app", session.id, server.services),
    });
  });

  test("takes nothing that was altered, unsigned, or signed by another server", async () => {
    const server = await testServer();
    const other = await testServer();
    for (const each of [server, other]) await each.addClient(APP);
    const { session } = await signInAs(other, await addPerson(other, { username: "ann" }));
    const wanted = { clientId: "app", session, scope: ["openid"] };
    const { id_token: foreign } = await tokensOf(other, wanted);
    const [header = "", payload = "", signature = ""] = foreign.split(".");
    const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString("base64url");
    const altered = Buffer.from(payload, "base64url").toString().replace('"app"', '"bpp"');
    const texts = [
      foreign,
      `${none}.${payload}.`,
      `${header}.${Buffer.from(altered).toString("base64url")}.${signature}`,
      "",
      "a.b.c",
      "x".repeat(20_000),
    ];
    for (const text of texts) {
      expect(await readIdTokenHint(text, server.services)).toBeUndefined();
    }
    expect(await readIdTokenHint(foreign, other.services)).toBeDefined();
    expect(await readOwnJwt(foreign, "logout+jwt", other.services)).toBeUndefined();
  });
});
