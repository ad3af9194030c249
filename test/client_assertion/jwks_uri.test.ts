import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { expectRefusal } from "../endpoints/token_fixture.ts";
import {
  ask,
  type ClientKey,
  claimsOf,
  lastDiagnosis,
  newClientKey,
  signedBy,
  weakRsaKey,
} from "../support/assertions.ts";
import { testServer } from "../support/server.ts";

const SIGNATURE = [400, "invalid_client", "the signature is not correct"] as const;

const first = await newClientKey("ES256", "first");
const second = await newClientKey("ES256", "second");

/** What the client's host answers at each path, and how often it was asked. */
const answers = new Map<string, () => Response | Promise<Response>>();
let visits: string[] = [];
const host = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch(request) {
    const { pathname } = new URL(request.url);
    visits.push(pathname);
    return answers.get(pathname)?.() ?? new Response("", { status: 404 });
  },
});
afterAll(() => host.stop(true));
beforeEach(() => {
  visits = [];
});

const server = await testServer({
  settings: { outgoingPrivateHosts: ["127.0.0.1"], outgoingTimeoutSeconds: 1 },
});

const publish = (path: string, ...keys: readonly ClientKey[]) =>
  answers.set(path, () => Response.json({ keys: keys.map(({ jwk }) => jwk) }));

async function addClient(id: string, changes: Record<string, unknown> = {}): Promise<void> {
  await server.addClient({
    client_id: id,
    token_endpoint_auth_method: "private_key_jwt",
    grant_types: ["client_credentials"],
    scope: "api1",
    jwks_uri: `${host.url}${id}`,
    ...changes,
  });
}

const send = async (id: string, key: ClientKey, header: Record<string, unknown> = {}) =>
  ask(server, await signedBy(key, claimsOf(server, id), header));

describe("RFC 7591 §2 jwks_uri", () => {
  test("is read once, used for its time, and then read again", async () => {
    publish("/kept", first);
    await addClient("kept");
    for (let i = 0; i < 5; i++) expect((await send("kept", first)).status).toBe(200);
    expect(visits).toHaveLength(1);
    server.advance(server.services.settings.clientKeysSeconds - 1);
    expect((await send("kept", first)).status).toBe(200);
    expect(visits).toHaveLength(1);
    server.advance(1);
    expect((await send("kept", first)).status).toBe(200);
    expect(visits).toHaveLength(2);
  });

  test("is read once for many who come at once", async () => {
    answers.set("/crowd", async () => {
      await Bun.sleep(50);
      return Response.json({ keys: [first.jwk] });
    });
    await addClient("crowd");
    const all = await Promise.all(Array.from({ length: 20 }, () => send("crowd", first)));
    expect(all.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(visits).toHaveLength(1);
  });

  test("an unknown kid has it read again: a client may rotate at once, a stranger asks in vain", async () => {
    publish("/rotated", first);
    await addClient("rotated");
    expect((await send("rotated", first)).status).toBe(200);
    publish("/rotated", second, first);
    server.advance(10);
    const both = await Promise.all([send("rotated", second), send("rotated", second)]);
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    expect(visits).toHaveLength(2);
    for (let i = 0; i < 20; i++) {
      await expectRefusal(await send("rotated", first, { kid: `guess-${i}` }), SIGNATURE);
    }
    expect(visits).toHaveLength(2);
    server.advance(10);
    await expectRefusal(await send("rotated", first, { kid: "guess" }), SIGNATURE);
    await expectRefusal(await send("rotated", first, { kid: "guess again" }), SIGNATURE);
    expect(visits).toHaveLength(3);
  });

  test("keys that were read outlive a failing host, for their time and no longer", async () => {
    publish("/failing", first);
    await addClient("failing");
    expect((await send("failing", first)).status).toBe(200);
    answers.set("/failing", () => new Response("", { status: 500 }));
    for (let seconds = 0; seconds < 290; seconds += 10) {
      server.advance(10);
      await expectRefusal(await send("failing", second), SIGNATURE);
      expect((await send("failing", first)).status).toBe(200);
    }
    server.advance(10);
    await expectRefusal(await send("failing", first), SIGNATURE);
    expect((await lastDiagnosis(server))?.reason).toContain("jwks_uri: it answers 500");
    publish("/failing", first);
    server.advance(10);
    expect((await send("failing", first)).status).toBe(200);
  });

  test.each([
    ["slow", () => Bun.sleep(3_000).then(() => new Response("{}")), "took too long"],
    ["away", () => Response.redirect(`${host.url}kept`, 302), "redirects"],
    ["long", () => new Response(`{"keys":[],"x":"${"x".repeat(70_000)}"}`), "too long"],
    ["text", () => new Response("keys"), "no JWK Set"],
    ["list", () => Response.json([first.jwk]), "no JWK Set"],
    ["odd", () => Response.json({ keys: ["a"] }), "no JWK Set"],
    ["many", () => Response.json({ keys: Array(51).fill({ kty: "EC" }) }), "more than 50 keys"],
    ["absent", () => new Response("", { status: 404 }), "answers 404"],
  ] as const)("attack 77: keys that are %s are refused", async (id, answer, reason) => {
    answers.set(`/${id}`, answer);
    await addClient(id);
    await expectRefusal(await send(id, first), SIGNATURE);
    expect((await lastDiagnosis(server))?.reason).toContain(reason);
    expect(visits).toEqual([`/${id}`]);
  });

  test("attack 77: a private address is never asked, unless the operator says so", async () => {
    const strict = await testServer({ url: server.url, secret: server.secret });
    for (const uri of [`${host.url}private`, `https://127.0.0.1:${host.port}/private`]) {
      await addClient("private", { jwks_uri: uri });
      const assertion = await signedBy(first, claimsOf(strict, "private"));
      await expectRefusal(await ask(strict, assertion), SIGNATURE);
    }
    expect(visits).toEqual([]);
    await strict.close();
  });

  test("keys that are private, weak, or for something else verify nothing", async () => {
    const { jwk: weakJwk } = weakRsaKey();
    const unfit = [
      { ...first.jwk, d: "AAAA" },
      { ...first.jwk, use: "enc" },
      { ...first.jwk, key_ops: ["encrypt"] },
      { ...first.jwk, alg: "ES384" },
      { ...first.jwk, crv: "P-384" },
      { ...first.jwk, x: "A".repeat(43) },
      { ...first.jwk, kty: "OKP" },
      weakJwk,
    ];
    for (const [index, jwk] of unfit.entries()) {
      answers.set(`/unfit-${index}`, () => Response.json({ keys: [jwk] }));
      await addClient(`unfit-${index}`);
      await expectRefusal(await send(`unfit-${index}`, first), SIGNATURE);
    }
    const fit = { ...first.jwk, use: "sig", key_ops: ["verify"], alg: "ES256" };
    answers.set("/fit", () => Response.json({ keys: [...unfit, { kty: "new" }, fit] }));
    await addClient("fit");
    expect((await send("fit", first)).status).toBe(200);
  });
});

describe("attack 44: what was withdrawn is refused at once", () => {
  test("a client that is disabled", async () => {
    publish("/disabled", first);
    await addClient("disabled");
    expect((await send("disabled", first)).status).toBe(200);
    await server.services.store.setClientDisabled("disabled", server.services.now());
    await expectRefusal(await send("disabled", first), [
      400,
      "invalid_client",
      "the client doesn't exist",
    ]);
  });

  test("a jwks_uri that was taken from the client, and a key that was taken from its jwks", async () => {
    publish("/moved", first);
    await addClient("moved");
    expect((await send("moved", first)).status).toBe(200);
    const registered = (...keys: readonly ClientKey[]) =>
      addClient("moved", { jwks_uri: undefined, jwks: { keys: keys.map(({ jwk }) => jwk) } });
    await registered(first, second);
    expect((await send("moved", second)).status).toBe(200);
    await registered(second);
    await expectRefusal(await send("moved", first), SIGNATURE);
    expect((await send("moved", second)).status).toBe(200);
    expect(visits).toHaveLength(1);
  });
});
