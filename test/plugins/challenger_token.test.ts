import { describe, expect, test } from "bun:test";
import { onEachDatabase, sql } from "../endpoints/token_fixture.ts";
import { DATABASES } from "../support/databases.ts";
import {
  ADA,
  authorize,
  begin,
  challengerServer,
  EXCHANGE,
  earnCode,
  give,
  info,
  read,
  redeem,
  redeeming,
} from "./challenger_fixture.ts";
import { bodyOf, rowsOf } from "./challenger_token_rows.ts";

const tests = await onEachDatabase(async (database) => {
  const t = await challengerServer({ database });
  return { t, code: (await earnCode(t)).code };
});

describe.each(DATABASES)("POST /challenger/token, challenger.md B.4, on %s", (database) => {
  const { t, code } = tests[database];
  const [nonce = "", mac = ""] = code.split("-");
  const form = redeeming(code);

  test.each(rowsOf(nonce, mac))("row %s", async (_, changes, expected) => {
    const { status, body } = await redeem(t, { ...form, ...changes });
    expect(body).toEqual(bodyOf(expected));
    expect(status).toBe(expected[0]);
  });

  test("row 1: a body that is no form", async () => {
    const response = await t.post("/challenger/token", JSON.stringify(form), {
      headers: { "Content-Type": "application/json" },
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual(
      bodyOf([
        400,
        26,
        "invalid_request",
        "no parameter in body request",
        undefined,
        "body_unreadable",
      ]),
    );
  });

  test("row 6: a wrong secret in Basic is challenged for Basic, an unknown id is 404", async () => {
    const { client_id: _, client_secret: __, ...rest } = form;
    const response = await t.post("/challenger/token", rest, { basic: ["1", "wrong"] });
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toStartWith("Basic ");
    expect(await response.json()).toMatchObject({ error: "invalid_client", code: 9750 });
    expect(await redeem(t, rest, ["99", "wrong"])).toMatchObject({
      status: 404,
      body: { code: 9750 },
    });
  });

  test("row 6: clients of another profile are unknown (decisions D2)", async () => {
    await t.addClient({
      client_id: "77",
      client_secret: "s",
      grant_types: ["authorization_code"],
      token_endpoint_auth_method: "client_secret_post",
      redirect_uris: [EXCHANGE.redirectUri],
    });
    const foreign = { ...form, client_id: "77", client_secret: "s" };
    const refused = await redeem(t, foreign);
    expect([refused.status, refused.body["code"]]).toEqual([404, 9750]);
    expect((await t.post("/token", foreign)).status).toBe(400);
  });

  test("row 10: no address was given yet, whatever stands behind the nonce", async () => {
    const fresh = await begin(t);
    await authorize(t, fresh);
    const { status, body } = await redeem(t, { ...form, code: `${fresh}-${mac}` });
    expect(body).toEqual(
      bodyOf([409, 9759, "invalid_grant", undefined, undefined, "code_address_missing"]),
    );
    expect(status).toBe(409);
  });

  test.each([false, true])(
    "row 10: what the client prefilled was not submitted by the user, read_only %p",
    async (read_only) => {
      const fresh = await begin(t, { ...ADA, read_only });
      const { status, body } = await redeem(t, { ...form, code: `${fresh}-${mac}` });
      expect([status, body["code"]]).toEqual([409, 9759]);
    },
  );

  test("row 11: an address was given and no PIN was entered", async () => {
    const fresh = await begin(t);
    await give(t, fresh, ADA);
    const { status, body } = await redeem(t, { ...form, code: `${fresh}-${mac}` });
    expect([status, body["code"]]).toEqual([401, 9753]);
  });

  test("after all refusals the code is still good, once; row 11: already used", async () => {
    const answer = await t.post("/challenger/token", form);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.get("pragma")).toBe("no-cache");
    const { body } = await read(answer);
    expect(body).toEqual({
      access_token: expect.stringMatching(/^[^\n\r ;]+$/),
      token_type: "Bearer",
      expires_in: 3600,
    });
    expect((await info(t, body["access_token"])).status).toBe(200);
    const again = await redeem(t, form);
    expect([again.status, again.body["code"]]).toEqual([401, 9753]);
    // RFC 6749 §4.1.2: what it gave goes with it.
    expect((await info(t, body["access_token"])).status).toBe(404);
  });

  test("credentials in Basic do as well, and `state` is tolerated with them", async () => {
    const { client_id: _, client_secret: __, ...rest } = redeeming((await earnCode(t)).code);
    const { status, body } = await redeem(t, rest, [EXCHANGE.id, EXCHANGE.secret]);
    expect([status, body["token_type"]]).toEqual([200, "Bearer"]);
  });

  test("the same code is redeemed at /token, in the same dialect (decisions D2)", async () => {
    const earned = redeeming((await earnCode(t)).code);
    const wrong = await read(await t.post("/token", { ...earned, code: "x" }));
    expect([wrong.status, wrong.body["code"]]).toEqual([401, 9754]);
    const right = await read(await t.post("/token", earned));
    expect(Object.keys(right.body)).toEqual(["access_token", "token_type", "expires_in"]);
  });
});

describe("POST /challenger/token when time passes or the store fails", () => {
  test("row 9: the process is over", async () => {
    const t = await challengerServer();
    const { code } = await earnCode(t);
    t.advance(3600);
    const { status, body } = await redeem(t, redeeming(code));
    expect([status, body["code"]]).toEqual([401, 9755]);
  });

  test("row 13: the database fails", async () => {
    const t = await challengerServer();
    const { code } = await earnCode(t);
    await sql(t.url, "DROP TABLE challenges");
    const { status, body } = await redeem(t, redeeming(code));
    expect(body).toEqual(
      bodyOf([500, 53, "server_error", undefined, undefined, "store_read_failed"]),
    );
    expect(status).toBe(500);
  });

  test("the token lives as long as CHALLENGE_LIFETIME_SECONDS says, whatever other tokens do", async () => {
    const t = await challengerServer({
      settings: { challengeLifetimeSeconds: 7200, accessTokenLifetimeSeconds: 60 },
    });
    const { body } = await redeem(t, redeeming((await earnCode(t)).code));
    expect(body["expires_in"]).toBe(7200);
    t.advance(7199);
    expect((await info(t, body["access_token"])).status).toBe(200);
    t.advance(1);
    expect((await info(t, body["access_token"])).status).toBe(404);
  });

  test("the token of a process that waits for a letter has a day, and no more", async () => {
    const t = await challengerServer({ settings: { challengeLifetimeSeconds: 30 * 86_400 } });
    const { code } = await earnCode(t);
    const { body } = await redeem(t, redeeming(code));
    expect(body["expires_in"]).toBe(86_400);
    t.advance(86_399);
    expect((await info(t, body["access_token"])).status).toBe(200);
    t.advance(1);
    expect((await info(t, body["access_token"])).status).toBe(404);
  });
});
