import { describe, expect, test } from "bun:test";
import { OAuthError } from "../../src/protocol/oauth_error.ts";
import { createThrottle } from "../../src/services/throttle.ts";
import { DATABASES } from "../support/databases.ts";
import { testServer } from "../support/server.ts";
import { onEachDatabase } from "./token_fixture.ts";

const servers = await onEachDatabase((database) =>
  testServer({ database, settings: { loginFailuresMax: 2 } }),
);

describe.each(DATABASES)("attack 63: a slow database on %s", (database) => {
  const { services } = servers[database];

  test("a count read before the newest failure lets no guess more through", async () => {
    const { store, settings, now } = services;
    const slow = Promise.withResolvers<void>();
    const reading = Promise.withResolvers<void>();
    let reads = 0;
    const throttle = createThrottle(
      {
        ...store,
        async findThrottle(key) {
          const row = await store.findThrottle(key);
          reads += 1;
          if (reads === 2) {
            reading.resolve();
            await slow.promise; // the answer is true when it is read, and old when it arrives
          }
          return row;
        },
      },
      settings,
      now,
    );

    let verified = 0;
    const guess = () => {
      const verdict = Promise.withResolvers<boolean>();
      const run = () => {
        verified += 1;
        return verdict.promise;
      };
      const outcome = throttle.attempt([{ kind: "account", name: "ada" }], run).catch((error) => {
        if (error instanceof OAuthError) return error.code;
        throw error;
      });
      return { fail: () => verdict.resolve(false), outcome };
    };

    const [first, second, third] = [guess(), guess(), guess()];
    first.fail();
    expect(await first.outcome).toBe(false);
    await reading.promise; // the third has asked how many guesses are left: one
    second.fail();
    expect(await second.outcome).toBe(false);
    slow.resolve();
    third.fail();
    expect(await third.outcome).toBe("too_many_attempts");
    expect(verified).toBe(2);
  });
});
