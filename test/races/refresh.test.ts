import { describe, expect, test } from "bun:test";
import { DATABASES } from "../support/databases.ts";
import { type TestServer, testServer } from "../support/server.ts";
import {
  type Answer,
  CLIENT,
  inBatches,
  issueRefreshToken,
  PROCESSES_MS,
  post,
  refreshing,
  registerClient,
  startCluster,
} from "./cluster.ts";
import { liveHeads } from "./rows.ts";

const TOKENS = 200;

describe.each(DATABASES)("decisions D5: refresh tokens rotate on %s", (database) => {
  test(
    "attack 12: four processes that refresh one token at once get one successor, for each of 200 tokens",
    async () => {
      const { url, processes, services, postToAll, close } = await startCluster(database, {
        size: 4,
      });
      const [first] = processes;
      if (!first) throw new RangeError("four processes");
      const issued = await inBatches(TOKENS, () => issueRefreshToken(services));
      const ids = issued.map(({ authorizationId }) => authorizationId);
      let heads = issued.map(({ text }) => text);
      for (let generation = 2; generation <= 3; generation++) {
        const races = await inBatches(TOKENS, (index) =>
          postToAll("/token", refreshing(heads[index] ?? "")),
        );
        for (const answers of races) {
          expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
          expect(new Set(answers.map(({ refresh_token }) => refresh_token)).size).toBe(1);
        }
        const next = races.map(([answer]) => answer?.refresh_token ?? "");
        expect(new Set([...heads, ...next]).size).toBe(2 * TOKENS);
        const live = await liveHeads(url);
        expect(ids.map((id) => live.get(id))).toEqual(Array(TOKENS).fill(1));
        heads = next;
      }

      // Attack 16: what was rotated away is neither active nor good for another family.
      await inBatches(20, async (index) => {
        const spent = issued[index]?.text ?? "";
        expect(await post(first, "/introspect", { token: spent })).toEqual({
          status: 200,
          active: false,
        });
        expect(await post(first, "/token", refreshing(spent))).toMatchObject({
          status: 400,
          error_description: "the refresh token is not valid",
        });
        expect(await post(first, "/introspect", { token: heads[index] ?? "" })).toMatchObject({
          active: true,
        });
      });
      await close();
    },
    PROCESSES_MS,
  );
});

const strict: Record<string, readonly [TestServer, TestServer]> = {};
for (const database of DATABASES) {
  const settings = { refreshGraceSeconds: 0 };
  const one = await testServer({ database, settings });
  const { url, secret } = one;
  strict[database] = [one, await testServer({ url, secret, settings })];
  await registerClient(one.services);
}

describe.each(DATABASES)("decisions D5: without a grace period, on %s", (database) => {
  const servers = strict[database];
  if (!servers) throw new TypeError(database);

  test(
    "attack 12: of twenty refreshes at once on two instances there are never two live heads",
    async () => {
      const basic = [CLIENT.id, CLIENT.secret] as const;
      for (let round = 0; round < 25; round++) {
        const { text, authorizationId } = await issueRefreshToken(servers[0].services);
        const answers = await Promise.all(
          Array.from({ length: 20 }, (_, index) =>
            (servers[index % 2] ?? servers[0]).post("/token", refreshing(text), { basic }),
          ),
        );
        const bodies: Answer[] = await Promise.all(
          answers.map((answer) => answer.json() as Promise<Answer>),
        );
        const successors = new Set(bodies.flatMap(({ refresh_token }) => refresh_token ?? []));
        expect(successors.size).toBe(1);
        const heads = async () => (await liveHeads(servers[0].url)).get(authorizationId) ?? 0;
        expect(await heads()).toBeLessThanOrEqual(1);
        const late = await servers[0].post("/token", refreshing(text), { basic });
        expect(late.status).toBe(400);
        expect(await heads()).toBe(0);
      }
    },
    PROCESSES_MS,
  );
});
