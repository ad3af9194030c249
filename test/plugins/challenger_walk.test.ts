import { describe, expect, test } from "bun:test";
import { onEachDatabase } from "../endpoints/token_fixture.ts";
import { DATABASES } from "../support/databases.ts";
import { START } from "../support/server.ts";
import {
  ADA,
  authorize,
  begin,
  challengerServer,
  EXCHANGE,
  earnCode,
  enter,
  give,
  info,
  read,
  redeem,
  redeeming,
  wrongPin,
} from "./challenger_fixture.ts";

const BOB = { CONTACT_EMAIL: "bob@mail.example" };
const tests = await onEachDatabase((database) => challengerServer({ database }));

describe.each(DATABASES)("challenger.md B.2, from the address to /info, on %s", (database) => {
  const t = tests[database];

  test("/challenge sends a PIN of eight digits, shown 4-4, to the address alone", async () => {
    const nonce = await begin(t);
    const { status, body } = await give(t, nonce, { ...ADA, unknown: "field" });
    expect(status).toBe(200);
    expect(body).toEqual({
      type: "created",
      attempts_left: 3,
      address: ADA,
      transmitted: true,
      retransmission_time: { t_s: START + 30 },
    });
    expect(t.messages.at(-1)).toEqual({
      address: ADA,
      code: expect.stringMatching(/^\d{4}-\d{4}$/),
    });
  });

  test.each(["", "Ada <a@b.example>", "a@b.example, c@d.example", "-x@b.example", "a@b\nc"])(
    "decisions D8: /challenge refuses the address %p before any delivery",
    async (address) => {
      const nonce = await begin(t);
      const before = t.messages.length;
      const { status, body } = await give(t, nonce, { CONTACT_EMAIL: address });
      expect([status, body["code"]]).toEqual([400, address === "" ? 25 : 26]);
      expect(t.messages).toHaveLength(before);
      expect((await authorize(t, nonce)).body["changes_left"]).toBe(3);
    },
  );

  test("a read-only address stays: another is 403 / 9760, itself is fine", async () => {
    const nonce = await begin(t, { ...ADA, read_only: true });
    expect((await authorize(t, nonce)).body).toMatchObject({
      fix_address: true,
      last_address: ADA,
    });
    const refused = await give(t, nonce, BOB);
    expect([refused.status, refused.body["code"]]).toEqual([403, 9760]);
    expect((await give(t, nonce)).status).toBe(200);
    expect((await enter(t, nonce)).status).toBe(302);
  });

  test("a prefilled address is shown and may be changed", async () => {
    const nonce = await begin(t, ADA);
    expect((await authorize(t, nonce)).body).toEqual({
      fix_address: false,
      last_address: ADA,
      changes_left: 3,
      solved: false,
    });
    expect((await give(t, nonce, BOB)).status).toBe(200);
  });

  test("/solve leads to the redirect URI by 302, or tells it to who asks for JSON", async () => {
    const nonce = await begin(t);
    await authorize(t, nonce, { state: "a b&c" });
    await give(t, nonce);
    const pin = t.messages.at(-1)?.code ?? "";
    const { status, location } = await enter(t, nonce, pin.replace("-", " "));
    const url = new URL(location ?? "");
    expect([status, `${url.origin}${url.pathname}`]).toEqual([302, EXCHANGE.redirectUri]);
    expect([...url.searchParams.keys()]).toEqual(["code", "state"]);
    expect(url.searchParams.get("state")).toBe("a b&c");
    expect(url.searchParams.get("code")).toMatch(new RegExp(`^${nonce}-[0-9A-Z]{52}$`));
    const completed = { type: "completed", redirect_url: location };
    const headers = { Accept: "application/json" };
    const json = await read(await t.post(`/challenger/solve/${nonce}`, { pin }, { headers }));
    expect([json.status, json.body]).toEqual([200, completed]);
    // So is who gives an address again.
    expect((await give(t, nonce, BOB)).body).toEqual(completed);
    expect((await authorize(t, nonce)).body).toMatchObject({ solved: true, fix_address: true });
  });

  test("/solve refuses a wrong PIN with an InvalidPinResponse, 403 / 9758", async () => {
    const nonce = await begin(t);
    const none = await enter(t, nonce, "12345678");
    expect(none).toMatchObject({ status: 403, body: { no_challenge: true, exhausted: false } });
    await give(t, nonce);
    const { status, body } = await enter(t, nonce, wrongPin(t.messages.at(-1)?.code ?? ""));
    expect(status).toBe(403);
    const text = "The PIN code provided is incorrect.";
    expect(body).toEqual({
      type: "pending",
      ec: 9758,
      addresses_left: 2,
      pin_transmissions_left: 2,
      auth_attempts_left: 2,
      exhausted: false,
      no_challenge: false,
      error: "access_denied",
      error_description: text,
      code: 9758,
      hint: text,
      error_uri: expect.stringContaining("/docs/errors/pin_incorrect"),
    });
  });

  test("/solve refuses what cannot be a PIN without taking an entry", async () => {
    const nonce = await begin(t);
    await give(t, nonce);
    const answers = [
      await enter(t, nonce, ""),
      await enter(t, nonce, "1234567"),
      await enter(t, nonce, "12345678x"),
    ];
    expect(answers.map(({ status, body }) => [status, body["code"], body["detail"]])).toEqual([
      [400, 25, "pin"],
      [400, 26, "pin"],
      [400, 26, "pin"],
    ]);
    expect((await authorize(t, nonce)).body["auth_attempts_left"]).toBe(3);
  });

  test("/info tells the address, numbered, and until when it counts as validated", async () => {
    const answers: unknown[] = [];
    for (let round = 0; round < 2; round++) {
      const { code } = await earnCode(t);
      const { body } = await redeem(t, redeeming(code));
      const told = await info(t, body["access_token"]);
      expect(told.status).toBe(200);
      const expires = { t_s: START + 365 * 86_400 };
      expect(told.body).toEqual({
        id: expect.any(Number),
        address: ADA,
        address_type: "email",
        expires,
        address_expiration: expires,
      });
      answers.push(told.body["id"]);
    }
    expect(new Set(answers).size).toBe(2);
  });

  test("/info is 403 without a token and for a malformed one, 404 / 9753 for a dead one", async () => {
    const { code } = await earnCode(t);
    const token = String((await redeem(t, redeeming(code))).body["access_token"]);
    const asked = async (headers: Record<string, string>) => {
      const { status, body } = await read(await t.get("/challenger/info", headers));
      expect(body["error_description"]).toBeString();
      return [status, body["error"], body["code"], body["detail"]];
    };
    expect(await asked({})).toEqual([403, "invalid_request", 25, "Authorization"]);
    for (const Authorization of [
      "Bearer",
      "Basic MTpz",
      "Bearer x",
      `Bearer ${token}x`,
      `Bearer ${code}`,
    ]) {
      expect(await asked({ Authorization })).toEqual([403, "invalid_token", 26, "Authorization"]);
    }
    await t.post("/token/revoke", { token }, { basic: [EXCHANGE.id, EXCHANGE.secret] });
    expect(await asked({ Authorization: `Bearer ${token}` })).toEqual([
      404,
      "invalid_token",
      9753,
      undefined,
    ]);
  });

  test("/info knows no tokens but those of this protocol", async () => {
    await t.addClient({
      client_id: "service",
      client_secret: "s",
      grant_types: ["client_credentials"],
      scope: "api1",
    });
    const form = { grant_type: "client_credentials", scope: "api1" };
    const issued = await read(await t.post("/token", form, { basic: ["service", "s"] }));
    const { status, body } = await info(t, issued.body["access_token"]);
    expect([status, body["code"]]).toEqual([404, 9753]);
  });

  test("the token is opaque, known to its client's introspection, and dies with the client", async () => {
    const { body } = await redeem(t, redeeming((await earnCode(t)).code));
    const token = String(body["access_token"]);
    const basic = [EXCHANGE.id, EXCHANGE.secret] as const;
    const told = await read(await t.post("/introspect", { token }, { basic }));
    expect(told.body).toMatchObject({ active: true, client_id: EXCHANGE.id });
    expect(JSON.stringify(told.body)).not.toContain("mail.example");
    await t.services.store.setClientDisabled(EXCHANGE.id, START);
    expect((await info(t, token)).status).toBe(404);
    await t.services.store.setClientDisabled(EXCHANGE.id, null);
    expect((await info(t, token)).status).toBe(200);
  });
});
