/** UMA's writes take their rows in one order: none is undone, or waited a second for, so that others can go on. */
import { expect, test } from "bun:test";
import { SQL } from "bun";
import { openStore } from "../../src/store/open.ts";
import type { Store } from "../../src/store/store.ts";
import type { UmaRequest } from "../../src/store/uma_requests.ts";
import type { UmaResource } from "../../src/store/uma_resources.ts";
import { freshDatabase } from "../support/databases.ts";
import { anAuthorization, aUser, NOW, unique } from "./fixtures.ts";
import { aPermission, aPolicy, aRequest, aResource, aTicket } from "./uma_fixtures.ts";

const HOLDING = { resourceServerId: "rs" } as const;
const ROUNDS = 25;

/** How often Postgres had to end somebody while something was done with a new store. */
async function deadlocksOf(work: (store: Store) => Promise<void>): Promise<unknown> {
  const url = await freshDatabase("postgres");
  const [store, sql] = [await openStore(url), new SQL(url, { max: 1 })];
  await work(store);
  await store.close();
  // The server adds up what a connection did when that ends.
  await Bun.sleep(1_200);
  const [counted] =
    await sql`SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()`;
  await sql.close();
  return counted;
}

test("policies that swap their resources at once come to no deadlock on Postgres", async () => {
  const swapping = deadlocksOf(async (store) => {
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
  });
  expect(await swapping).toEqual({ deadlocks: 0 });
});

/** A user with three resources, to each of which somebody has access. */
async function anOwner(store: Store) {
  const id = unique("owner");
  await store.writeParties({ clients: [], users: [aUser(id, { id })] });
  const resources = Array.from({ length: 3 }, () => aResource({ userId: id }));
  for (const resource of resources) {
    await store.insertUmaResource(resource);
    const [ticket, authorizationId] = [aTicket(resource.id), unique("authorization")];
    await store.insertUmaTicket(ticket);
    const of = { resourceId: resource.id, policyId: null, authorizationId };
    await store.grantUmaTicket({
      ticketKey: ticket.key,
      authorization: anAuthorization({ id: authorizationId, clientId: "app" }),
      permissions: [aPermission(of)],
      resources: [],
      carried: [],
    });
  }
  return { id, resources };
}

test("an owner who withdraws while he is deleted comes to no deadlock on Postgres", async () => {
  const leaving = deadlocksOf(async (store) => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const { id: userId, resources } = await anOwner(store);
      const withdraw = (resourceId: string) => {
        const withdrawal = aRequest(resourceId, { userId, state: "withdrawn" });
        const key = { userId, resourceId, clientId: "app", party: "p" };
        return store.withdrawUmaAccess(key, withdrawal);
      };
      await Promise.all([store.deleteUser(userId), ...resources.map(({ id }) => withdraw(id))]);
    }
  });
  expect(await leaving).toEqual({ deadlocks: 0 });
});

test("tokens that carry each other's resources on come to no deadlock on Postgres", async () => {
  const upgrading = deadlocksOf(async (store) => {
    const [one, two] = [aResource(), aResource()];
    for (const resource of [one, two]) await store.insertUmaResource(resource);
    const grant = async (round: number, resources: readonly UmaResource[]) => {
      const key = `${round}-${resources[0]?.id}`;
      await store.insertUmaTicket({ ...aTicket(one.id), key });
      const authorization = anAuthorization({ id: unique("authorization"), clientId: "app" });
      const spent = { ticketKey: key, authorization, permissions: [], carried: [] };
      return store.grantUmaTicket({ ...spent, resources });
    };
    for (let round = 0; round < ROUNDS; round += 1) {
      const both = [grant(round, [one, two]), grant(round, [two, one])];
      expect(await Promise.all(both)).toEqual([true, true]);
    }
  });
  expect(await upgrading).toEqual({ deadlocks: 0 });
});

test("tickets that ask an owner for the same in another order come to no deadlock on Postgres", async () => {
  const asking = deadlocksOf(async (store) => {
    const asked = Array.from({ length: 4 }, () => aRequest(unique("resource")));
    const ask = async (round: number, requests: readonly UmaRequest[]) => {
      const ticket = { ...aTicket("any"), key: `${round}-${requests[0]?.id}` };
      await store.insertUmaTicket(ticket);
      const successor = { ...ticket, key: `${ticket.key}-next`, clientId: "app" };
      return store.rotateUmaTicket(ticket.key, successor, requests);
    };
    for (let round = 0; round < ROUNDS; round += 1) {
      const both = [ask(round, asked), ask(round, asked.toReversed())];
      expect(await Promise.all(both)).toEqual([true, true]);
    }
  });
  expect(await asking).toEqual({ deadlocks: 0 });
});
