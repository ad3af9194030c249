import { describe, expect, test } from "bun:test";
import { challenger } from "../../src/plugins/challenger/plugin.ts";
import { core } from "../../src/server.ts";
import { onEachDatabase } from "../endpoints/token_fixture.ts";
import { DATABASES } from "../support/databases.ts";
import { START, testServer } from "../support/server.ts";
import {
  ADA,
  authorize,
  begin,
  challengerServer,
  EXCHANGE,
  enter,
  give,
  read,
  setup,
  wrongPin,
} from "./challenger_fixture.ts";

const NONCE = /^[0-9A-HJKMNP-TV-Z]{52}$/;
const tests = await onEachDatabase((database) => challengerServer({ database }));

describe("GET /config", () => {
  test("is a ChallengerConfigurationResponse, and caches may keep it", async () => {
    const response = await tests.sqlite.get("/challenger/config");
    expect(response.headers.get("cache-control")).toStartWith("public, max-age=");
    expect(await response.json()).toEqual({
      name: "challenger",
      version: "6:0:5",
      implementation: "urn:tessera:challenger",
      restrictions: {},
      address_type: "email",
      address_hint: "Your address",
    });
  });
});

describe.each(DATABASES)("the endpoints of challenger.md B.2, on %s", (database) => {
  const t = tests[database];

  test("/setup gives a nonce of 256 bits, another each time, with or without a body", async () => {
    const answers = [
      await setup(t),
      await setup(t, { body: {} }),
      await setup(t, { body: { ...ADA, "x-unknown": { a: 1 } } }),
    ];
    const nonces = answers.map(({ body }) => String(body["nonce"]));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    for (const nonce of nonces) expect(nonce).toMatch(NONCE);
    expect(new Set(nonces).size).toBe(3);
  });

  test.each([
    ["an unknown id", { client: "99" }],
    ["a wrong secret", { secret: "secret-token:wrong" }],
    ["an id that is no number", { client: "exchange" }],
    ["an id with leading zeros", { client: "01" }],
    ["the secret with more behind it", { secret: `${EXCHANGE.secret}x` }],
  ])("/setup with %s is 404 / 9750", async (_, options) => {
    const { status, body } = await setup(t, options);
    expect([status, body["code"], body["error"]]).toEqual([404, 9750, "invalid_client"]);
    expect(body["error_description"]).toBe("the client doesn't exist");
  });

  test("/setup by a client that codes could not lead back to is 404 / 9750", async () => {
    const client = { client_secret: EXCHANGE.secret, profile: "challenger" } as const;
    await t.addClient({ ...client, client_id: "6", redirect_uris: ["app:/callback"] });
    await t.addClient({ ...client, client_id: "7" });
    for (const id of ["6", "7"]) expect((await setup(t, { client: id })).status).toBe(404);
  });

  test("/setup without credentials, by Basic, and by a client of another profile is 404 / 9750", async () => {
    await t.addClient({ client_id: "5", client_secret: EXCHANGE.secret });
    for (const answer of [
      await t.post("/challenger/setup/1", ""),
      await t.post("/challenger/setup/1", "", { basic: ["1", EXCHANGE.secret] }),
    ]) {
      expect([answer.status, (await read(answer)).body["code"]]).toEqual([404, 9750]);
    }
    expect((await setup(t, { client: "5" })).status).toBe(404);
  });

  test.each([
    ["not an object", [], 22],
    ["read_only that is no boolean", { read_only: "yes" }, 26],
    ["a field that is no text", { CONTACT_EMAIL: 7 }, 26],
    ["a field with a control character", { CONTACT_EMAIL: "a\u0000b" }, 26],
    ["a field that is too long", { CONTACT_EMAIL: "a".repeat(2000) }, 26],
    ["read_only without an address", { read_only: true }, 25],
    ["read_only with no clean address", { read_only: true, CONTACT_EMAIL: "Ada <a@b.c>" }, 26],
  ])("/setup refuses %s", async (_, body, code) => {
    const answer = await setup(t, { body });
    expect([answer.status, answer.body["code"]]).toEqual([400, code]);
  });

  test("/authorize tells where the process stands, by GET and POST alike", async () => {
    const nonce = await begin(t);
    expect((await authorize(t, nonce)).body).toEqual({
      fix_address: false,
      changes_left: 3,
      solved: false,
    });
    await give(t, nonce);
    await enter(t, nonce, wrongPin(t.messages.at(-1)?.code ?? ""));
    const query = new URLSearchParams({
      response_type: "code",
      client_id: EXCHANGE.id,
      redirect_uri: EXCHANGE.redirectUri,
      scope: "anything at all",
    });
    const posted = await read(await t.post(`/challenger/authorize/${nonce}?${query}`, ""));
    expect(posted).toMatchObject({ status: 200 });
    expect(posted.body).toEqual({
      fix_address: false,
      last_address: ADA,
      changes_left: 2,
      solved: false,
      retransmission_time: { t_s: START + 30 },
      pin_transmissions_left: 2,
      auth_attempts_left: 2,
    });
  });

  test.each([
    ["response_type missing", { response_type: undefined }, [400, 25, "response_type"]],
    ["response_type token", { response_type: "token" }, [400, 26, "response_type"]],
    ["client_id missing", { client_id: undefined }, [400, 25, "client_id"]],
    ["another client", { client_id: "2" }, [404, 9755, undefined]],
    ["redirect_uri missing", { redirect_uri: undefined }, [400, 25, "redirect_uri"]],
    [
      "another redirect_uri",
      { redirect_uri: "https://evil.example/" },
      [403, 9751, "redirect_uri"],
    ],
    ["a state too long", { state: "s".repeat(4097) }, [400, 26, "state"]],
  ] as const)("/authorize with %s", async (_, changes, expected) => {
    const { status, body, location } = await authorize(t, await begin(t), changes);
    expect([status, body["code"], body["detail"]]).toEqual([...expected]);
    expect(location).toBeNull();
  });

  test("an unknown nonce is 404 / 9755 wherever it is used, and a nonce is read in lower case", async () => {
    for (const nonce of ["0".repeat(52), "x", "U".repeat(52), "%00", "a-b"]) {
      for (const { status, body } of [
        await authorize(t, nonce),
        await give(t, nonce),
        await enter(t, nonce, "00000000"),
      ]) {
        expect([status, body["code"]]).toEqual([404, 9755]);
      }
    }
    expect((await authorize(t, (await begin(t)).toLowerCase())).status).toBe(200);
  });
});

describe.each(DATABASES)("attack 55: processes that one client begins, on %s", (database) => {
  test("a minute's number of all instances together; then 429 until the minute is over, for it alone", async () => {
    const settings = { clientRequestsPerMinute: 10 };
    const one = await challengerServer({ database, settings });
    const two = await challengerServer({ url: one.url, secret: one.secret, settings });
    const begun = await Promise.all(
      Array.from({ length: 30 }, (_, index) => setup(index % 2 ? one : two)),
    );
    expect(begun.filter(({ status }) => status === 200)).toHaveLength(10);
    expect(begun.filter(({ status }) => status === 429)).toHaveLength(20);
    expect((await setup(one, { client: "2" })).status).toBe(200);
    one.advance(60);
    expect((await setup(one)).status).toBe(200);
  });
});

test("/setup without a delivery for the type is 502 / 9752 before any user is sent anywhere", async () => {
  const { server, services, addClient } = await testServer({
    plugins: [core, challenger("/challenger")],
  });
  await addClient({
    client_id: EXCHANGE.id,
    client_secret: EXCHANGE.secret,
    profile: "challenger",
    redirect_uris: [EXCHANGE.redirectUri],
    grant_types: ["authorization_code"],
    token_endpoint_auth_method: "client_secret_post",
  });
  const ask = async (secret: string) => {
    const request = new Request(`http://localhost/challenger/setup/${EXCHANGE.id}`, {
      method: "POST",
      headers: { Authorization: `Bearer ${secret}` },
    });
    return read(await server.handle(request));
  };
  expect(await ask(EXCHANGE.secret)).toMatchObject({ status: 502, body: { code: 9752 } });
  // Who is no client learns nothing of it.
  expect(await ask("wrong")).toMatchObject({ status: 404, body: { code: 9750 } });
  expect(await services.store.nextNumber("challenge")).toBe(1);
});
