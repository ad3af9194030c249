/** Two instances on one Postgres while the keys change: no token is refused anywhere. */
import { afterAll, describe, expect, setDefaultTimeout, spyOn, test } from "bun:test";
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from "jose";
import { SIGNING_ALGORITHMS } from "../../src/services/key_ring.ts";
import { addPerson, bodyOf, CALLBACK, signInAs, type Tokens, tokensOf } from "../support/openid.ts";
import { type TestServer, testServer } from "../support/server.ts";

setDefaultTimeout(60_000);

const PUBLISH_SECONDS = 600;
const LIFETIME_SECONDS = 3600;

const settings = {
  keyPublishSeconds: PUBLISH_SECONDS,
  accessTokenLifetimeSeconds: LIFETIME_SECONDS,
};

/** The clock that copies of rows age by, moved together with that of the tokens. */
const realNow = performance.now.bind(performance);
let moved = 0;
const clock = spyOn(performance, "now").mockImplementation(() => realNow() + moved);
afterAll(() => clock.mockRestore());

/** Two instances that share database and secret, and ann's session. */
async function cluster() {
  const one = await testServer({ database: "postgres", settings });
  const two = await testServer({ url: one.url, secret: one.secret, settings });
  await one.addClient({
    client_id: "app",
    client_secret: "s",
    redirect_uris: [CALLBACK],
    grant_types: ["authorization_code", "refresh_token"],
    scope: "openid",
  });
  const { session } = await signInAs(one, await addPerson(one, { username: "ann" }));
  const issue = (on: TestServer) => tokensOf(on, { clientId: "app", session, scope: ["openid"] });
  const advance = (seconds: number) => {
    moved += seconds * 1000;
    for (const each of [one, two]) each.advance(seconds);
  };
  return { one, two, issue, advance };
}

/** What an instance makes of tokens: at introspection, at userinfo, and as a hint. */
async function judged(on: TestServer, { access_token, id_token }: Tokens) {
  const asked = on.post("/introspect", { token: access_token }, { basic: ["app", "s"] });
  const { active } = await bodyOf<{ active: boolean }>(asked);
  const bearer = { Authorization: `Bearer ${access_token}` };
  const hint = `/authorize?${new URLSearchParams({
    client_id: "app",
    response_type: "code",
    redirect_uri: CALLBACK,
    scope: "openid",
    prompt: "none",
    id_token_hint: id_token,
  })}`;
  const location = (await on.get(hint)).headers.get("location") ?? "";
  return {
    active,
    userinfo: (await on.get("/userinfo", bearer)).status,
    hint: new URL(location).searchParams.get("error"),
  };
}

const GOOD = { active: true, userinfo: 200, hint: "login_required" };

const jwksOf = (on: TestServer) => bodyOf<JSONWebKeySet>(on.get("/jwks"));
const kidsOf = ({ access_token, id_token }: Tokens) =>
  [access_token, id_token].map((token) => decodeProtectedHeader(token).kid);

/** Verifies both tokens as a client does, by a key set that it may have kept. */
async function verifies(on: TestServer, { access_token, id_token }: Tokens, jwks: JSONWebKeySet) {
  const options = { currentDate: new Date(on.services.now() * 1000) };
  for (const token of [access_token, id_token]) {
    await jwtVerify(token, createLocalJWKSet(jwks), options);
  }
}

describe("issue 3 line 6: a rotation on one of two instances on postgres", () => {
  test("what the new key of one signs, the other takes at once; what the old one signed stays good", async () => {
    const { one, two, issue, advance } = await cluster();
    const old = await issue(one);
    expect(await judged(two, old)).toEqual(GOOD);
    for (const algorithm of SIGNING_ALGORITHMS) {
      expect(await one.services.keys.rotate(algorithm)).toBe(true);
    }
    // Published by both, signing by neither.
    advance(PUBLISH_SECONDS - 1);
    const cached = await jwksOf(two);
    const signing = cached.keys.filter(({ use }) => use === "sig");
    expect(signing).toHaveLength(2 * SIGNING_ALGORITHMS.length);
    for (const each of [one, two]) expect(kidsOf(await issue(each))).toEqual(kidsOf(old));
    advance(1);
    const fresh = await issue(one);
    expect(kidsOf(fresh)).not.toEqual(kidsOf(old));
    expect(await judged(two, fresh)).toEqual(GOOD);
    // A client that kept the key set of the other instance has the key.
    await verifies(two, fresh, cached);
    // And the other instance signs by the same keys now.
    const others = await issue(two);
    expect(kidsOf(others)).toEqual(kidsOf(fresh));
    expect(await judged(one, others)).toEqual(GOOD);
    // Tokens of the old key live as long as they were promised to.
    advance(LIFETIME_SECONDS - PUBLISH_SECONDS - 1);
    for (const each of [one, two]) {
      expect(await judged(each, old)).toEqual(GOOD);
      await verifies(each, old, await jwksOf(each));
    }
    advance(1);
    expect((await judged(two, old)).active).toBe(false);
  });

  test("a token whose key the other instance has not seen yet makes it look", async () => {
    const { one, two, issue, advance } = await cluster();
    // Its picture of the keys is from now, and nobody asks it anything until the new key signs.
    await jwksOf(two);
    for (const algorithm of SIGNING_ALGORITHMS) await one.services.keys.rotate(algorithm);
    advance(PUBLISH_SECONDS);
    const fresh = await issue(one);
    expect(await judged(two, fresh)).toEqual(GOOD);
    await verifies(two, fresh, await jwksOf(two));
  });
});
