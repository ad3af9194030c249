import { describe, expect, test } from "bun:test";
import { issueTestCode, REDIRECT_URI, RFC7636 } from "../support/codes.ts";
import { DATABASES } from "../support/databases.ts";
import { type PostOptions, testServer } from "../support/server.ts";
import {
  bodyOf,
  CODE_REFUSED,
  eventsOf,
  expectRefusal,
  isActive,
  onEachDatabase,
  REFRESH_REFUSED,
  RESOURCE_SERVER,
  refresh,
} from "./token_fixture.ts";

const servers = await onEachDatabase(async (database) => {
  const server = await testServer({ database });
  const app = {
    client_secret: "s",
    scope: "api1",
    grant_types: ["authorization_code", "refresh_token"],
    redirect_uris: [REDIRECT_URI],
  };
  await server.addClient(RESOURCE_SERVER);
  await server.addClient({ ...app, client_id: "jwt" });
  await server.addClient({ ...app, client_id: "opaque", access_token_format: "opaque" });
  await server.addClient({ ...app, client_id: "thief" });
  return server;
});

describe.each(DATABASES)("RFC 6749 §4.1.2 a code that comes back on %s", (database) => {
  const server = servers[database];
  const redeem = (code: string, as: PostOptions, changes: Record<string, string> = {}) =>
    server.post(
      "/token",
      {
        grant_type: "authorization_code",
        code,
        redirect_uri: REDIRECT_URI,
        code_verifier: RFC7636.verifier,
        ...changes,
      },
      as,
    );
  const issue = (clientId: string) =>
    issueTestCode(server, { clientId, challenge: RFC7636.challenge });
  const own = (id: string): PostOptions => ({ basic: [id, "s"] });

  test.each(["jwt", "opaque"])(
    "attack 1: a replay ends what the code gave, access token (%s), refresh token and successors",
    async (as) => {
      const { code } = await issue(as);
      const first = await bodyOf(await redeem(code, own(as)));
      const second = await bodyOf(await refresh(server, first.refresh_token, own(as)));
      const tokens = [first.access_token, second.access_token, second.refresh_token];
      for (const token of tokens) expect(await isActive(server, token)).toBe(true);

      await expectRefusal(await redeem(code, own(as)), CODE_REFUSED);
      for (const token of tokens) expect(await isActive(server, token)).toBe(false);
      await expectRefusal(await refresh(server, second.refresh_token, own(as)), REFRESH_REFUSED);
      expect(await eventsOf(server)).toContain("code.reused");
      await expectRefusal(await redeem(code, own(as)), CODE_REFUSED);
    },
  );

  test.each(["jwt", "opaque"])(
    "attack 3: a replay that proves less than the owner did ends nothing (%s)",
    async (as) => {
      const { code } = await issue(as);
      const { access_token: access, refresh_token: token } = await bodyOf(
        await redeem(code, own(as)),
      );
      const replays: [PostOptions, Record<string, string>, number, string][] = [
        [{ basic: [as, "wrong"] }, {}, 401, "invalid_client"],
        [{}, { client_id: as }, 400, "invalid_client"],
        [{}, {}, 400, "invalid_client"],
        [{ basic: ["nobody", "s"] }, {}, 401, "invalid_client"],
        [own("thief"), {}, 400, "invalid_grant"],
        [own(as), { redirect_uri: `${REDIRECT_URI}/` }, 400, "invalid_grant"],
        [own(as), { code_verifier: "A".repeat(43) }, 400, "invalid_grant"],
        [own(as), { code_verifier: "" }, 400, "invalid_grant"],
      ];
      for (const [options, changes, status, error] of replays) {
        const refusal = await bodyOf(await redeem(code, options, changes), status);
        expect(refusal.error).toBe(error);
      }
      expect(await isActive(server, access)).toBe(true);
      expect(await isActive(server, token)).toBe(true);
      expect((await refresh(server, token, own(as))).status).toBe(200);
    },
  );

  test("attack 4: the code of one client is worth nothing to another, and stays good", async () => {
    const { code } = await issue("jwt");
    await expectRefusal(await redeem(code, own("thief")), [
      400,
      "invalid_grant",
      "the authorization code has not been issued for the given client id thief",
    ]);
    expect((await redeem(code, own("jwt"))).status).toBe(200);
  });

  test("two redemptions at once: one wins at most, and the replay ends what it won", async () => {
    const { code } = await issue("jwt");
    const answers = await Promise.all(Array.from({ length: 10 }, () => redeem(code, own("jwt"))));
    const won = answers.filter(({ status }) => status === 200);
    expect(won.length).toBe(1);
    for (const answer of answers.filter((a) => a.status !== 200)) {
      await expectRefusal(answer, CODE_REFUSED);
    }
    const [winner] = won;
    const { access_token: token } = await bodyOf(winner ?? new Response());
    expect(await isActive(server, token)).toBe(false);
  });

  test("a spent code that comes back too late is obsolete, and ends nothing (decisions D3)", async () => {
    const { code } = await issue("jwt");
    const { access_token: token } = await bodyOf(await redeem(code, own("jwt")));
    server.advance(60);
    await expectRefusal(await redeem(code, own("jwt")), [
      400,
      "invalid_grant",
      "the authorization code is obsolete",
    ]);
    expect(await isActive(server, token)).toBe(true);
  });
});
