import { describe, expect, test } from "bun:test";
import { issueTestCode, REDIRECT_URI, RFC7636 } from "../support/codes.ts";
import {
  authorize,
  begin,
  challengerServer,
  earnCode,
  enter,
  give,
  info,
  read,
  redeem,
  redeeming,
  setup,
} from "./challenger_fixture.ts";

const t = await challengerServer();
const S256 = { code_challenge: RFC7636.challenge, code_challenge_method: "S256" };

describe("a client of this profile that uses /authorize too", () => {
  test("redeems the codes from there, and gets all that they are good for", async () => {
    await t.addClient({
      client_id: "8",
      client_secret: "s",
      profile: "challenger",
      grant_types: ["authorization_code", "refresh_token"],
      redirect_uris: [REDIRECT_URI],
      scope: "api1",
    });
    const { code } = await issueTestCode(t, { clientId: "8" });
    const form = { grant_type: "authorization_code", code, redirect_uri: REDIRECT_URI };
    const { status, body } = await read(await t.post("/token", form, { basic: ["8", "s"] }));
    expect([status, body["scope"]]).toEqual([200, "api1"]);
    expect(body["refresh_token"]).toBeString();
    // The token stands for no address.
    expect((await info(t, body["access_token"])).body["code"]).toBe(9753);
    const again = await read(await t.post("/token", form, { basic: ["8", "s"] }));
    expect([again.status, again.body["code"]]).toEqual([401, 9753]);
  });
});

describe("PKCE of a Challenger process (RFC 7636, challenger.md B.5)", () => {
  test.each([
    ["S256", S256],
    ["plain", { code_challenge: RFC7636.verifier, code_challenge_method: "plain" }],
    ["plain where no method is named", { code_challenge: RFC7636.verifier }],
  ])("%s: without the verifier 401 / 9753, with it a token", async (_, challenge) => {
    const form = redeeming((await earnCode(t, challenge)).code);
    const wrong = `${RFC7636.verifier.slice(0, -1)}A`;
    for (const code_verifier of [undefined, wrong, RFC7636.challenge, "short"]) {
      const refused = await redeem(t, { ...form, code_verifier });
      expect(refused).toMatchObject({
        status: 401,
        body: {
          error: "invalid_grant",
          error_description: "the code verifier is not correct",
          code: 9753,
          detail: "code_verifier",
        },
      });
    }
    const { status } = await redeem(t, { ...form, code_verifier: RFC7636.verifier });
    expect(status).toBe(200);
  });

  test.each([
    ["S512", { ...S256, code_challenge_method: "S512" }, "code_challenge_method", 26],
    ["a challenge too short", { ...S256, code_challenge: "abc" }, "code_challenge", 26],
    ["a method alone", { code_challenge_method: "S256" }, "code_challenge", 25],
  ])("/authorize refuses %s", async (_, changes, detail, code) => {
    const answer = await authorize(t, await begin(t), changes);
    expect(answer).toMatchObject({ status: 400, body: { detail, code } });
  });

  test("a client that registered require_pkce must send a challenge", async () => {
    await t.addClient({
      client_id: "3",
      client_secret: "s",
      profile: "challenger",
      redirect_uris: ["https://other.example/cb"],
      require_pkce: true,
    });
    const { body } = await setup(t, { client: "3", secret: "s" });
    const own = { client_id: "3", redirect_uri: "https://other.example/cb" };
    const nonce = String(body["nonce"]);
    const without = await authorize(t, nonce, own);
    expect(without).toMatchObject({ status: 400, body: { detail: "code_challenge", code: 25 } });
    expect((await authorize(t, nonce, { ...own, ...S256 })).status).toBe(200);
  });

  test("who comes again to /authorize changes what the code is bound to, until it is solved", async () => {
    const nonce = await begin(t);
    await authorize(t, nonce);
    await authorize(t, nonce, { ...S256, state: "second" });
    await give(t, nonce);
    const { location } = await enter(t, nonce);
    expect(new URL(location ?? "").searchParams.get("state")).toBe("second");
    const late = await authorize(t, nonce, { state: "third", code_challenge: RFC7636.verifier });
    expect(late).toMatchObject({ status: 200, body: { solved: true } });
    expect((await enter(t, nonce)).location).toBe(location);
    const code = new URL(location ?? "").searchParams.get("code") ?? "";
    expect((await redeem(t, redeeming(code))).status).toBe(401);
    const form = { ...redeeming(code), code_verifier: RFC7636.verifier };
    expect((await redeem(t, form)).status).toBe(200);
  });
});
