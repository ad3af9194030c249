import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { admin, fileOf } from "../support/admin.ts";
import { DATABASES } from "../support/databases.ts";
import { testServer } from "../support/server.ts";

setDefaultTimeout(240_000);

/** Parties of one import; enough that two imports are at work at the same time. */
const PARTIES = 40;

const ROUNDS = 8;

const numbers = Array.from({ length: PARTIES }, (_, index) => index);

/** An import of everybody, whose contents are new in each round. */
const clientsOf = (round: number) =>
  numbers.map((index) => ({
    client_id: `client${index}`,
    client_name: `Round ${round}`,
    client_secret: "s",
    grant_types: ["client_credentials"],
  }));

const usersOf = (round: number) =>
  numbers.map((index) => ({
    username: `user${index}`,
    email: `user${index}@example.org`,
    claims: { round },
  }));

describe.each(DATABASES)("two imports of the same parties in opposite order on %s", (database) => {
  test("never wait for each other: one wins, the other says who was faster", async () => {
    const one = await testServer({ database });
    const two = await testServer({ url: one.url, secret: one.secret });
    for (let round = 0; round < ROUNDS; round++) {
      const parties = { clients: clientsOf(round), users: usersOf(round) };
      const forwards = await fileOf(parties, `forwards${round}.json`);
      const backwards = await fileOf(
        { clients: parties.clients.toReversed(), users: parties.users.toReversed() },
        `backwards${round}.json`,
      );
      const ends = await Promise.all([
        admin(one, ["import", forwards]),
        admin(two, ["import", backwards]),
      ]);
      for (const { exitCode, err } of ends) {
        if (exitCode === 0) continue;
        expect(err.join("\n")).toMatch(/somebody else (changed|added|took)/);
      }
      expect(ends.map(({ exitCode }) => exitCode)).toContain(0);
    }
    const users = await one.services.store.listUsers();
    expect(users.map(({ claims }) => claims["round"])).toEqual(numbers.map(() => ROUNDS - 1));
  });

  test("nor do two that only add, by names that the other has too", async () => {
    const one = await testServer({ database });
    const two = await testServer({ url: one.url, secret: one.secret });
    const write = ({ services: { store } }: typeof one, idOf: (index: number) => string) =>
      store
        .writeParties({
          clients: [],
          users: numbers.map((index) => ({
            row: {
              id: idOf(index),
              username: `u${index}`,
              passwordHash: null,
              claims: {},
              origin: "admin",
              createdAt: 0,
              updatedAt: 0,
              notBefore: 0,
            } as const,
            identifiers: [`name${index}`],
            passwordChanged: false,
          })),
        })
        .then(
          () => "won",
          (error: Error) => String(error.cause),
        );
    for (let round = 0; round < ROUNDS; round++) {
      const ends = await Promise.all([
        write(one, (index) => `a${100 + index}`),
        // The names stand in the opposite order of the ids.
        write(two, (index) => `b${200 - index}`),
      ]);
      expect([...ends].sort()).toEqual(["Outpaced: somebody else wrote it meanwhile", "won"]);
      for (const { id } of await one.services.store.listUsers()) {
        await one.services.store.deleteUser(id);
      }
    }
  });

  test("nor do one that frees a name late and one that takes it", async () => {
    const one = await testServer({ database });
    const two = await testServer({ url: one.url, secret: one.secret });
    const userOf = (id: string, identifiers: readonly string[], seenAt?: number) => ({
      row: {
        id,
        username: id,
        passwordHash: null,
        claims: {},
        origin: "admin" as const,
        createdAt: 0,
        updatedAt: (seenAt ?? 0) + 1,
        notBefore: 0,
      },
      identifiers,
      seenAt,
      passwordChanged: false,
    });
    const outcome = (writing: Promise<void>) =>
      writing.then(
        () => "won",
        (error: Error) => String(error.cause),
      );
    for (let round = 0; round < ROUNDS; round++) {
      const [low, high] = [`${round} a`, `${round} z`];
      await one.services.store.writeParties({
        clients: [],
        users: [userOf(`${round}-1`, [high])],
      });
      // One holds the name `high` as freed and comes late to `low`, which two holds as taken.
      const fillers = numbers.slice(0, 10).map((index) => userOf(`${round}-1-${index}`, []));
      const changed = userOf(`${round}-1`, [low], 1);
      const between = numbers.map((index) => `${round} m${index}`);
      const ends = await Promise.all([
        outcome(one.services.store.writeParties({ clients: [], users: [changed, ...fillers] })),
        outcome(
          two.services.store.writeParties({
            clients: [],
            users: [userOf(`${round}-2`, [low, ...between, high])],
          }),
        ),
      ]);
      expect([...ends].sort()).toEqual(["Outpaced: somebody else wrote it meanwhile", "won"]);
    }
  });
});
