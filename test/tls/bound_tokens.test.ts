/** Certificate-bound tokens: who gets them, and who may use them (RFC 8705 §3, §4; decisions D4). */
import { describe, expect, test } from "bun:test";
import { codeForm, refreshForm } from "../endpoints/dpop_fixture.ts";
import type { IssuedCertificate } from "../support/certificates.ts";
import { DATABASES } from "../support/databases.ts";
import type { TestServer } from "../support/server.ts";
import {
  ask,
  begin,
  boundTo,
  mine,
  peerWith,
  REGISTRATION,
  renewed,
  stolen,
  to,
} from "./bound_fixture.ts";
import { CREDENTIALS, REFUSED } from "./fixture.ts";

describe.each(DATABASES)("who gets bound tokens, on %s", (database) => {
  test("a client by certificate, one by secret and a public one alike (§3, §4)", async () => {
    const server = await begin(database);
    const web = await ask(server, { ...CREDENTIALS, client_id: "web" }, { by: mine });
    expect([boundTo(web), web.token_type]).toEqual([to(mine), "Bearer"]);
    const basic = ["secretive", "s"] as const;
    const secretive = await ask(server, CREDENTIALS, { by: stolen, basic });
    expect(boundTo(secretive)).toEqual(to(stolen));
    const spa = await ask(server, await codeForm(server, "spa"), { by: mine });
    expect(boundTo(spa)).toEqual(to(mine));
  });

  test("introspection returns cnf, of JWTs and of opaque tokens", async () => {
    const server = await begin(database);
    for (const client_id of ["web", "opaque"]) {
      const { access_token: token } = await ask(
        server,
        { ...CREDENTIALS, client_id },
        { by: mine },
      );
      const response = await server.post(
        "/introspect",
        { token, client_id },
        { peer: peerWith(mine) },
      );
      expect(await response.json()).toMatchObject({ active: true, cnf: to(mine) });
    }
  });

  test("without a certificate they get none at all", async () => {
    const server = await begin(database);
    expect(
      await ask(server, CREDENTIALS, { basic: ["secretive", "s"], status: 401 }),
    ).toMatchObject(REFUSED);
    expect(await ask(server, await codeForm(server, "spa"), { status: 400 })).toMatchObject(
      REFUSED,
    );
  });

  test("who did not register for it gets unbound ones, whatever he shows", async () => {
    const server = await begin(database);
    const tokens = await ask(server, await codeForm(server, "unbound"), { by: mine });
    expect(boundTo(tokens)).toBeUndefined();
  });

  test("attack 21: another certificate, or none, refreshes no public client's token", async () => {
    const server = await begin(database);
    const first = await ask(server, await codeForm(server, "spa"), { by: mine });
    const form = refreshForm("spa", first);
    const other = await ask(server, form, { by: stolen, status: 400 });
    expect(other).toMatchObject({
      error: "invalid_grant",
      error_description: "the refresh token is bound to another key",
    });
    expect(await ask(server, form, { status: 400 })).toMatchObject(REFUSED);
    const second = await ask(server, form, { by: mine });
    expect(boundTo(second)).toEqual(to(mine));
    // Long after, the thief still ends nothing by the spent token.
    server.advance(60);
    await ask(server, form, { by: stolen, status: 400 });
    expect(boundTo(await ask(server, refreshForm("spa", second), { by: mine }))).toEqual(to(mine));
  });

  test("attack 21: what was bound stays bound when the client's registration changes", async () => {
    const server = await begin(database);
    const first = await ask(server, await codeForm(server, "spa"), { by: mine });
    const { tls_client_certificate_bound_access_tokens: _, ...loose } = REGISTRATION;
    await server.addClient({ ...loose, client_id: "spa" });
    for (const by of [undefined, stolen]) {
      expect((await ask(server, refreshForm("spa", first), { by, status: 400 })).error).toBe(
        "invalid_grant",
      );
    }
    await ask(server, refreshForm("spa", first), { by: mine });
  });

  test("a confidential client refreshes with a new certificate, which its tokens then carry", async () => {
    const server = await begin(database);
    const first = await ask(server, await codeForm(server, "web"), { by: mine });
    expect(boundTo(first)).toEqual(to(mine));
    const second = await ask(server, refreshForm("web", first), { by: renewed });
    expect(boundTo(second)).toEqual(to(renewed));
  });
});

describe("attack 61: a bound token at our own resource", () => {
  const userinfo = (server: TestServer, token: string, by?: IssuedCertificate, form = false) =>
    server.server.handle(
      form
        ? new Request("http://localhost/userinfo", {
            method: "POST",
            body: new URLSearchParams({ access_token: token }),
          })
        : new Request("http://localhost/userinfo", {
            headers: { Authorization: `Bearer ${token}` },
          }),
      peerWith(by),
    );

  async function tokenOf(server: TestServer, clientId: string): Promise<string> {
    const userId = await server.addUser({ username: clientId });
    const form = await codeForm(server, clientId, { userId, scope: ["openid"] });
    return (await ask(server, form, { by: mine })).access_token;
  }

  test.each([
    ["spa", "header"],
    ["spa", "form"],
    ["web", "header"],
    ["opaque", "header"],
  ])("of %s, in a %s: with its certificate alone", async (clientId, where) => {
    const server = await begin();
    const token = await tokenOf(server, clientId);
    expect((await userinfo(server, token, mine, where === "form")).status).toBe(200);
    for (const by of [undefined, stolen, renewed]) {
      const response = await userinfo(server, token, by, where === "form");
      expect(response.status).toBe(401);
      expect(response.headers.get("www-authenticate")).toContain('error="invalid_token"');
      expect(await response.json()).toMatchObject({ error: "invalid_token" });
    }
  });

  test("attack 41: a certificate in a header of the caller's own does not do", async () => {
    const server = await begin();
    const Authorization = `Bearer ${await tokenOf(server, "spa")}`;
    const headers = {
      Authorization,
      "Client-Cert": `:${Buffer.from(mine.der).toString("base64")}:`,
    };
    const request = new Request("http://localhost/userinfo", { headers });
    expect((await server.server.handle(request, peerWith())).status).toBe(401);
  });

  test("an unbound token needs no certificate, and one does not hurt it", async () => {
    const server = await begin();
    const token = await tokenOf(server, "unbound");
    expect((await userinfo(server, token)).status).toBe(200);
    expect((await userinfo(server, token, stolen)).status).toBe(200);
  });
});
