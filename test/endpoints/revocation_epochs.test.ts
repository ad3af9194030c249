import { describe, expect, test } from "bun:test";
import { issueTestCode, REDIRECT_URI } from "../support/codes.ts";
import { MATRIX, openWorld, type World } from "./revocation_fixture.ts";

const worlds = new Map<string, World>();
for (const row of MATRIX) worlds.set(row.join(), await openWorld(row));

/** Whether tokens of the client, of the user, and the authorization were ended. */
const COMBINATIONS = [0, 1, 2, 3, 4, 5, 6, 7].map(
  (bits) => [(bits & 1) > 0, (bits & 2) > 0, (bits & 4) > 0] as const,
);

describe.each(MATRIX)(
  "decisions D5: what ends tokens, on %s, %s access tokens",
  (database, format) => {
    const world = worlds.get([database, format].join());
    if (!world) throw new TypeError(database);
    const { server, post, issue, issueToItself, refresh, isActive } = world;
    const { store, now } = server.services;

    const redeem = (code: string) =>
      post("app", "/token", { grant_type: "authorization_code", code, redirect_uri: REDIRECT_URI });

    /** A user and everything that the client holds of him: live tokens and a code to be redeemed. */
    async function aUserWithTokens() {
      const username = `user-${crypto.randomUUID()}`;
      const userId = await server.addUser({ username });
      const tokens = await issue({ userId });
      const { code } = await issueTestCode(server, { clientId: "app", userId });
      return { userId, username, ...tokens, code };
    }

    test.each(COMBINATIONS)(
      "attack 53: client ended %p, user ended %p, authorization revoked %p: any of them is enough",
      async (clientEnded, userEnded, revoked) => {
        server.advance(10);
        const { userId, access, refresh: head, code } = await aUserWithTokens();
        const itself = await issueToItself();
        server.advance(10);
        if (clientEnded) await store.setClientNotBefore("app", now());
        if (userEnded) await store.setUserNotBefore(userId, now());
        if (revoked) await post("app", "/token/revoke", { token: head });
        // An older end, of the same kind or another, hides no newer one.
        await store.setClientNotBefore("app", now() - 100);
        await store.setUserNotBefore(userId, now() - 100);
        const live = !(clientEnded || userEnded || revoked);
        expect(await isActive(access)).toBe(live);
        expect(await isActive(head)).toBe(live);
        expect(await isActive(itself)).toBe(!clientEnded);
        expect((await refresh(head)).status).toBe(live ? 200 : 400);
        expect((await redeem(code)).status).toBe(clientEnded || userEnded ? 400 : 200);
        server.advance(1);
        const later = await aUserWithTokens();
        expect(await isActive(later.access)).toBe(true);
      },
    );

    test.each(["disabled", "deleted"] as const)(
      "attack 20: a %s user's tokens and codes are dead at once",
      async (how) => {
        const { userId, access, refresh: head, code } = await aUserWithTokens();
        if (how === "disabled") await store.setUserDisabled(userId, now());
        else await store.deleteUser(userId);
        for (const token of [access, head]) expect(await isActive(token)).toBe(false);
        expect((await refresh(head)).status).toBe(400);
        expect((await redeem(code)).status).toBe(400);
        if (how === "deleted") return;
        await store.setUserDisabled(userId, null);
        for (const token of [access, head]) expect(await isActive(token)).toBe(true);
      },
    );

    test("a changed password ends all of the user's tokens and codes, and nobody else's", async () => {
      const { userId, username, access, refresh: head, code } = await aUserWithTokens();
      const bystander = await aUserWithTokens();
      const user = await store.findUser(userId);
      if (!user) throw new TypeError(userId);
      const row = { ...user, passwordHash: "new", notBefore: now() };
      const written = (passwordChanged: boolean) =>
        store.writeParties({
          clients: [],
          users: [{ row, seenAt: row.updatedAt, identifiers: [username], passwordChanged }],
        });
      await written(false);
      expect(await isActive(access)).toBe(true);
      await written(true);
      for (const token of [access, head]) expect(await isActive(token)).toBe(false);
      expect((await refresh(head)).status).toBe(400);
      expect((await redeem(code)).status).toBe(400);
      for (const token of [bystander.access, bystander.refresh]) {
        expect(await isActive(token)).toBe(true);
      }
      server.advance(1);
      const again = await issue({ userId });
      expect(await isActive(again.access)).toBe(true);
    });

    test.each(["disabled", "deleted"] as const)(
      "attack 20: a %s client's tokens are dead at once, whoever asks",
      async (how) => {
        const own = await openWorld([database, format]);
        const { access, refresh: head } = await own.issue();
        const itself = await own.issueToItself();
        if (how === "disabled") await own.server.services.store.setClientDisabled("app", now());
        else await own.server.services.store.deleteClient("app");
        for (const token of [access, head, itself]) {
          expect(await own.introspect(token, "admin")).toEqual({ active: false });
        }
        expect((await own.refresh(head)).status).toBe(401);
        expect((await own.post("app", "/introspect", { token: access })).status).toBe(401);
        await own.server.close();
      },
    );
  },
);
