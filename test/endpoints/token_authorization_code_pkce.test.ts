import { describe, expect, test } from "bun:test";
import { s256 } from "../../src/protocol/pkce.ts";
import { issueTestCode, REDIRECT_URI, RFC7636 } from "../support/codes.ts";
import { DATABASES } from "../support/databases.ts";
import { testServer } from "../support/server.ts";
import { expectRefusal, onEachDatabase, sql } from "./token_fixture.ts";

const REFUSED = [400, "invalid_grant", "the code verifier is not correct"] as const;
const { verifier: VERIFIER, challenge: CHALLENGE } = RFC7636;

const servers = await onEachDatabase(async (database) => {
  const server = await testServer({ database });
  const app = {
    client_secret: "s",
    token_endpoint_auth_method: "client_secret_post",
    scope: "api1",
    grant_types: ["authorization_code"],
    redirect_uris: [REDIRECT_URI],
  };
  const { client_secret: _, ...open } = { ...app, token_endpoint_auth_method: "none" };
  await server.addClient({ ...app, client_id: "confidential" });
  await server.addClient({ ...open, client_id: "public" });
  await server.addClient({ ...app, client_id: "strict", require_pkce: true });
  const methods = { code_challenge_methods: ["S256" as const, "plain" as const] };
  await server.addClient({ ...app, ...methods, client_id: "plain" });
  await server.addClient({ ...app, client_id: "challenger", profile: "challenger" });
  return server;
});

describe.each(DATABASES)("RFC 7636 PKCE at the token endpoint on %s", (database) => {
  const server = servers[database];
  const redeem = (code: string, as: string, verifier?: string) =>
    server.post("/token", {
      grant_type: "authorization_code",
      code,
      redirect_uri: REDIRECT_URI,
      client_id: as,
      ...(as !== "public" && { client_secret: "s" }),
      ...(verifier !== undefined && { code_verifier: verifier }),
    });
  const issue = async (clientId: string, challenge?: string, method?: "plain") => {
    const wanted = { clientId, ...(challenge && { challenge }), ...(method && { method }) };
    return issueTestCode(server, wanted);
  };

  test.each(["confidential", "public", "strict"])(
    "Appendix B: its verifier proves its challenge for the %s client",
    async (as) => {
      const { code } = await issue(as, CHALLENGE);
      expect((await redeem(code, as, VERIFIER)).status).toBe(200);
    },
  );

  test.each(["confidential", "public", "strict"])(
    "attack 7: a code with a challenge needs its verifier, the %s client too",
    async (as) => {
      const { code } = await issue(as, CHALLENGE);
      await expectRefusal(await redeem(code, as), REFUSED);
      await expectRefusal(await redeem(code, as, " "), REFUSED);
      await expectRefusal(await redeem(code, as, "A".repeat(43)), REFUSED);
      expect((await redeem(code, as, VERIFIER)).status).toBe(200);
    },
  );

  test.each(["confidential", "public", "strict"])(
    "attack 7: a verifier for a code without challenge is refused, the %s client too",
    async (as) => {
      const { code } = await issue(as);
      await expectRefusal(await redeem(code, as, VERIFIER), REFUSED);
    },
  );

  test("attack 7: without a challenge only a confidential client that need not use PKCE redeems", async () => {
    const statuses = [];
    for (const as of ["public", "strict", "confidential"]) {
      const { code } = await issue(as);
      statuses.push((await redeem(code, as)).status);
    }
    expect(statuses).toEqual([400, 400, 200]);
  });

  test.each([
    ["both columns", "code_challenge = NULL, code_challenge_method = NULL", "public"],
    ["both columns", "code_challenge = NULL, code_challenge_method = NULL", "strict"],
    ["the challenge", "code_challenge = NULL", "public"],
    ["the challenge", "code_challenge = NULL", "confidential"],
    ["the method", "code_challenge_method = NULL", "public"],
    ["the method", "code_challenge_method = NULL", "confidential"],
    ["the method's value", "code_challenge_method = 's256'", "confidential"],
  ])("attack 8: a store that loses %s (%s) fails closed for the %s client", async (_, set, as) => {
    const { code, key } = await issue(as, CHALLENGE);
    await sql(server.url, `UPDATE codes SET ${set} WHERE key = '${key}'`);
    for (const verifier of [undefined, VERIFIER, CHALLENGE]) {
      await expectRefusal(await redeem(code, as, verifier), REFUSED);
    }
  });

  test("attack 9: verifiers outside the grammar prove nothing, matching challenge or not", async () => {
    const weak = ["a", "a".repeat(42), "a".repeat(129), `${"a".repeat(42)}!`, `${"a".repeat(42)}é`];
    for (const verifier of weak) {
      const { code } = await issue("public", await s256(verifier));
      await expectRefusal(await redeem(code, "public", verifier), REFUSED);
    }
    for (const verifier of ["a".repeat(43), "~._-".repeat(32)]) {
      const { code } = await issue("public", await s256(verifier));
      expect((await redeem(code, "public", verifier)).status).toBe(200);
    }
  });

  test("attack 9: wrong verifiers, however many, never spend the code", async () => {
    const { code } = await issue("public", CHALLENGE);
    const guesses = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        redeem(code, "public", `${VERIFIER.slice(0, -2)}${i + 10}`),
      ),
    );
    expect(guesses.map(({ status }) => status)).toEqual(guesses.map(() => 400));
    expect((await redeem(code, "public", VERIFIER)).status).toBe(200);
  });

  test("attack 10: plain works only for clients registered for it, and for Challenger's", async () => {
    const statuses = [];
    for (const as of ["public", "confidential", "strict", "plain", "challenger"]) {
      const { code } = await issue(as, VERIFIER, "plain");
      statuses.push((await redeem(code, as, VERIFIER)).status);
    }
    expect(statuses).toEqual([400, 400, 400, 200, 200]);
  });

  test("attack 10: an S256 challenge is no verifier of itself", async () => {
    const { code } = await issue("plain", CHALLENGE);
    await expectRefusal(await redeem(code, "plain", CHALLENGE), REFUSED);
  });
});
