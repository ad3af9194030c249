import { describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Store } from "../../src/store/store.ts";
import { admin, type Ended, fileOf, importFiles, printed } from "../support/admin.ts";
import { DATABASES } from "../support/databases.ts";
import { type TestServer, testServer } from "../support/server.ts";

setDefaultTimeout(120_000);

type Read = "findClient" | "findUserByIdentifier";

/** The same server, where something happens between one of a command's reads and what follows it. */
function interrupted(
  server: TestServer,
  read: Read,
  meanwhile: () => Promise<unknown>,
  after = 1,
): TestServer {
  const { store } = server.services;
  let reads = 0;
  const paused = async (name: string) => {
    const found = await store[read](name);
    reads += 1;
    if (reads === after) await meanwhile();
    return found;
  };
  const watched = { ...store, [read]: paused } as Store;
  return { ...server, services: { ...server.services, store: watched } };
}

const WEB = { client_id: "web", client_secret: "s", grant_types: ["client_credentials"] };
const BOB = { username: "bob", password: "first password" };

async function openServer(database: (typeof DATABASES)[number]): Promise<TestServer> {
  const server = await testServer({ database });
  expect((await importFiles(server, { clients: [WEB], users: [BOB] })).exitCode).toBe(0);
  return server;
}

const bobOf = ({ services }: TestServer) => services.store.findUserByIdentifier("bob");

const hasPassword = async (server: TestServer, password: string) =>
  server.services.passwords.verify(password, (await bobOf(server))?.passwordHash ?? null);

const works = async (server: TestServer, secret: unknown) => {
  const form = { grant_type: "client_credentials" };
  const response = await server.post("/token", form, { basic: ["web", String(secret)] });
  return response.status !== 401;
};

const setPassword = (server: TestServer, password: string): Promise<Ended> =>
  admin(server, ["user", "set-password", "bob", "--password-stdin"], { stdin: password });

describe.each(DATABASES)("two administrators at once on %s", (database) => {
  test("set-password does not enable a user who is disabled while it waits", async () => {
    const server = await openServer(database);
    const disable = () => admin(server, ["user", "disable", "bob"]);
    const ended = await setPassword(
      interrupted(server, "findUserByIdentifier", disable),
      "second password",
    );
    expect(ended.exitCode).toBe(0);
    expect((await bobOf(server))?.disabledAt).toBe(server.services.now());
    expect(await hasPassword(server, "second password")).toBe(true);
  });

  test("set-password does not bring back a user who is deleted while it waits", async () => {
    const server = await openServer(database);
    const remove = () => admin(server, ["user", "delete", "bob"]);
    const ended = await setPassword(
      interrupted(server, "findUserByIdentifier", remove),
      "second password",
    );
    expect(ended).toMatchObject({ exitCode: 1, err: ['error: there is no user "bob"'] });
    expect(await server.services.store.listUsers()).toEqual([]);
  });

  test("an import without password does not bring an old one back, and says whose entry failed", async () => {
    const server = await openServer(database);
    const changed = [
      { username: "bob", email: "bob@example.org" },
      { username: "carol", password: "pw" },
    ];
    const path = await fileOf(changed);
    const set = () => setPassword(server, "second password");
    const ended = await admin(interrupted(server, "findUserByIdentifier", set), ["import", path]);
    expect(ended.exitCode).toBe(1);
    expect(ended.err).toEqual([
      `error: ${path}: entry [0] "bob": somebody else changed or deleted this user meanwhile`,
      "error: nothing was changed",
    ]);
    expect(await hasPassword(server, "second password")).toBe(true);
    expect((await server.services.store.listUsers()).map(({ username }) => username)).toEqual([
      "bob",
    ]);
    expect((await admin(server, ["import", path])).exitCode).toBe(0);
    expect(await hasPassword(server, "second password")).toBe(true);
    expect((await bobOf(server))?.email).toBe("bob@example.org");
  });

  test("an import enables nobody who is disabled meanwhile", async () => {
    const server = await openServer(database);
    const disable = async () => {
      await admin(server, ["user", "disable", "bob"]);
      await admin(server, ["client", "disable", "web"]);
    };
    const path = await fileOf({
      clients: [{ ...WEB, client_name: "Web" }],
      users: [{ ...BOB, password: "third password" }],
    });
    const command = ["import", path];
    const ended = await admin(interrupted(server, "findUserByIdentifier", disable), command);
    expect(ended.exitCode).toBe(0);
    const { store, now } = server.services;
    expect((await bobOf(server))?.disabledAt).toBe(now());
    expect(await store.findClient("web")).toMatchObject({
      disabledAt: now(),
      metadata: { client_name: "Web" },
    });
  });

  test("an import brings back nobody who is deleted meanwhile", async () => {
    const server = await openServer(database);
    const { store } = server.services;
    const client = await fileOf([{ ...WEB, client_name: "Web" }]);
    const deleteClient = () => admin(server, ["client", "delete", "web"]);
    const first = await admin(interrupted(server, "findClient", deleteClient), ["import", client]);
    expect(first.err[0]).toBe(
      `error: ${client}: entry [0] "web": somebody else changed or deleted this client meanwhile`,
    );
    expect(await store.listClients()).toEqual([]);

    const user = await fileOf([{ ...BOB, email: "bob@example.org" }]);
    const deleteUser = () => admin(server, ["user", "delete", "bob"]);
    const hurried = interrupted(server, "findUserByIdentifier", deleteUser);
    expect((await admin(hurried, ["import", user])).exitCode).toBe(1);
    expect(await store.listUsers()).toEqual([]);
    expect(await store.findUserByIdentifier("bob")).toBeUndefined();
  });

  test("rotate-secret leaves metadata alone, and does not bring back a deleted client", async () => {
    const server = await openServer(database);
    const rotate = ["client", "rotate-secret", "web"];
    const rename = () => importFiles(server, [{ ...WEB, client_name: "Renamed" }]);
    const rotated = printed(await admin(interrupted(server, "findClient", rename), rotate));
    const client = await server.services.store.findClient("web");
    expect(client?.metadata.client_name).toBe("Renamed");
    expect([await works(server, "s"), await works(server, rotated["client_secret"])]).toEqual([
      false,
      true,
    ]);
    const remove = () => admin(server, ["client", "delete", "web"]);
    const ended = await admin(interrupted(server, "findClient", remove), rotate);
    expect(ended).toMatchObject({
      exitCode: 1,
      out: [],
      err: ['error: there is no client "web"'],
    });
    expect(await server.services.store.listClients()).toEqual([]);
  });

  test("of two rotations with overlap, neither loses the other's secret", async () => {
    const server = await openServer(database);
    const rotate = ["client", "rotate-secret", "web", "--overlap=60"];
    const inner: Ended[] = [];
    const again = async () => inner.push(await admin(server, rotate));
    const outer = printed(await admin(interrupted(server, "findClient", again), rotate));
    const [first] = inner;
    if (!first) throw new TypeError("no rotation meanwhile");
    for (const secret of ["s", printed(first)["client_secret"], outer["client_secret"]]) {
      expect(await works(server, secret)).toBe(true);
    }
    server.advance(60);
    expect(await works(server, "s")).toBe(false);
    expect(await works(server, outer["client_secret"])).toBe(true);
  });

  test("an import with a secret does not take back one that was rotated in meanwhile", async () => {
    const server = await openServer(database);
    const made: Ended[] = [];
    const rotate = async () =>
      made.push(await admin(server, ["client", "rotate-secret", "web", "--overlap=60"]));
    const path = await fileOf([{ ...WEB, client_secret: undefined, client_secret_expires_at: 9 }]);
    const ended = await admin(interrupted(server, "findClient", rotate), ["import", path]);
    expect(ended.exitCode).toBe(1);
    const [rotated] = made;
    if (!rotated) throw new TypeError("no rotation meanwhile");
    expect(await works(server, printed(rotated)["client_secret"])).toBe(true);
  });

  test.each([1, 2])("add changes nothing that is added after its read %d", async (after) => {
    const server = await openServer(database);
    const meant = ["--grant-type=client_credentials", "--id=new"];
    const addClient = () => admin(server, ["client", "add", ...meant, "--secret=theirs"]);
    const client = interrupted(server, "findClient", addClient, after);
    const ours = await admin(client, ["client", "add", ...meant, "--secret=ours"]);
    expect([ours.exitCode, ours.out]).toEqual([1, []]);
    expect(ours.err).toHaveLength(1);
    expect(ours.err[0]).toMatch(/client add.* "new" already$|somebody else added this client/);
    const kept = await server.post(
      "/token",
      { grant_type: "client_credentials" },
      { basic: ["new", "theirs"] },
    );
    expect(kept.status).not.toBe(401);

    const add = ["user", "add", "--username=eve"];
    const addUser = () => admin(server, [...add, "--password=theirs"]);
    const user = interrupted(server, "findUserByIdentifier", addUser, after);
    const refused = await admin(user, [...add, "--password=ours"]);
    expect([refused.exitCode, refused.out]).toEqual([1, []]);
    expect(refused.err).toHaveLength(1);
    expect(refused.err[0]).toMatch(/user add.* "eve" already$|else took its username meanwhile/);
    const eve = await server.services.store.findUserByIdentifier("eve");
    expect(await server.services.passwords.verify("theirs", eve?.passwordHash ?? null)).toBe(true);
  });

  test("of imports of the same new parties at once, the losers name the entry", async () => {
    const server = await testServer({ database });
    const clients = await fileOf([WEB], "clients.json");
    const users = await fileOf([{ ...BOB, email: "bob@example.org" }], "users.json");
    for (const [path, words] of [
      [clients, 'entry [0] "web": somebody else added this client meanwhile'],
      [users, 'entry [0] "bob": somebody else took its username meanwhile'],
    ] as const) {
      const ends = await Promise.all(
        Array.from({ length: 6 }, () => admin(server, ["import", path])),
      );
      const lost = ends.filter(({ exitCode }) => exitCode !== 0);
      expect(lost.length).toBeLessThan(6);
      for (const { err } of lost) {
        expect(err).toEqual([`error: ${path}: ${words}`, "error: nothing was changed"]);
      }
      const hurried = path === clients ? "findClient" : "findUserByIdentifier";
      const removal = path === clients ? ["client", "delete", "web"] : ["user", "delete", "bob"];
      await admin(server, removal);
      const sure = interrupted(server, hurried, () => admin(server, ["import", path]));
      expect((await admin(sure, ["import", path])).err[0]).toStartWith(
        `error: ${path}: ${words.slice(0, 17)}`,
      );
    }
    expect(await server.services.store.listClients()).toHaveLength(1);
    expect(await server.services.store.listUsers()).toHaveLength(1);
  });
});
