import { describe, expect, test } from "bun:test";
import type { OAuthError } from "../../src/protocol/oauth_error.ts";
import { DEFAULT_SETTINGS } from "../../src/protocol/settings.ts";
import { core, createServer } from "../../src/server.ts";
import { passwordWaitSeconds } from "../../src/services/passwords.ts";
import { createWaitingLine, type Place } from "../../src/services/waiting_line.ts";
import { basicHeader, testServer } from "../support/server.ts";

/** A wait that is always over before what is held is let go. */
const SOON_SECONDS = 0.01;

/** A wait that no test outlasts. */
const LONG_SECONDS = 600;

const BUSY = { code: "server_busy", headers: { "Retry-After": "1" } };

/** A task that goes on until it is let go. */
function held() {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const began = Promise.withResolvers<void>();
  const task = () => {
    began.resolve();
    return promise;
  };
  return { task, began: began.promise, letGo: resolve, fail: reject };
}

describe("a waiting line", () => {
  test("runs so many at a time, and the others in the order in which they came", async () => {
    const line = createWaitingLine({ atOnce: 2, waitingMax: 10, waitSeconds: LONG_SECONDS });
    const order: number[] = [];
    const tasks = Array.from({ length: 5 }, () => held());
    const done = tasks.map(({ task }, index) =>
      line.run(async () => {
        order.push(index);
        return task();
      }),
    );
    await tasks[1]?.began;
    expect(order).toEqual([0, 1]);
    tasks[1]?.letGo("");
    await tasks[2]?.began;
    expect(order).toEqual([0, 1, 2]);
    for (const { letGo } of tasks) letGo("");
    await Promise.all(done);
    expect(order).toEqual([0, 1, 2, 3, 4]);
  });

  test("refuses who has waited too long, and lets the next one in all the same", async () => {
    const line = createWaitingLine({ atOnce: 1, waitingMax: 10, waitSeconds: SOON_SECONDS });
    const first = held();
    const running = line.run(first.task);
    await expect(line.run(held().task)).rejects.toMatchObject(BUSY);
    first.letGo("first");
    expect(await running).toBe("first");
    expect(await line.run(async () => "next")).toBe("next");
  });

  test("refuses at once who comes to a full line", async () => {
    const line = createWaitingLine({ atOnce: 1, waitingMax: 1, waitSeconds: LONG_SECONDS });
    const [first, second] = [held(), held()];
    const running = [line.run(first.task), line.run(second.task)];
    await expect(line.run(held().task)).rejects.toMatchObject(BUSY);
    first.letGo("");
    second.letGo("");
    await Promise.all(running);
  });

  /** Runs so many tasks one after the other, and tells in which order they began. */
  async function orderOf(
    places: readonly (readonly [name: string, place: Place])[],
    bounds = { waitingMax: 100 },
  ): Promise<readonly string[]> {
    const line = createWaitingLine({ atOnce: 1, waitSeconds: LONG_SECONDS, ...bounds });
    const first = held();
    const running = line.run(first.task);
    const order: string[] = [];
    const refused: string[] = [];
    const done = places.map(([name, place]) =>
      line
        .run(async () => void order.push(name), place)
        .catch(({ code }: OAuthError) => void refused.push(`${name} ${code}`)),
    );
    first.letGo("");
    await Promise.all([running, ...done]);
    return [...order, ...refused];
  }

  test("attack 85: known callers come before strangers, who get every fourth turn", async () => {
    const stranger = (caller: string) => [caller, { rank: "stranger", caller }] as const;
    const known = (caller: string) => [caller, { rank: "known", caller }] as const;
    expect(
      await orderOf([
        ...["s1", "s2", "s3"].map(stranger),
        ...["k1", "k2", "k3", "k4", "k5"].map(known),
      ]),
    ).toEqual(["k1", "k2", "k3", "s1", "k4", "k5", "s2", "s3"]);
  });

  test("attack 85: callers take turns, so that many of one are before nobody else", async () => {
    const of = (caller: string) => (index: number) =>
      [`${caller}${index}`, { rank: "stranger", caller }] as const;
    expect(
      await orderOf([...[1, 2, 3, 4].map(of("a")), ...[1, 2].map(of("b")), of("c")(1)]),
    ).toEqual(["a1", "b1", "c1", "a2", "b2", "a3", "a4"]);
  });

  test("attack 85: in a full line the one who has most makes room, and is told 429", async () => {
    const of = (caller: string, index: number) =>
      [`${caller}${index}`, { rank: "stranger", caller }] as const;
    const crowd = [1, 2, 3].map((index) => of("a", index));
    expect(await orderOf([...crowd, of("a", 4), of("b", 1)], { waitingMax: 3 })).toEqual([
      "a1",
      "b1",
      "a2",
      "a4 too_many_attempts",
      "a3 too_many_attempts",
    ]);
    const known = ["k1", { rank: "known", caller: "k" }] as const;
    expect(await orderOf([...crowd, known], { waitingMax: 3 })).toEqual(["k1", "a1", "a2", "a3"]);
  });

  test("attack 85: who has waited too long behind himself is told 429, and others 503", async () => {
    const line = createWaitingLine({ atOnce: 1, waitingMax: 10, waitSeconds: SOON_SECONDS });
    const first = held();
    const running = line.run(first.task);
    const codes = await Promise.all(
      ["a", "b", "a"].map((caller) =>
        line.run(held().task, { rank: "stranger", caller }).catch(({ code }: OAuthError) => code),
      ),
    );
    expect(codes).toEqual(["server_busy", "server_busy", "too_many_attempts"]);
    first.letGo("");
    await running;
  });

  test("goes on when a task fails", async () => {
    const line = createWaitingLine({ atOnce: 1, waitingMax: 1, waitSeconds: LONG_SECONDS });
    const first = held();
    const running = line.run(first.task);
    const next = line.run(async () => "next");
    first.fail(new RangeError("a fault"));
    await expect(running).rejects.toThrow("a fault");
    expect(await next).toBe("next");
  });
});

describe("PASSWORD_WAIT_SECONDS", () => {
  test("both waits end before a grant's time is up", () => {
    const wait = (own: number, plugin: number) =>
      passwordWaitSeconds({ passwordWaitSeconds: own, pluginTimeoutSeconds: plugin });
    expect(passwordWaitSeconds(DEFAULT_SETTINGS)).toBe(4);
    expect(wait(1, 10)).toBe(1);
    for (const plugin of [1, 10, 600]) expect(2 * wait(240, plugin)).toBeLessThan(plugin);
  });

  /** A server on which one password is being judged until it is let go, and posts of others. */
  async function occupied(settings = {}) {
    const first = held();
    const { server: _, ...opened } = await testServer({ settings });
    const { services } = opened;
    const line = createWaitingLine({ atOnce: 1, waitingMax: 9, waitSeconds: SOON_SECONDS });
    const verify = () => line.run(async () => (await first.task()) === "right");
    const passwords = { ...services.passwords, verify };
    const server = createServer([core], { ...services, passwords });
    const client = { client_id: "c", client_secret: "s", grant_types: ["password"], scope: "api1" };
    await opened.addClient(client);
    const post = (path: string, form: Record<string, string>) =>
      server.handle(
        new Request(`http://localhost${path}`, {
          method: "POST",
          body: new URLSearchParams(form),
          headers: {
            Authorization: basicHeader("c", "s"),
            "Sec-Fetch-Site": "same-origin",
            Accept: "text/html",
          },
        }),
      );
    const grant = (username: string) =>
      post("/token", { grant_type: "password", username, password: "x", scope: "api1" });
    return { first, post, grant };
  }

  test("a password whose turn does not come is answered 503, by the grant and by the page", async () => {
    const { first, post, grant } = await occupied();
    const running = grant("alice");
    await first.began;
    const refused = await grant("bob");
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
    expect(await refused.json()).toMatchObject({ error: "temporarily_unavailable" });
    const page = await post("/login", { identifier: "carol", password: "x" });
    expect([page.status, page.headers.get("retry-after")]).toEqual([503, "1"]);
    expect(await page.text()).toContain("Please try again in a minute.");
    first.letGo("wrong");
    expect((await running).status).toBe(400);
  });

  test("one that waits behind guesses at the same account is answered 429", async () => {
    const { first, grant } = await occupied({ loginFailuresMax: 1, passwordWaitSeconds: 0.01 });
    const running = grant("alice");
    await first.began;
    const refused = await grant("alice");
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "1"]);
    first.letGo("wrong");
    expect((await running).status).toBe(400);
  });
});
