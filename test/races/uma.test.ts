/** Several processes and one ticket, or one owner who says no at that very moment. */
import { describe, expect, test } from "bun:test";
import { withdrawAccess } from "../../src/services/uma_owner.ts";
import type { UmaResource } from "../../src/store/uma_resources.ts";
import { aUser } from "../store/fixtures.ts";
import { DATABASES } from "../support/databases.ts";
import { CLIENT, inBatches, PROCESSES_MS, post, registerClient, startCluster } from "./cluster.ts";

const TICKETS = 100;
const GRANT = "urn:ietf:params:oauth:grant-type:uma-ticket";

type Services = Awaited<ReturnType<typeof startCluster>>["services"];

/** A resource that everybody may read, kept by the client itself for a user. */
async function aResource({ store, now }: Services): Promise<UmaResource> {
  const times = { version: 1, createdAt: now(), updatedAt: now() };
  const held = { resourceServerId: CLIENT.id, userId: "ada", family: "seed" } as const;
  const resource: UmaResource = {
    ...held,
    ...times,
    id: Bun.randomUUIDv7(),
    revision: 1,
    name: "album",
    uri: null,
    type: null,
    iconUri: null,
    description: null,
    scopes: ["read"],
  };
  await store.insertUmaResource(resource);
  const rules = [{ clients: [], scopes: ["read"], claims: [], consentNeeded: false }];
  const policy = { ...held, ...times, id: Bun.randomUUIDv7(), rules, resourceIds: [resource.id] };
  if (!(await store.insertUmaPolicy(policy))) throw new TypeError("The policy is taken");
  return resource;
}

async function aTicket({ store, secret, now }: Services, resourceId: string): Promise<string> {
  const ticket = secret.mintOpaque("ticket", now());
  await store.insertUmaTicket({
    key: ticket.key,
    resourceServerId: CLIENT.id,
    clientId: null,
    permissions: [{ resourceId, scopes: ["read"] }],
    createdAt: now(),
    expiresAt: now() + 600,
  });
  return ticket.text;
}

describe.each(DATABASES)("tickets of several processes on %s", (database) => {
  test(
    "attack 65: of three processes that redeem a ticket at once, one gets a token, for each of 100 tickets",
    async () => {
      const { services, processes, postToAll, close } = await startCluster(database, { size: 3 });
      await services.store.deleteClient(CLIENT.id);
      await registerClient(services, { grant_types: [GRANT] });
      await services.store.writeParties({ clients: [], users: [aUser("ada", { id: "ada" })] });
      const { id } = await aResource(services);
      const tickets = await inBatches(TICKETS, () => aTicket(services, id));
      const races = await inBatches(TICKETS, (index) =>
        postToAll("/token", { grant_type: GRANT, ticket: tickets[index] ?? "" }),
      );
      for (const answers of races) {
        expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      }
      const losers = races.flat().filter(({ status }) => status !== 200);
      for (const { status, error } of losers)
        expect([status, error]).toEqual([400, "invalid_grant"]);

      const [first] = processes;
      const [won] = races[0]?.filter(({ status }) => status === 200) ?? [];
      if (!first || !won) throw new RangeError("three processes");
      const token = won.access_token ?? "";
      expect(await post(first, "/introspect", { token })).toMatchObject({ active: true });

      // An owner who withdraws while tokens are issued: what is issued before is dead, and nothing after.
      const own = await inBatches(20, async () => aResource(services));
      const ended = await inBatches(20, async (index) => {
        const resource = own[index];
        const second = processes[1];
        if (!resource || !second) throw new RangeError("three processes");
        const two = [await aTicket(services, resource.id), await aTicket(services, resource.id)];
        const redeem = (at: typeof first, ticket = "none") =>
          post(at, "/token", { grant_type: GRANT, ticket });
        const access = { resource, clientId: CLIENT.id, party: "", partyName: "" };
        const all = { ...access, scopes: ["read"], grantedAt: 0, approved: false };
        const [one, withdrawn, other] = await Promise.all([
          redeem(first, two[0]),
          withdrawAccess(all, "ada", services),
          redeem(second, two[1]),
        ]);
        expect(withdrawn).toBe(true);
        return Promise.all(
          [one, other].map(({ access_token: token = "none" }) =>
            post(first, "/introspect", { token }),
          ),
        );
      });
      for (const state of ended.flat()) expect(state).toEqual({ status: 200, active: false });
      await close();
    },
    PROCESSES_MS,
  );
});
