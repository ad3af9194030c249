/** Resources over HTTP, in both families of names (idserver.md A.8, UMA 2.0 Federated Authorization §3). */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { DATABASES } from "../support/databases.ts";
import { ISSUER } from "../support/server.ts";
import { BANK, umaServer } from "../support/uma.ts";
import { onEachDatabase } from "./token_fixture.ts";

setDefaultTimeout(60_000);

const PATH = "/rs/resource_set";
const servers = await onEachDatabase((database) => umaServer({ database }));

const SEED = {
  name: "Album",
  uri: "https://photos.example/7",
  type: "https://photos.example/album",
  icon_uri: "https://photos.example/7.png",
  scopes: ["view", "https://photos.example/scopes/print"],
};
const { scopes: resource_scopes, uri: _, ...rest } = SEED;
const UMA2 = { ...rest, description: "The album of 2026", resource_scopes };

describe.each(DATABASES)("/rs/resource_set on %s", (database) => {
  const uma = servers[database];

  test.each([
    ["seed", SEED],
    ["uma2", UMA2],
  ])("is written and read in the names of %s", async (family, body) => {
    const token = await uma.pat();
    const made = await uma.call("POST", PATH, { token, body });
    const { _id: id } = made.body;
    expect([made.status, made.body]).toEqual([201, { _id: id }]);
    expect(made.headers.get("location")).toBe(`${ISSUER}${PATH}/${id}`);
    expect(made.headers.get("etag")).toBe('"v1"');
    const read = await uma.call("GET", `${PATH}/${id}`, { token });
    expect(read.body).toEqual({ _id: id, ...body });
    expect(read.headers.get("cache-control")).toBe("no-store");
    expect((await uma.call("GET", PATH, { token })).body).toContain(id);
    const other = family === "seed" ? UMA2 : SEED;
    const changed = await uma.call("PUT", `${PATH}/${id}`, { token, body: other });
    expect([changed.status, changed.headers.get("etag")]).toEqual([200, '"v2"']);
    const again = await uma.call("PUT", PATH, { token, body: { _id: id, ...other } });
    expect([again.status, again.body._id]).toEqual([200, id]);
    expect((await uma.call("GET", `${PATH}/${id}`, { token })).body).toEqual({ _id: id, ...other });
    const gone = await uma.call("DELETE", `${PATH}/${id}`, { token });
    expect([gone.status, gone.body]).toEqual([204, undefined]);
    const missing = await uma.call("GET", `${PATH}/${id}`, { token });
    expect([missing.status, missing.body.error]).toEqual([404, "not_found"]);
  });

  test("the user who owns it is led to his page", async () => {
    const token = await uma.pat(undefined, "ada");
    const { body } = await uma.call("POST", PATH, { token, body: SEED });
    expect(body.user_access_policy_uri).toBe(`${ISSUER}/account/resources`);
  });

  test("RFC 9110 §13: preconditions are kept, and of many changes to one version one wins", async () => {
    const token = await uma.pat();
    const path = `${PATH}/${await uma.resource(token)}`;
    const get = (headers: Record<string, string>) => uma.call("GET", path, { token, headers });
    const unchanged = await get({ "If-None-Match": '"v0", "v1"' });
    expect([unchanged.status, unchanged.body, unchanged.headers.get("etag")]).toEqual([
      304,
      undefined,
      '"v1"',
    ]);
    expect((await get({ "If-None-Match": 'W/"v1"' })).status).toBe(304);
    expect((await get({ "If-None-Match": '"v2"' })).status).toBe(200);
    const put = (headers: Record<string, string>) =>
      uma.call("PUT", path, { token, headers, body: SEED });
    expect((await put({ "If-Match": 'W/"v1"' })).status).toBe(412);
    expect((await put({ "If-None-Match": "*" })).status).toBe(412);
    const race = await Promise.all(Array.from({ length: 8 }, () => put({ "If-Match": '"v1"' })));
    expect(race.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(412)]);
    expect((await put({ "If-Match": "*" })).headers.get("etag")).toBe('"v3"');
    const headers = { "If-Match": '"v1"' };
    expect((await uma.call("DELETE", path, { token, headers })).status).toBe(412);
    expect(
      (await uma.call("DELETE", path, { token, headers: { "If-Match": '"v3"' } })).status,
    ).toBe(204);
  });

  test("a list has pages and says where it goes on, and a search compares exactly", async () => {
    await uma.addClient({
      client_id: "archive",
      client_secret: "s",
      grant_types: ["client_credentials"],
      scope: "uma_protection",
    });
    const token = await uma.pat(["archive", "s"]);
    const ids: string[] = [];
    for (const name of ["a", "a", "A"]) ids.push(await uma.resource(token, "seed", { name }));
    const first = await uma.call("GET", `${PATH}?count=2`, { token });
    expect(first.body).toEqual(ids.slice(0, 2));
    const [, next = ""] = /^<(.+)>; rel="next"$/.exec(first.headers.get("link") ?? "") ?? [];
    expect(next).toBe(`${ISSUER}${PATH}?start_index=2&count=2`);
    const second = await uma.call("GET", next.slice(ISSUER.length), { token });
    expect([second.body, second.headers.get("link")]).toEqual([ids.slice(2), null]);
    for (const query of [
      "count=0",
      "count=1001",
      "count=-1",
      "count=x",
      "start_index=1e3",
      "count=1&count=2",
    ]) {
      expect([query, (await uma.call("GET", `${PATH}?${query}`, { token })).status]).toEqual([
        query,
        400,
      ]);
    }
    const search = async (body: object) =>
      (await uma.call("POST", `${PATH}/.search`, { token, body })).body;
    const found = await search({ names: ["a"], count: 1 });
    expect(found).toMatchObject({
      count: 2,
      start_index: 0,
      content: [{ _id: ids[0], name: "a" }],
    });
    expect((await search({ ids: [], names: null })).count).toBe(0);
    expect((await search({ ids: [ids[2], "nowhere"] })).content).toHaveLength(1);
    expect((await search({ count: 101 })).error).toBe("invalid_request");
  });

  test("attacks 67, 68: nobody sees or changes what another client or owner registered, however it is named", async () => {
    const [ada, bob, own, bank] = [
      await uma.pat(undefined, "ada"),
      await uma.pat(undefined, "bob"),
      await uma.pat(),
      await uma.pat(BANK, "ada"),
    ];
    const id = await uma.resource(ada);
    for (const token of [bob, own, bank]) {
      for (const [method, path] of [
        ["GET", `${PATH}/${id}`],
        ["DELETE", `${PATH}/${id}`],
        ["PUT", `${PATH}/${id}`],
        ["PUT", PATH],
      ] as const) {
        const body = method === "PUT" ? { _id: id, ...SEED } : undefined;
        const answer = await uma.call(method, path, { token, body });
        expect([method, answer.status, answer.body.error]).toEqual([method, 404, "not_found"]);
      }
      expect((await uma.call("GET", PATH, { token })).body).not.toContain(id);
      const search = await uma.call("POST", `${PATH}/.search`, { token, body: { ids: [id] } });
      expect(search.body.content).toEqual([]);
      const asked = await uma.call("POST", "/perm", {
        token,
        body: { resource_id: id, resource_scopes: ["view"] },
      });
      expect([asked.status, asked.body.error]).toEqual([400, "invalid_resource_id"]);
    }
    for (const near of [
      id.toUpperCase(),
      id.slice(0, -1),
      `${id}%20`,
      `${id}%00`,
      `${id}*`,
      "%25",
      "..",
    ]) {
      expect([near, (await uma.call("GET", `${PATH}/${near}`, { token: ada })).status]).toEqual([
        near,
        404,
      ]);
    }
    expect((await uma.call("GET", `${PATH}/${id}`, { token: ada })).status).toBe(200);
  });

  test("attack 67: a body that names another resource than the path is refused", async () => {
    const token = await uma.pat();
    const [one, two] = [await uma.resource(token), await uma.resource(token)];
    const answer = await uma.call("PUT", `${PATH}/${one}`, { token, body: { _id: two, ...SEED } });
    expect([answer.status, answer.body.detail]).toEqual([400, "_id"]);
    const none = await uma.call("PUT", PATH, { token, body: SEED });
    expect(none.body.error_description).toBe("the parameter id needs to be specified");
  });

  test("D7: a client names an owner only when it is registered for that, and the owner stays", async () => {
    await uma.addClient({
      client_id: "delegated",
      client_secret: "s",
      grant_types: ["client_credentials"],
      scope: "uma_protection",
      uma_owner_delegation: true,
    });
    const token = await uma.pat(["delegated", "s"]);
    const made = await uma.call("POST", PATH, { token, body: { ...SEED, owner: uma.ada } });
    expect(made.status).toBe(201);
    const path = `${PATH}/${made.body._id}`;
    const owned = await uma.services.store.listUmaResourcesOfOwner(uma.ada, {
      start: 0,
      count: 99,
    });
    expect(owned.map(({ id }) => id)).toContain(made.body._id);
    const moved = await uma.call("PUT", path, { token, body: { ...SEED, owner: uma.bob } });
    expect([moved.status, moved.body.detail]).toEqual([403, "owner"]);
    expect((await uma.call("PUT", path, { token, body: { ...SEED, owner: uma.ada } })).status).toBe(
      200,
    );
    const unknown = await uma.call("POST", PATH, { token, body: { ...SEED, owner: "nobody" } });
    expect(unknown.body.error_description).toBe("the owner doesn't exist");
    // A user's own token names nobody else, and learns of nobody.
    const ada = await uma.pat(undefined, "ada");
    for (const owner of [uma.bob, "nobody"]) {
      const answer = await uma.call("POST", PATH, { token: ada, body: { ...SEED, owner } });
      expect([answer.status, answer.body.error]).toEqual([403, "unauthorized_client"]);
    }
    expect(
      (await uma.call("POST", PATH, { token: ada, body: { ...SEED, owner: uma.ada } })).status,
    ).toBe(201);
  });
});
