import { describe, expect, test } from "bun:test";
import type { Store } from "../../src/store/store.ts";
import {
  AWKWARD_JSON,
  aClient,
  aCode,
  anAuthorization,
  aRefreshToken,
  aSecret,
  aUser,
  FAR,
  NOW,
  unique,
} from "./fixtures.ts";

type Open = () => Promise<Store>;

/** Texts that a database with a kind collation, trimming or wildcards would take for `Ada`. */
const NEARLY_ADA = ["ada", "ADA", "Ada ", " Ada", "Ada\t", "Äda", "Ad_", "A%", "Ad\u00e0", "Аda"];

/** Clients, their secrets, and what goes with them. */
export function describeClients(open: Open): void {
  const write = (store: Store, ...clients: ReturnType<typeof aClient>[]) =>
    store.writeParties({ clients, users: [] });

  describe("clients", () => {
    test("findClient() returns what was written, JSON, secrets and late times included", async () => {
      const store = await open();
      const secret = aSecret("c é'\" 1", { expiresAt: FAR });
      const metadata = { client_name: "N", scope: "a b", jwks: { keys: [{ kty: "EC" }] } };
      const awkward = { ...metadata, ...AWKWARD_JSON };
      const client = aClient(
        secret.clientId,
        { metadata: awkward, updatedAt: FAR, disabledAt: FAR },
        [secret],
      );
      await write(store, client);
      const found = await store.findClient(secret.clientId);
      expect(found).toMatchObject({ ...client.row, scopes: ["a", "b"] });
      expect(found?.secrets).toEqual([secret]);
      expect(await store.findClient("absent")).toBeUndefined();
    });

    test("attack 38: a client id is looked up exactly, whatever the collation", async () => {
      const store = await open();
      await write(store, aClient("Ada"), aClient("caf\u00e9"));
      for (const id of [...NEARLY_ADA, "cafe\u0301", "cafe"]) {
        expect(await store.findClient(id), JSON.stringify(id)).toBeUndefined();
      }
      await write(store, ...NEARLY_ADA.map((id) => aClient(id)));
      for (const id of ["Ada", ...NEARLY_ADA]) expect((await store.findClient(id))?.id).toBe(id);
    });

    test("a client written again keeps origin, creation and notBefore; undefined keeps secrets", async () => {
      const store = await open();
      const first = aSecret("c");
      await write(store, aClient("c", { origin: "demo", notBefore: 5 }, [first]));
      const again = { metadata: { client_name: "new" }, createdAt: 1, notBefore: 9 };
      await write(store, { ...aClient("c", again), seenAt: NOW, secrets: undefined });
      expect(await store.findClient("c")).toMatchObject({
        metadata: { client_name: "new" },
        origin: "demo",
        createdAt: NOW,
        notBefore: 5,
        secrets: [first],
      });
      const second = aSecret("c");
      await write(store, { ...aClient("c", {}, [second]), seenAt: NOW });
      expect((await store.findClient("c"))?.secrets).toEqual([second]);
    });

    test("listClients() gives each client its own secrets; hasDemoData() knows the demo", async () => {
      const store = await open();
      const secrets = [aSecret("a"), aSecret("b"), aSecret("b")];
      await write(store, aClient("a", {}, secrets.slice(0, 1)), aClient("b", {}, secrets.slice(1)));
      const listed = await store.listClients();
      expect(listed.map(({ id, secrets: own }) => [id, own.length])).toEqual([
        ["a", 1],
        ["b", 2],
      ]);
      expect(await store.hasDemoData()).toBe(false);
      await write(store, aClient("d", { origin: "demo" }));
      expect(await store.hasDemoData()).toBe(true);
      await store.deleteClient("d");
      await store.writeParties({ clients: [], users: [aUser("demo", { origin: "demo" })] });
      expect(await store.hasDemoData()).toBe(true);
    });

    test("what changes a client shows at once, and says whether it exists", async () => {
      const store = await open();
      await write(store, aClient("c"));
      expect((await store.findClient("c"))?.disabledAt).toBeNull();
      expect(await store.setClientDisabled("c", FAR)).toBe(true);
      expect((await store.findClient("c"))?.disabledAt).toBe(FAR);
      expect(await store.setClientNotBefore("c", FAR)).toBe(true);
      expect((await store.findClient("c"))?.notBefore).toBe(FAR);
      expect(await store.setClientDisabled("absent", 1)).toBe(false);
      expect(await store.setClientNotBefore("absent", 1)).toBe(false);
      expect(await store.deleteClient("absent")).toBe(false);
    });

    test("deleteClient() takes secrets, codes, refresh tokens and authorizations, of no one else", async () => {
      const store = await open();
      await write(
        store,
        aClient("c", {}, [aSecret("c")]),
        aClient("other", {}, [aSecret("other")]),
      );
      const [mine, others] = ["c", "other"].map((clientId) => anAuthorization({ clientId }));
      if (!mine || !others) throw new TypeError("two authorizations");
      const codes = [aCode(mine), aCode(others)] as const;
      const tokens = [aRefreshToken(mine), aRefreshToken(others)] as const;
      await store.insertCode(codes[0], mine);
      await store.insertCode(codes[1], others);
      for (const token of tokens) await store.insertRefreshToken(token);
      expect(await store.deleteClient("c")).toBe(true);
      expect(await store.findClient("c")).toBeUndefined();
      expect(await store.findAuthorization(mine.id)).toBeUndefined();
      expect(await store.findCode(codes[0].key)).toBeUndefined();
      expect(await store.findRefreshToken(tokens[0].key)).toBeUndefined();
      await write(store, { ...aClient("c"), secrets: undefined });
      expect((await store.findClient("c"))?.secrets).toEqual([]);
      expect((await store.findClient("other"))?.secrets).toHaveLength(1);
      expect(await store.findCode(codes[1].key)).toBeDefined();
      expect(await store.findRefreshToken(tokens[1].key)).toBeDefined();
    });
  });
}

/** Users, the one namespace of their identifiers, and writes that are whole or not at all. */
export function describeUsers(open: Open): void {
  const write = (store: Store, ...users: ReturnType<typeof aUser>[]) =>
    store.writeParties({ clients: [], users });

  describe("users", () => {
    test("findUser() returns what was written; every identifier leads to the user", async () => {
      const store = await open();
      const user = aUser("Ada", { claims: AWKWARD_JSON, phoneNumber: "+4912345678" }, [
        "Ada",
        "+4912345678",
        "ada@example.org",
      ]);
      await write(store, user);
      expect(await store.findUser(user.row.id)).toEqual(user.row as never);
      for (const text of ["Ada", "+49 (1234) 56-78", " ADA@Example.org "]) {
        expect((await store.findUserByIdentifier(text))?.id, text).toBe(user.row.id);
      }
      expect(await store.findUser(unique())).toBeUndefined();
      expect((await store.listUsers()).map(({ id }) => id)).toEqual([user.row.id]);
    });

    test("attack 38: a login is looked up exactly, whatever the collation", async () => {
      const store = await open();
      await write(store, aUser("Ada"));
      // The user typed it: blanks around it are no part of a login (src/protocol/identifier.ts).
      for (const text of NEARLY_ADA.filter((nearly) => nearly.trim() !== "Ada")) {
        expect(await store.findUserByIdentifier(text), JSON.stringify(text)).toBeUndefined();
      }
    });

    test("an identifier belongs to one user, whether login, phone number or address", async () => {
      const store = await open();
      await write(store, aUser("a", {}, ["a", "shared@example.org"]));
      const taken = aUser("b", {}, ["b", "shared@example.org"]);
      await expect(write(store, taken)).rejects.toMatchObject({ code: "store_write_failed" });
      expect(await store.findUserByIdentifier("b")).toBeUndefined();
      expect(await store.findUser(taken.row.id)).toBeUndefined();
    });

    test("a user written again loses his old identifiers and keeps his notBefore", async () => {
      const store = await open();
      const user = aUser("a", { notBefore: 5 }, ["a", "old@example.org"]);
      await write(store, user);
      const again = { ...user, seenAt: NOW };
      await write(store, { ...again, identifiers: ["a", "new@example.org"] });
      expect(await store.findUserByIdentifier("old@example.org")).toBeUndefined();
      expect((await store.findUserByIdentifier("new@example.org"))?.id).toBe(user.row.id);
      await write(store, { ...again, row: { ...user.row, notBefore: 9 } });
      expect((await store.findUser(user.row.id))?.notBefore).toBe(5);
      await write(store, { ...again, row: { ...user.row, notBefore: 9 }, passwordChanged: true });
      expect((await store.findUser(user.row.id))?.notBefore).toBe(9);
    });

    test("an identifier can move from one user to another in one write", async () => {
      const store = await open();
      const [a, b] = [aUser("a", {}, ["a", "x@example.org"]), aUser("b", {}, ["b"])];
      await write(store, a, b);
      const moved = [
        { ...b, seenAt: NOW, identifiers: ["b", "x@example.org"] },
        { ...a, seenAt: NOW, identifiers: ["a"] },
      ];
      await write(store, ...moved);
      expect((await store.findUserByIdentifier("x@example.org"))?.id).toBe(b.row.id);
    });

    test("what changes a user shows at once; deleting him takes identifiers and authorizations", async () => {
      const store = await open();
      const user = aUser("a");
      const { id } = user.row;
      await write(store, user);
      const authorization = anAuthorization({ userId: id });
      await store.insertAuthorization(authorization);
      expect((await store.findUser(id))?.disabledAt).toBeNull();
      expect(await store.setUserDisabled(id, FAR)).toBe(true);
      expect((await store.findUser(id))?.disabledAt).toBe(FAR);
      expect(await store.setUserNotBefore(id, FAR)).toBe(true);
      expect((await store.findUser(id))?.notBefore).toBe(FAR);
      expect(await store.deleteUser(id)).toBe(true);
      expect(await store.findUser(id)).toBeUndefined();
      expect(await store.findUserByIdentifier("a")).toBeUndefined();
      expect(await store.findAuthorization(authorization.id)).toBeUndefined();
      expect(await store.deleteUser(id)).toBe(false);
      expect(await store.setUserDisabled(id, 1)).toBe(false);
    });

    test("writeParties() writes all or nothing", async () => {
      const store = await open();
      await store.writeParties({ clients: [aClient("c")], users: [aUser("a")] });
      const doomed = {
        clients: [
          { ...aClient("c", { metadata: { client_name: "changed" } }), seenAt: NOW },
          aClient("new"),
        ],
        users: [aUser("b"), aUser("thief", {}, ["a"])],
      };
      await expect(store.writeParties(doomed)).rejects.toMatchObject({
        code: "store_write_failed",
      });
      expect((await store.listClients()).map(({ metadata }) => metadata)).toEqual([
        { client_name: "c" },
      ]);
      expect((await store.listUsers()).map(({ username }) => username)).toEqual(["a"]);
      await store.writeParties({ clients: [aClient("new")], users: [aUser("b")] });
      expect(await store.findClient("new")).toBeDefined();
    });
  });
}
