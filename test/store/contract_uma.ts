import { describe, expect, test } from "bun:test";
import type { Store } from "../../src/store/store.ts";
import { aClient, anAuthorization, aUser, countWins, NOW, unique } from "./fixtures.ts";
import { aPermission, aPolicy, aRequest, aResource, aTicket, PAGE } from "./uma_fixtures.ts";

const RS = { resourceServerId: "rs" } as const;

/** What UMA stores, and who wins where two want the same. */
export function describeUma(open: () => Promise<Store>): void {
  describe("UMA", () => {
    test("a resource is found by its resource server and owner only, and described by who has seen it", async () => {
      const store = await open();
      const resource = aResource({ userId: "ada", scopes: ["é", "read"] });
      await store.insertUmaResource(resource);
      const { id } = resource;
      for (const holding of [RS, { ...RS, userId: "ada" }]) {
        expect(await store.findUmaResource(id, holding)).toEqual(resource);
      }
      for (const holding of [
        { ...RS, userId: null },
        { ...RS, userId: "bob" },
        { resourceServerId: "ada" },
      ]) {
        expect(await store.findUmaResource(id, holding)).toBeUndefined();
        expect(await store.deleteUmaResource(id, holding)).toBe(false);
      }
      const change = { ...resource, name: "other", updatedAt: NOW + 1 };
      const write = async () =>
        (await store.updateUmaResource(id, change, { ...RS, version: 1 })) !== undefined;
      expect(await countWins(10, write)).toBe(1);
      expect(await store.findUmaResource(id, RS)).toMatchObject({
        name: "other",
        version: 2,
        revision: 2,
      });
      expect(await store.deleteUmaResource(id, { ...RS, version: 1 })).toBe(false);
      expect(await countWins(10, () => store.deleteUmaResource(id, { ...RS, version: 2 }))).toBe(1);
    });

    test("a search compares ids, names and types exactly, and gives a page and the total", async () => {
      const store = await open();
      const all = ["a", "A", "b"].map((name) =>
        aResource({ name, type: name === "b" ? "t" : null }),
      );
      for (const resource of all) await store.insertUmaResource(resource);
      const search = async (filter: Parameters<Store["searchUmaResources"]>[1], page = PAGE) => {
        const { resources, total } = await store.searchUmaResources(RS, filter, page);
        return [resources.map(({ name }) => name), total];
      };
      expect(await search({})).toEqual([["a", "A", "b"], 3]);
      expect(await search({}, { start: 1, count: 1 })).toEqual([["A"], 3]);
      expect(await search({ names: ["a", "%"] })).toEqual([["a"], 1]);
      expect(await search({ types: ["t"] })).toEqual([["b"], 1]);
      expect(await search({ ids: [] })).toEqual([[], 0]);
      expect(await search({ ids: all.map(({ id }) => id), names: ["b"] })).toEqual([["b"], 1]);
    });

    test("a policy takes no resource of another owner, and changing it ends what it gave", async () => {
      const store = await open();
      const [mine, other] = [aResource({ userId: "ada" }), aResource({ userId: "bob" })];
      for (const resource of [mine, other]) await store.insertUmaResource(resource);
      const policy = aPolicy({ userId: "ada", resourceIds: [mine.id] });
      expect(await store.insertUmaPolicy(policy)).toBe(true);
      expect(await store.insertUmaPolicy(aPolicy({ userId: "ada", resourceIds: [other.id] }))).toBe(
        false,
      );
      expect(await store.listUmaPoliciesOf([other.id], 9)).toEqual([]);
      expect(await store.listUmaPoliciesOf([mine.id], 9)).toEqual([policy]);
      const change = { ...policy, resourceIds: [mine.id, other.id] };
      expect(await store.updateUmaPolicy(policy, change)).toBe(false);

      const granted = await grant(store, { resourceId: mine.id, policyId: policy.id, revision: 2 });
      expect(granted).toBe("authorization");
      expect(await store.listUmaPermissions("authorization", NOW)).toHaveLength(1);
      const update = () => store.updateUmaPolicy(policy, { ...policy, rules: [] });
      expect(await countWins(10, update)).toBe(1);
      expect(await store.listUmaPermissions("authorization", NOW)).toEqual([]);
      expect(await store.findUmaPolicy(policy.id, RS)).toMatchObject({ rules: [], version: 2 });
      expect(await store.deleteUmaPolicy(policy)).toBe(false);
      expect(await store.deleteUmaPolicy({ ...policy, version: 2 })).toBe(true);
      expect(await store.listUmaPoliciesOf([mine.id], 9)).toEqual([]);
    });

    test("a ticket is spent once, and gives nothing where access ended meanwhile", async () => {
      const store = await open();
      const resource = aResource({ userId: "ada" });
      await store.insertUmaResource(resource);
      const ticket = aTicket(resource.id);
      await store.insertUmaTicket(ticket);
      expect(await store.findUmaTicket(ticket.key)).toEqual(ticket);
      const stale = { resourceId: resource.id, ticket, revision: 0 };
      expect(await grant(store, stale)).toBeUndefined();
      expect(await store.findUmaTicket(ticket.key)).toEqual(ticket);
      const spend = async (index: number) =>
        (await grant(store, { ...stale, revision: 1, authorizationId: `a${index}` })) !== undefined;
      expect(await countWins(20, spend)).toBe(1);
      expect(await store.consumeUmaTicket(ticket.key, "app")).toBe(false);
    });

    test("a ticket is rotated once, and a request that is asked again stays one", async () => {
      const store = await open();
      const resource = aResource({ userId: "ada" });
      await store.insertUmaResource(resource);
      const [ticket, request] = [aTicket(resource.id), aRequest(resource.id)];
      await store.insertUmaTicket(ticket);
      const successor = { ...ticket, clientId: "app" };
      const rotate = (index: number) =>
        store.rotateUmaTicket(ticket.key, { ...successor, key: unique(`${index}`) }, [request]);
      expect(await countWins(20, rotate)).toBe(1);
      const kept = { ...aTicket(resource.id), clientId: "app", expiresAt: NOW + 9 };
      expect(await store.keepUmaTicket(kept, [request])).toBe(false);
      await store.insertUmaTicket({ ...kept, clientId: null, expiresAt: NOW + 1 });
      const later = { ...request, expiresAt: request.expiresAt + 1 };
      expect(await store.keepUmaTicket(kept, [later])).toBe(true);
      expect(await store.findUmaTicket(kept.key)).toEqual(kept);
      const pending = await store.listUmaRequests("ada", "pending", { ...PAGE, now: NOW });
      expect(pending).toEqual([{ request: later, resource }]);
    });

    test("attack 65: of clients that bind one ticket at once one has it, and the others cannot spend it", async () => {
      const store = await open();
      const resource = aResource({ userId: "ada" });
      await store.insertUmaResource(resource);
      const ticket = aTicket(resource.id);
      await store.insertUmaTicket(ticket);
      const bind = (index: number) =>
        store.keepUmaTicket({ ...ticket, clientId: `client-${index}` }, []);
      expect(await countWins(10, bind)).toBe(1);
      const bound = await store.findUmaTicket(ticket.key);
      expect(await grant(store, { resourceId: resource.id, ticket, revision: 1 })).toBeUndefined();
      const successor = { ...ticket, key: "next", clientId: "app" };
      expect(await store.rotateUmaTicket(ticket.key, successor, [])).toBe(false);
      expect(await store.consumeUmaTicket(ticket.key, "app")).toBe(false);
      expect(await store.findUmaTicket(ticket.key)).toEqual(bound);
      expect(await store.consumeUmaTicket(ticket.key, bound?.clientId ?? "")).toBe(true);
    });

    test("an owner answers a request once, and withdraws what he gave for good", async () => {
      const store = await open();
      const resource = aResource({ userId: "ada" });
      await store.insertUmaResource(resource);
      const client = aClient("app");
      await store.writeParties({ clients: [client], users: [] });
      const request = aRequest(resource.id);
      await store.insertUmaTicket(aTicket(resource.id));
      await store.keepUmaTicket({ ...aTicket(resource.id), clientId: "app" }, [request]);
      const { id } = request;
      const shown = { resourceVersion: 1, clientUpdatedAt: client.row.updatedAt };
      expect(await store.denyUmaRequest(id, "bob", NOW)).toBe(false);
      expect(await store.denyUmaRequest(id, "ada", request.expiresAt)).toBe(false);
      expect(await store.approveUmaRequest({ id, userId: "ada", now: NOW, shown })).toBe(true);
      expect(await store.denyUmaRequest(id, "ada", NOW)).toBe(false);
      await grant(store, { resourceId: resource.id, ticket: aTicket(resource.id), revision: 1 });
      const [access, ...more] = await store.listUmaAccess("ada", NOW);
      expect(more).toEqual([]);
      expect(access).toMatchObject({
        clientId: "app",
        party: "p",
        approved: true,
        scopes: ["read"],
      });
      expect(await store.listUmaAccess("bob", NOW)).toEqual([]);

      const withdrawal = {
        ...request,
        id: "w",
        state: "withdrawn",
        expiresAt: 2 ** 53 - 1,
      } as const;
      const key = { resourceId: resource.id, clientId: "app", party: "p" };
      expect(await store.withdrawUmaAccess({ ...key, userId: "bob" }, withdrawal)).toBe(false);
      expect(await store.withdrawUmaAccess({ ...key, userId: "ada" }, withdrawal)).toBe(true);
      expect(await store.listUmaAccess("ada", NOW)).toEqual([]);
      expect(await store.listUmaPermissions("authorization", NOW)).toEqual([]);
      expect(
        await store.listUmaDecisions([resource.id], { clientId: "app", parties: ["p"] }, NOW),
      ).toEqual([withdrawal]);
      const others = { clientId: "app", parties: ["", "q"] };
      expect(await store.listUmaDecisions([resource.id], others, NOW)).toEqual([]);
      expect(await store.findUmaResource(resource.id, RS)).toMatchObject({ revision: 2 });
      expect(await store.forgetUmaRequest("w", "bob")).toBe(false);
      expect(await store.forgetUmaRequest("w", "ada")).toBe(true);
      expect(
        await store.listUmaDecisions([resource.id], { clientId: "app", parties: ["p"] }, NOW),
      ).toEqual([]);
    });

    test.each(["resource", "resource server", "client", "owner"] as const)(
      "deleting a %s takes along what belongs to it",
      async (who) => {
        const store = await open();
        await store.writeParties({
          clients: [aClient("rs"), aClient("app")],
          users: [aUser("ada", { id: "ada" })],
        });
        const resource = aResource({ userId: "ada" });
        await store.insertUmaResource(resource);
        const policy = aPolicy({ userId: "ada", resourceIds: [resource.id] });
        await store.insertUmaPolicy(policy);
        const ticket = { ...aTicket(resource.id), clientId: "app" };
        await grant(store, { resourceId: resource.id, revision: 2 });
        await store.insertUmaTicket(ticket);
        await store.keepUmaTicket(ticket, [aRequest(resource.id)]);
        const deletions = {
          resource: () => store.deleteUmaResource(resource.id, RS),
          "resource server": () => store.deleteClient("rs"),
          client: () => store.deleteClient("app"),
          owner: () => store.deleteUser("ada"),
        };
        expect(await deletions[who]()).toBe(true);
        expect(await store.listUmaPermissions("authorization", NOW)).toEqual([]);
        expect(
          await store.listUmaDecisions([resource.id], { clientId: "app", parties: ["p"] }, NOW),
        ).toEqual([]);
        const gone = who !== "client";
        expect(await store.findUmaResources([resource.id])).toHaveLength(gone ? 0 : 1);
        expect(await store.listUmaPoliciesOf([resource.id], 9)).toHaveLength(gone ? 0 : 1);
        const kept = who === "resource" || who === "owner";
        expect((await store.findUmaTicket(ticket.key)) !== undefined).toBe(kept);
        const policyKept = who === "client" || who === "resource";
        expect((await store.findUmaPolicy(policy.id, RS)) !== undefined).toBe(policyKept);
      },
    );
  });
}

/** Spends a ticket for one permission; the authorization's id, or undefined when it lost. */
async function grant(
  store: Store,
  wanted: {
    readonly resourceId: string;
    readonly revision: number;
    readonly policyId?: string;
    readonly ticket?: ReturnType<typeof aTicket>;
    readonly authorizationId?: string;
  },
): Promise<string | undefined> {
  const { resourceId, revision, policyId = null, authorizationId = "authorization" } = wanted;
  const ticket = wanted.ticket ?? aTicket(resourceId);
  if (!wanted.ticket) await store.insertUmaTicket(ticket);
  const won = await store.grantUmaTicket({
    ticketKey: ticket.key,
    authorization: anAuthorization({ id: authorizationId, clientId: "app" }),
    permissions: [aPermission({ resourceId, policyId, authorizationId })],
    resources: [{ id: resourceId, revision }],
    carried: [],
  });
  return won ? authorizationId : undefined;
}
