import { describe, expect, test } from "bun:test";
import type { Session, SignInGrounds } from "../../src/store/sessions.ts";
import type { Store } from "../../src/store/store.ts";
import type { UserWrite } from "../../src/store/users.ts";
import { aClient, anAuthorization, aUser, countWins, FAR, NOW, unique } from "./fixtures.ts";
import { anInteraction, aSession } from "./front_channel_fixtures.ts";

const groundsOf = ({ row }: UserWrite): SignInGrounds => ({
  id: row.id,
  passwordHash: null,
  secondFactor: null,
  notBefore: 0,
});

/** Sessions, interactions and origins. */
export function describeFrontChannel(open: () => Promise<Store>): void {
  describe("sessions", () => {
    test("come back as they were, by id and by the exact hash of the cookie", async () => {
      const store = await open();
      const session = aSession();
      await store.insertSession(session);
      expect(await store.findSession(session.id)).toEqual(session);
      expect(await store.findSessionByHash(session.hash)).toEqual(session);
      expect(await store.findSessionByHash(session.hash.toUpperCase())).toBeUndefined();
      expect(await store.findSession(unique())).toBeUndefined();
    });

    test("one cookie is one session", async () => {
      const store = await open();
      const session = aSession();
      await store.insertSession(session);
      const twin = aSession({ hash: session.hash });
      await expect(store.insertSession(twin)).rejects.toMatchObject({ code: "store_write_failed" });
    });

    test("rotateSession() is won by one of 50 sign-ins at once, and the old cookie is dead", async () => {
      const store = await open();
      const user = aUser("ann");
      await store.writeParties({ clients: [], users: [user] });
      const session = aSession({ userId: user.row.id });
      await store.insertSession(session);
      const renewed = (index: number) => ({
        hash: `${session.hash}-${index}`,
        authTime: NOW + 1,
        amr: ["pwd", "otp"],
        device: "Chromium",
        lastSeenAt: NOW + 1,
        expiresAt: FAR,
      });
      const rotate = (index: number) =>
        store.rotateSession({ ...session, renewed: renewed(index) }, groundsOf(user));
      expect(await countWins(50, rotate)).toBe(1);
      expect(await store.findSessionByHash(session.hash)).toBeUndefined();
      const found = await store.findSession(session.id);
      expect(found).toMatchObject({ amr: ["pwd", "otp"], device: "Chromium", createdAt: NOW });
    });

    test("begin and go on only while the user is as he was when he proved himself", async () => {
      const store = await open();
      const write = (session: Session, grounds: SignInGrounds) =>
        store.insertSession(session, grounds);
      const renew = ({ id, hash }: Session, grounds: SignInGrounds) => {
        const { authTime, amr, device, lastSeenAt, expiresAt } = aSession();
        const renewed = { hash: unique(), authTime, amr, device, lastSeenAt, expiresAt };
        return store.rotateSession({ id, hash, renewed }, grounds);
      };
      const changes: Record<string, (id: string) => Promise<boolean>> = {
        password: (id) => store.setPassword(id, { passwordHash: "another", now: 0 }),
        "second factor": (id) => store.setSecondFactor(id, "email"),
        "end of tokens": (id) => store.setUserNotBefore(id, NOW),
        disabled: (id) => store.setUserDisabled(id, NOW),
        deleted: (id) => store.deleteUser(id),
      };
      for (const [what, change] of Object.entries(changes)) {
        const user = aUser(unique("name"), { passwordHash: "hash" });
        await store.writeParties({ clients: [], users: [user] });
        const grounds = { ...groundsOf(user), passwordHash: "hash" };
        const session = aSession({ userId: user.row.id });
        expect(await write(session, grounds), what).toBe(true);
        await change(user.row.id);
        expect(await renew(session, grounds), what).toBe(false);
        expect(await write(aSession({ userId: user.row.id }), grounds), what).toBe(false);
        expect((await store.listSessions(user.row.id)).length, what).toBeLessThan(2);
      }
    });

    test("touchSession() notes a later use, and not one that was noted meanwhile", async () => {
      const store = await open();
      const session = aSession();
      await store.insertSession(session);
      const seen = async (now: number, before: number) => {
        await store.touchSession(session.id, { now, before });
        return (await store.findSession(session.id))?.lastSeenAt;
      };
      expect(await seen(NOW + 60, NOW)).toBe(NOW);
      expect(await seen(NOW + 60, NOW + 1)).toBe(NOW + 60);
      expect(await seen(NOW + 90, NOW + 31)).toBe(NOW + 60);
    });

    test("end one by one, once, or all of a user's, and nobody else's", async () => {
      const store = await open();
      const [one, ...rest] = [1, 2, 3].map((age) => aSession({ createdAt: NOW - age }));
      const other = aSession({ userId: "v" });
      if (!one) throw new TypeError("No session");
      for (const session of [one, ...rest, other]) await store.insertSession(session);
      const listed = (await store.listSessions("u")).map(({ id }) => id);
      expect(listed).toEqual([one, ...rest].map(({ id }) => id));
      expect(await countWins(50, () => store.deleteSession(one.id))).toBe(1);
      const ended = await store.deleteSessionsOfUser("u");
      expect([...ended].sort()).toEqual(rest.map(({ id }) => id).sort());
      expect(await store.deleteSessionsOfUser("u")).toEqual([]);
      expect(await store.findSession(other.id)).toEqual(other);
    });

    test("tell their clients, and take their authorizations without offline access along", async () => {
      const store = await open();
      const sessionId = unique("session");
      const online = anAuthorization({ sessionId, clientId: "c1", subject: "s1" });
      const again = anAuthorization({ sessionId, clientId: "c1", subject: "s1" });
      const moved = anAuthorization({ sessionId, clientId: "c1", subject: "s2" });
      const offline = anAuthorization({
        sessionId,
        clientId: "c2",
        subject: "s1",
        scope: ["openid", "offline_access"],
      });
      const foreign = anAuthorization({ sessionId: unique("session"), clientId: "c3" });
      for (const one of [online, again, moved, offline, foreign])
        await store.insertAuthorization(one);
      const told = await store.listClientsOfSession(sessionId);
      expect(told.map(({ clientId, subject }) => `${clientId} ${subject}`).sort()).toEqual([
        "c1 s1",
        "c1 s2",
        "c2 s1",
      ]);
      await store.revokeAuthorizationsOfSession(sessionId, NOW);
      const ends = await Promise.all(
        [online, offline, foreign].map(
          async ({ id }) => (await store.findAuthorization(id))?.revokedAt,
        ),
      );
      expect(ends).toEqual([NOW, null, null]);
    });
  });

  describe("interactions", () => {
    test("come back as they were, and take facts until they end, once", async () => {
      const store = await open();
      const interaction = anInteraction();
      await store.insertInteraction(interaction);
      expect(await store.findInteraction(interaction.id)).toEqual(interaction);
      const facts = { sessionId: "s", signedInAt: NOW, consent: "refused" } as const;
      expect(await store.writeFacts(interaction.id, facts)).toBe(true);
      expect((await store.findInteraction(interaction.id))?.facts).toEqual(facts);
      expect(await countWins(200, () => store.endInteraction(interaction.id, NOW + 5))).toBe(1);
      expect(await store.writeFacts(interaction.id, {})).toBe(false);
      expect(await store.findInteraction(interaction.id)).toEqual({
        ...interaction,
        facts,
        endedAt: NOW + 5,
      });
      expect(await store.endInteraction(unique(), NOW)).toBe(false);
    });
  });

  describe("origins of clients", () => {
    test("follow the metadata, exactly", async () => {
      const store = await open();
      const write = (metadata: object) =>
        store.writeParties({ clients: [{ ...aClient("c", { metadata }), seenAt }], users: [] });
      let seenAt: number | undefined;
      await write({ redirect_uris: ["https://rp.example:8443/cb", "app:/cb"] });
      seenAt = NOW;
      expect(await store.isClientOrigin("https://rp.example:8443")).toBe(true);
      for (const origin of [
        "https://rp.example",
        "https://RP.example:8443",
        "null",
        "app://",
        "",
      ]) {
        expect(await store.isClientOrigin(origin), origin).toBe(false);
      }
      await write({
        redirect_uris: ["https://rp.example/cb"],
        allowed_origins: ["https://spa.example"],
      });
      expect(await store.isClientOrigin("https://rp.example:8443")).toBe(false);
      expect(await store.isClientOrigin("https://spa.example")).toBe(true);
    });
  });
}
