/** Claim tokens: ID tokens of ours and of configured issuers, and nothing else (attack 69). */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { decodeJwt, UnsecuredJWT } from "jose";
import { signJwt } from "../../src/services/sign_jwt.ts";
import { ISSUER, START } from "../support/server.ts";
import { type TokenChanges, tokenIssuer } from "../support/token_issuer.ts";
import { FAMILIES, type Family, ID_TOKEN, umaServer, VIEWER } from "../support/uma.ts";

setDefaultTimeout(60_000);

const idp = await tokenIssuer();
const uma = await umaServer({
  settings: {
    umaClaimTokenIssuers: [idp.issuer, "http://127.0.0.1:9"],
    outgoingPrivateHosts: ["127.0.0.1"],
  },
});
const pat = await uma.pat();
const CAROL = [{ type: "email", value: "carol@example.com" }];
const BOB = [{ type: "email", value: "bob@example.com" }];

/** Asks for a resource whose policy needs claims, and shows a claim token. */
async function show(
  claim_token: string,
  { claims = CAROL as object[], rule = {}, family = "uma2" as Family, format = ID_TOKEN } = {},
) {
  const resource = await uma.resource(pat);
  await uma.policy(pat, resource, { claims, ...rule });
  const ticket = await uma.ticket(pat, resource);
  return uma.redeem(ticket, family, { form: { claim_token, claim_token_format: format } });
}

describe("another issuer's ID token", () => {
  test("satisfies a policy, and its subject is no subject of ours", async () => {
    const { status, body } = await show(await idp.token({ claims: { sub: uma.bob } }));
    expect([status, body]).toEqual([200, body]);
    expect(decodeJwt(body.access_token).sub).toBe("printer");
    expect((await uma.introspect(body.access_token)).body.active).toBe(true);
  });

  test("may come in base64url, and goes without its format no more than the format without it", async () => {
    const text = await idp.token();
    expect((await show(Buffer.from(text).toString("base64url"))).status).toBe(200);
    const ticket = await uma.ticket(pat, await uma.resource(pat));
    const form = { claim_token_format: ID_TOKEN };
    const { body } = await uma.redeem(ticket, "uma2", { form });
    expect(body.error_description).toBe("the parameter claim_token is missing");
  });

  test("may be meant for us instead of the client", async () => {
    const aud = ["somebody", ISSUER];
    expect((await show(await idp.token({ claims: { aud } }))).status).toBe(200);
  });

  test("says nothing of addresses that the issuer did not verify", async () => {
    const unverified = await idp.token({ claims: { email_verified: false } });
    expect((await show(unverified)).body.error).toBe("request_denied");
  });

  test("counts for its own provider only, where the rule names one", async () => {
    const ours = { claims: CAROL, rule: { provider: ISSUER } };
    const asked = await show(await idp.token(), ours);
    expect(asked.body).toMatchObject({
      error: "need_info",
      required_claims: [{ issuer: [ISSUER] }],
    });
    const theirs = { claims: CAROL, rule: { provider: idp.issuer } };
    expect((await show(await idp.token(), theirs)).status).toBe(200);
  });

  test("never makes its subject the owner of what belongs to a user of ours", async () => {
    const owners = await uma.pat(undefined, "bob");
    const ticket = await uma.ticket(owners, await uma.resource(owners));
    const claim_token = await idp.token({ claims: { sub: uma.bob } });
    const form = { claim_token, claim_token_format: ID_TOKEN };
    expect((await uma.redeem(ticket, "uma2", { form })).body.error).toBe("request_denied");
  });
});

/** A good token's claims without a signature. */
async function unsigned(): Promise<string> {
  const claims = decodeJwt(await idp.token());
  return new UnsecuredJWT({ ...claims }).encode();
}

/** Tokens that say nothing good of anybody. */
const BAD: readonly (readonly [what: string, make: () => Promise<string>])[] = [
  ["no token", async () => "x"],
  ["not signed", unsigned],
  ["signed by a stranger", () => idp.token({ stranger: true })],
  ["signed by a key that nobody knows", () => idp.token({ header: { kid: "x" }, stranger: true })],
  ["another issuer's", () => idp.token({ claims: { iss: "https://evil.example" } })],
  [
    "one of an issuer that cannot be reached",
    () => idp.token({ claims: { iss: "http://127.0.0.1:9" } }),
  ],
  ["ours by its word only", () => idp.token({ claims: { iss: ISSUER } })],
  ["another issuer's with a slash", () => idp.token({ claims: { iss: `${idp.issuer}/` } })],
  ["meant for another client", () => idp.token({ claims: { aud: "viewer" } })],
  ["meant for nobody", () => idp.token({ claims: { aud: undefined } })],
  ["authorized for another party", () => idp.token({ claims: { azp: "viewer" } })],
  ["expired", () => idp.token({ claims: { exp: START - 11 } })],
  ["without an end", () => idp.token({ claims: { exp: undefined } })],
  ["without a subject", () => idp.token({ claims: { sub: undefined } })],
  ["of the future", () => idp.token({ claims: { iat: START + 11 } })],
  ["an access token", () => idp.token({ header: { typ: "at+jwt" } })],
  ["a logout token", () => idp.token({ claims: { events: {} } })],
  [
    "critical in a way that nobody knows",
    () => idp.token({ header: { crit: ["unheard"], unheard: 1 } }),
  ],
  ["ours for another client", () => uma.idToken("bob", VIEWER)],
  [
    "signed userinfo of ours",
    () => {
      const claims = { iss: ISSUER, aud: "printer", sub: uma.bob };
      return signJwt(claims, { algorithm: "RS256", type: "JWT" }, uma.services);
    },
  ],
  ["one of our access tokens", () => uma.pat(undefined, "bob")],
];

describe.each(FAMILIES)(
  "attack 69: in the names of %s, a claim token is refused that is",
  (family) => {
    test.each(BAD)("%s", async (_, make) => {
      const claims = [...CAROL];
      const { status, body } = await show(await make(), { claims, family });
      expect(body).not.toHaveProperty("access_token");
      const expected = family === "uma2" ? [403, "need_info"] : [400, "invalid_grant"];
      expect([status, body.error]).toEqual(expected as never);
    });

    test("of another format, and one without a format", async () => {
      const asked = await show(await idp.token(), { family, format: "urn:x" });
      expect(asked.body.error).toBe(family === "uma2" ? "need_info" : "invalid_grant");
      const ticket = await uma.ticket(pat, await uma.resource(pat));
      const form = { claim_token: await idp.token() };
      expect((await uma.redeem(ticket, family, { form })).body).toMatchObject({
        error: "invalid_request",
        error_description: "the parameter claim_token_format is missing",
      });
    });
  },
);

describe("our own ID token", () => {
  test("is judged by what is known of the user now", async () => {
    const claim_token = await uma.idToken("bob");
    expect((await show(claim_token, { claims: BOB })).status).toBe(200);
    await uma.services.store.setUserDisabled(uma.bob, START);
    expect((await show(claim_token, { claims: BOB })).body.error).toBe("need_info");
    await uma.services.store.setUserDisabled(uma.bob, null);
    expect((await show(claim_token, { claims: BOB })).status).toBe(200);
  });

  test("of a pairwise client leads to the same user", async () => {
    await uma.addClient({
      client_id: "pairwise",
      client_secret: "s",
      grant_types: ["password", "uma_ticket"],
      scope: "openid",
      subject_type: "pairwise",
    });
    const client = ["pairwise", "s"] as const;
    const claim_token = await uma.idToken("bob", client);
    expect(decodeJwt(claim_token).sub).not.toBe(uma.bob);
    const resource = await uma.resource(pat);
    await uma.policy(pat, resource, { claims: [{ type: "sub", value: uma.bob }] });
    const ticket = await uma.ticket(pat, resource);
    const form = { claim_token, claim_token_format: ID_TOKEN };
    const { status, body } = await uma.redeem(ticket, "seed", { client, form });
    expect([status, body]).toEqual([200, body]);
    expect(decodeJwt(body.access_token).sub).toBe(decodeJwt(claim_token).sub ?? "");
  });

  test("that has expired, or whose user's tokens were ended, says nothing", async () => {
    const claim_token = await uma.idToken("bob");
    await uma.services.store.setUserNotBefore(uma.bob, uma.services.now());
    expect((await show(claim_token, { claims: BOB })).body.error).toBe("need_info");
    uma.advance(1);
    const fresh = await uma.idToken("bob");
    expect((await show(fresh, { claims: BOB })).status).toBe(200);
  });
});

describe("the keys of another issuer", () => {
  /** A server that trusts an issuer of its own, and how it answers a token of that. */
  async function trusting() {
    const other = await tokenIssuer();
    const fresh = await umaServer({
      settings: { umaClaimTokenIssuers: [other.issuer], outgoingPrivateHosts: ["127.0.0.1"] },
    });
    const own = await fresh.pat();
    const answer = async (changes: TokenChanges = {}) => {
      const resource = await fresh.resource(own);
      await fresh.policy(own, resource, { claims: CAROL });
      const claims = { iat: fresh.services.now(), exp: fresh.services.now() + 60 };
      const claim_token = await other.token({ claims, ...changes });
      const form = { claim_token, claim_token_format: ID_TOKEN };
      return (await fresh.redeem(await fresh.ticket(own, resource), "uma2", { form })).status;
    };
    return { other, fresh, answer };
  }

  test("are kept, fetched again for a key that is new, and no more often than every 30 seconds", async () => {
    const { other, fresh, answer } = await trusting();
    other.fault.status = 500;
    expect([await answer(), await answer(), other.asked.count]).toEqual([403, 403, 1]);
    other.fault.status = undefined;
    fresh.advance(31);
    expect([await answer(), await answer(), other.asked.count]).toEqual([200, 200, 3]);
    await other.rotate();
    expect([await answer(), other.asked.count]).toEqual([403, 3]);
    fresh.advance(31);
    expect([await answer(), await answer(), other.asked.count]).toEqual([200, 200, 5]);
    fresh.advance(301);
    expect([await answer(), other.asked.count]).toEqual([200, 7]);
  });

  test("stay good when a token with a key of nobody comes while the issuer is away", async () => {
    const { other, fresh, answer } = await trusting();
    expect(await answer()).toBe(200);
    fresh.advance(31);
    other.fault.status = 500;
    const strange = { header: { kid: "x" }, stranger: true };
    const answers = await Promise.all([answer(strange), answer(), answer(strange)]);
    expect([...answers, await answer(), other.asked.count]).toEqual([403, 200, 403, 200, 3]);
    fresh.advance(270);
    expect(await answer()).toBe(403);
  });
});
