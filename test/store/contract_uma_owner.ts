import { describe, expect, test } from "bun:test";
import type { Store } from "../../src/store/store.ts";
import type { UmaRequest } from "../../src/store/uma_requests.ts";
import type { UmaPermission } from "../../src/store/uma_tickets.ts";
import { aClient, anAuthorization, countWins, NOW } from "./fixtures.ts";
import { aPermission, aRequest, aResource, aTicket, PAGE } from "./uma_fixtures.ts";

/** Writes requests as the grant does. */
async function ask(store: Store, ...requests: readonly UmaRequest[]): Promise<void> {
  for (const request of requests) {
    const ticket = { ...aTicket(request.resourceId), clientId: "app" };
    await store.insertUmaTicket(ticket);
    await store.keepUmaTicket(ticket, [request]);
    await store.consumeUmaTicket(ticket.key, "app");
  }
}

/** Writes an access as the grant does, by a policy unless it says otherwise. */
async function grant(
  store: Store,
  permission: Pick<UmaPermission, "resourceId" | "authorizationId"> & Partial<UmaPermission>,
): Promise<void> {
  const { resourceId, authorizationId } = permission;
  const ticket = { ...aTicket(resourceId), key: `ticket for ${authorizationId}` };
  await store.insertUmaTicket(ticket);
  await store.grantUmaTicket({
    ticketKey: ticket.key,
    authorization: anAuthorization({ id: authorizationId, clientId: "app" }),
    permissions: [aPermission({ policyId: "policy", ...permission })],
    resources: [],
    carried: [],
  });
}

/** What the page of an owner asks the store, and what his answers do. */
export function describeUmaOwner(open: () => Promise<Store>): void {
  describe("an owner's page", () => {
    async function opened() {
      const store = await open();
      const client = aClient("app");
      await store.writeParties({ clients: [client], users: [] });
      const resource = aResource({ userId: "ada" });
      await store.insertUmaResource(resource);
      const shown = {
        resourceVersion: resource.version,
        clientUpdatedAt: client.row.updatedAt,
      };
      return { store, client, resource, shown };
    }

    test("a request is approved once, by its owner, while it waits", async () => {
      const { store, resource, shown } = await opened();
      const request = aRequest(resource.id);
      await ask(store, request);
      const approve = (userId: string, now = NOW) =>
        store.approveUmaRequest({ id: request.id, userId, now, shown });
      expect(await approve("bob")).toBe(false);
      expect(await approve("ada", request.expiresAt)).toBe(false);
      expect(await countWins(10, () => approve("ada"))).toBe(1);
      const [decision] = await store.listUmaDecisions(
        [resource.id],
        { clientId: "app", parties: ["p"] },
        NOW,
      );
      expect(decision).toMatchObject({ state: "approved", decidedAt: NOW });
    });

    test("of an approval and a refusal at once, one counts", async () => {
      const { store, resource, shown } = await opened();
      const request = aRequest(resource.id);
      await ask(store, request);
      const answer = { id: request.id, userId: "ada", now: NOW };
      const won = await countWins(10, (index) =>
        index % 2 === 0
          ? store.approveUmaRequest({ ...answer, shown })
          : store.denyUmaRequest(request.id, "ada", NOW),
      );
      expect(won).toBe(1);
    });

    test("nothing is approved that was shown under other names", async () => {
      const { store, client, resource, shown } = await opened();
      const request = aRequest(resource.id);
      await ask(store, request);
      const approve = (seen: typeof shown) =>
        store.approveUmaRequest({ id: request.id, userId: "ada", now: NOW, shown: seen });
      const metadata = { ...client.row.metadata, client_name: "Your bank" };
      const row = { ...client.row, metadata, updatedAt: NOW + 1 };
      const seenAt = client.row.updatedAt;
      await store.writeParties({ clients: [{ ...client, row, seenAt }], users: [] });
      expect(await approve(shown)).toBe(false);
      const renamed = await store.findClient("app");
      const after = { ...shown, clientUpdatedAt: renamed?.updatedAt ?? 0 };
      const change = { ...resource, name: "Everything", updatedAt: NOW };
      await store.updateUmaResource(resource.id, change, { resourceServerId: "rs" });
      expect(await approve(after)).toBe(false);
      expect(await store.findUmaPending(request.id, "ada", NOW)).toMatchObject({
        request: { state: "pending" },
        resource: { name: "Everything" },
      });
      expect(await approve({ ...after, resourceVersion: 2 })).toBe(true);
      expect(await store.findUmaPending(request.id, "ada", NOW)).toBeUndefined();
    });

    test("what waits is counted and found for its owner, while it waits", async () => {
      const { store, resource } = await opened();
      const [one, two] = [
        aRequest(resource.id),
        aRequest(resource.id, { id: "two", expiresAt: NOW + 1 }),
      ];
      await ask(store, one, two);
      expect(await store.countUmaPending("ada", NOW)).toBe(2);
      expect(await store.countUmaPending("ada", NOW + 1)).toBe(1);
      expect(await store.countUmaPending("bob", NOW)).toBe(0);
      expect(await store.findUmaPending("two", "bob", NOW)).toBeUndefined();
      expect(await store.findUmaPending("two", "ada", NOW)).toMatchObject({ request: two });
      await store.denyUmaRequest("two", "ada", NOW);
      expect(await store.countUmaPending("ada", NOW)).toBe(1);
    });

    test("refusals and withdrawals are listed until they are lifted, the latest first", async () => {
      const { store, resource } = await opened();
      const [denied, withdrawn] = [aRequest(resource.id), aRequest(resource.id, { id: "w" })];
      await ask(store, denied, aRequest(resource.id, { id: "waiting" }));
      const { id } = denied;
      await store.denyUmaRequest(id, "ada", NOW);
      await store.withdrawUmaAccess(
        { userId: "ada", resourceId: resource.id, clientId: "app", party: "other" },
        { ...withdrawn, party: "other", state: "withdrawn", decidedAt: NOW + 1 },
      );
      const listed = async (userId = "ada", page = PAGE) =>
        (await store.listUmaRefusals(userId, page)).map(({ request }) => request.id);
      expect(await listed()).toEqual(["w", id]);
      expect(await listed("ada", { start: 1, count: 1 })).toEqual([id]);
      expect(await listed("bob")).toEqual([]);
      expect(await store.forgetUmaRequest("w", "ada")).toBe(true);
      expect(await listed()).toEqual([id]);
    });

    test("many tokens of one party are one access, which ends with its authorization", async () => {
      const { store, resource } = await opened();
      const { id: resourceId } = resource;
      const more = ["read", "write"];
      const ofHimself = { party: "himself", policyId: null };
      await grant(store, { resourceId, authorizationId: "a0", createdAt: NOW });
      for (const index of [1, 2, 3]) {
        const authorizationId = `a${index}`;
        await grant(store, { resourceId, authorizationId, createdAt: NOW + index, scopes: more });
      }
      const own = { ...ofHimself, createdAt: NOW + 4, scopes: more };
      await grant(store, { resourceId, authorizationId: "a4", ...own });
      const listed = async () =>
        (await store.listUmaAccess("ada", NOW)).map(({ himself, party, scopes, grantedAt }) => [
          party,
          himself,
          scopes,
          grantedAt,
        ]);
      const [first, second] = [
        ["p", false, ["read", "write"], NOW],
        ["himself", true, ["read", "write"], NOW + 4],
      ];
      expect(await listed()).toEqual([first, second]);
      for (const id of ["a0", "a1", "a2"]) await store.revokeAuthorization(id, NOW);
      expect(await listed()).toEqual([["p", false, ["read", "write"], NOW + 3], second]);
      await store.revokeAuthorization("a3", NOW);
      expect(await listed()).toEqual([second]);
    });
  });
}
