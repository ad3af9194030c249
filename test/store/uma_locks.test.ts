/** UMA's writes take their rows in one order: none is undone, or waited a second for, so that others can go on. */
import { expect, test } from "bun:test";
import { SQL } from "bun";
import { openStore } from "../../src/store/open.ts";
import { freshDatabase } from "../support/databases.ts";
import { NOW } from "./fixtures.ts";
import { aPolicy, aResource } from "./uma_fixtures.ts";

const HOLDING = { resourceServerId: "rs" } as const;
const ROUNDS = 25;

test("policies that swap their resources at once come to no deadlock on Postgres", async () => {
  const url = await freshDatabase("postgres");
  const [store, sql] = [await openStore(url), new SQL(url, { max: 1 })];
  const [one, two] = [aResource(), aResource()];
  for (const resource of [one, two]) await store.insertUmaResource(resource);
  const policies = [aPolicy({ resourceIds: [one.id] }), aPolicy({ resourceIds: [two.id] })];
  for (const policy of policies) await store.insertUmaPolicy(policy);
  const swap = async (id: string) => {
    const seen = await store.findUmaPolicy(id, HOLDING);
    if (!seen) throw new RangeError("The policy is gone");
    const resourceIds = [seen.resourceIds[0] === one.id ? two.id : one.id];
    return store.updateUmaPolicy(seen, { ...seen, resourceIds, updatedAt: NOW });
  };
  for (let round = 0; round < ROUNDS; round += 1) {
    expect(await Promise.all(policies.map(({ id }) => swap(id)))).toEqual([true, true]);
  }
  const made = aPolicy({ resourceIds: [one.id, two.id] });
  const remove = async () => {
    await store.insertUmaPolicy(made);
    return store.deleteUmaPolicy(made);
  };
  await Promise.all([remove(), ...policies.map(({ id }) => swap(id))]);
  await store.close();
  // The server adds up what a connection did when that ends.
  await sql.unsafe("SELECT pg_stat_clear_snapshot()");
  await Bun.sleep(1_200);
  const [counted] =
    await sql`SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()`;
  await sql.close();
  expect(counted).toEqual({ deadlocks: 0 });
});
