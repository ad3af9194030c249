/** Keys that tokens of UMA are bound to, and subjects as each side knows them. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { decodeJwt } from "jose";
import { type DpopKey, dpopKey, proofOf } from "../support/dpop.ts";
import { ISSUER } from "../support/server.ts";
import { tokenIssuer } from "../support/token_issuer.ts";
import { GRANT, ID_TOKEN, PRINTER, readAnswer, umaServer } from "../support/uma.ts";

setDefaultTimeout(60_000);

const idp = await tokenIssuer();
const uma = await umaServer({
  settings: { umaClaimTokenIssuers: [idp.issuer], outgoingPrivateHosts: ["127.0.0.1"] },
});
await uma.addClient({ client_id: "app", grant_types: [GRANT.uma2], scope: "view" });
const pat = await uma.pat();
const [key, other] = [await dpopKey(), await dpopKey()];

/** Redeems a ticket for something that everybody may view, perhaps with a proof. */
async function redeem(form: Record<string, string>, by?: DpopKey, client?: typeof PRINTER) {
  const resource = await uma.resource(pat);
  await uma.policy(pat, resource);
  const all = { grant_type: GRANT.uma2, ticket: await uma.ticket(pat, resource), ...form };
  const headers: Record<string, string> = by ? { DPoP: await proofOf(by) } : {};
  const sent = client
    ? uma.post("/token", all, { basic: client, headers })
    : uma.post("/token", { ...all, client_id: "app" }, { headers });
  return readAnswer(await sent);
}

describe("a requesting party token that is bound to a key", () => {
  test("RFC 9449 §6: is told so to the resource server", async () => {
    const { body } = await redeem({}, key);
    expect(body.token_type).toBe("DPoP");
    const { cnf } = decodeJwt(body.access_token);
    expect((await uma.introspect(body.access_token)).body).toMatchObject({
      active: true,
      token_type: "DPoP",
      cnf,
    });
  });

  test("attack 14: is extended by nobody who has not the key, where the client has no credentials", async () => {
    const rpt = (await redeem({}, key)).body.access_token;
    for (const by of [undefined, other]) {
      const { status, body } = await redeem({ rpt }, by);
      expect([status, body.error_description]).toEqual([
        400,
        "the rpt is not one of this client's",
      ]);
    }
    expect((await redeem({ rpt }, key)).body).toMatchObject({ upgraded: true, token_type: "DPoP" });
  });

  test("of a confidential client is extended by its credentials, whatever key they come with", async () => {
    const rpt = (await redeem({}, key, PRINTER)).body.access_token;
    expect((await redeem({ rpt }, other, PRINTER)).body.upgraded).toBe(true);
  });
});

describe("RFC 7800 §3: a claim token that is bound to a key", () => {
  const show = async (cnf: unknown, by?: DpopKey) => {
    const claim_token = await idp.token({ claims: { cnf } });
    return redeem({ claim_token, claim_token_format: ID_TOKEN }, by, PRINTER);
  };

  test("speaks for its party with a proof of the key only", async () => {
    const { cnf } = decodeJwt((await redeem({}, key)).body.access_token);
    expect((await show(cnf)).body.error).toBe("need_info");
    expect((await show(cnf, other)).body.error).toBe("need_info");
    expect((await show(cnf, key)).status).toBe(200);
  });

  test.each([["text"], [null], [{ jwk: {} }], [{ "x5t#S256": "x" }]])(
    "says nothing where the binding %p is none that can be proven",
    async (cnf) => {
      expect((await show(cnf, key)).body.error).toBe("need_info");
    },
  );
});

describe("subjects", () => {
  test.each(["a\0b", "\x7f", "\ud800", ""])(
    "a claim token of a subject that no database could keep says nothing: %j",
    async (sub) => {
      const claim_token = await idp.token({ claims: { sub } });
      const form = { claim_token, claim_token_format: ID_TOKEN };
      expect((await redeem(form, undefined, PRINTER)).body.error).toBe("need_info");
    },
  );

  test("OpenID Connect Core §8: a policy's sub is the one that its resource server knows", async () => {
    const keeper = ["diary", "s"] as const;
    await uma.addClient({
      client_id: keeper[0],
      client_secret: keeper[1],
      grant_types: ["client_credentials", "password"],
      scope: "uma_protection openid",
      subject_type: "pairwise",
    });
    const known = decodeJwt(await uma.idToken("bob", keeper)).sub ?? "";
    expect(known).not.toBe(uma.bob);
    const own = await uma.pat(keeper);
    const ask = async (value: string) => {
      const resource = await uma.resource(own);
      await uma.policy(own, resource, { claims: [{ type: "sub", value }], provider: ISSUER });
      const form = { claim_token: await uma.idToken("bob"), claim_token_format: ID_TOKEN };
      return (await uma.redeem(await uma.ticket(own, resource), "uma2", { form })).status;
    };
    expect(await ask(known)).toBe(200);
    expect(await ask(uma.bob)).toBe(403);
  });
});
