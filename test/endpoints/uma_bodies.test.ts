/** Bodies of the protection API: what is malformed is refused, and named without its value. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { umaServer } from "../support/uma.ts";

setDefaultTimeout(60_000);

const uma = await umaServer();
const token = await uma.pat();
const RESOURCE = { name: "Album", scopes: ["view"] };
const SECRET = "\u202Ehidden-7f3a";

type Row = readonly [what: string, path: string, body: unknown, detail: string | undefined];
const many = (count: number) => Array.from({ length: count }, (_, index) => `s${index}`);
const rule = (changes: object) => ({
  resource_set_ids: ["x"],
  rules: [{ scopes: ["view"], ...changes }],
});

const MALFORMED: readonly Row[] = [
  ["a list for an object", "/rs/resource_set", [RESOURCE], "body"],
  ["a list for a search", "/rs/resource_set/.search", [], "body"],
  ["a text for a policy", "/policies", "x", undefined],
  ["a number for a name", "/rs/resource_set", { ...RESOURCE, name: 7 }, "name"],
  ["a long name", "/rs/resource_set", { ...RESOURCE, name: "x".repeat(201) }, "name"],
  ["a name with a hidden character", "/rs/resource_set", { ...RESOURCE, name: SECRET }, "name"],
  ["a text for scopes", "/rs/resource_set", { ...RESOURCE, scopes: "view" }, "scopes"],
  ["a scope that is none", "/rs/resource_set", { ...RESOURCE, scopes: ["a b"] }, "scopes"],
  ["a scope of another type", "/rs/resource_set", { ...RESOURCE, scopes: [{}] }, "scopes.0"],
  ["a long scope", "/rs/resource_set", { ...RESOURCE, scopes: ["x".repeat(256)] }, "scopes.0"],
  ["51 scopes", "/rs/resource_set", { ...RESOURCE, scopes: many(51) }, "scopes"],
  [
    "both names of scopes",
    "/rs/resource_set",
    { ...RESOURCE, resource_scopes: [] },
    "resource_scopes",
  ],
  [
    "51 permissions",
    "/perm",
    many(51).map((id) => ({ resource_id: id, resource_scopes: [] })),
    "body",
  ],
  [
    "permissions in two families",
    "/perm/bulk",
    [
      { resource_id: "x", resource_scopes: [] },
      { resource_set_id: "x", scopes: ["v"] },
    ],
    "body",
  ],
  ["a list in a list", "/perm", [[]], "body"],
  ["null for a permission", "/perm", [null], "body"],
  ["101 resources", "/policies", { ...rule({}), resource_set_ids: many(101) }, "resource_set_ids"],
  ["a rule that is none", "/policies", { ...rule({}), rules: [7] }, "body"],
  ["51 rules", "/policies", { ...rule({}), rules: many(51).map(() => ({})) }, "rules"],
  [
    "a text for a boolean",
    "/policies",
    rule({ consent_needed: "false" }),
    "rules.0.consent_needed",
  ],
  [
    "a claim without a value",
    "/policies",
    rule({ claims: [{ type: "x" }] }),
    "rules.0.claims.0.value",
  ],
  [
    "21 claims",
    "/policies",
    rule({ claims: many(21).map((type) => ({ type, value: "" })) }),
    "rules.0.claims",
  ],
  ["both names of resources", "/policies", { ...rule({}), resource_ids: ["x"] }, "resource_ids"],
];

describe("a malformed body", () => {
  test.each(MALFORMED)("%s", async (_, path, body, detail) => {
    const answer = await uma.call("POST", path, { token, body });
    expect([answer.status, answer.body.error]).toEqual([400, "invalid_request"]);
    if (detail !== undefined) expect(answer.body.detail).toBe(detail);
    expect(JSON.stringify(answer.body)).not.toContain("hidden-7f3a");
  });

  test.each([
    ["name", "/rs/resource_set", { scopes: ["view"] }],
    ["name", "/rs/resource_set", { name: " ", scopes: ["view"] }],
    ["name", "/rs/resource_set", { name: null, scopes: ["view"] }],
    ["scopes", "/rs/resource_set", { name: "Album" }],
    ["scopes", "/rs/resource_set", { name: "Album", scopes: [] }],
    ["resource_set_id", "/perm", {}],
    ["resource_set_id", "/perm", []],
    ["resource_id", "/perm", { resource_scopes: ["view"] }],
    ["resource_scopes", "/perm", { resource_id: "x" }],
    ["resource_set_ids", "/policies", { rules: [{}] }],
    ["resource_ids", "/policies", { resource_ids: [], rules: [{}] }],
    ["rules", "/policies", { resource_set_ids: ["x"] }],
    ["rules", "/policies", { resource_set_ids: ["x"], rules: [] }],
  ])("lacks %s at %s", async (member, path, body) => {
    const answer = await uma.call("POST", path, { token, body });
    expect(answer.status).toBe(400);
    expect(answer.body.error_description).toBe(`the parameter ${member} needs to be specified`);
  });

  test("is no JSON, is not there, or is too long", async () => {
    const post = (body: string, type = "application/json") =>
      uma.call("POST", "/perm", { token, body, headers: { "Content-Type": type } });
    expect((await post("")).body.error_description).toBe("no parameter in body request");
    expect((await post("{}", "text/plain")).body.error_description).toBe(
      "no parameter in body request",
    );
    expect((await post('{"a":')).body.error_description).toBe(
      "the JSON in the body is not well formed",
    );
    expect((await post(`"${"x".repeat(65_536)}"`)).body.error_description).toBe(
      "the body is larger than 64 KiB",
    );
  });

  test("pollutes no prototype, and brings nothing that is not known", async () => {
    const body = `{"__proto__":{"name":"x","admin":true},"constructor":{"prototype":{"admin":true}},
      "name":"Album","scopes":["view"],"userId":"x","resourceServerId":"bank","version":9,"revision":9}`;
    const made = await uma.call("POST", "/rs/resource_set", { token, body });
    expect(made.headers.get("etag")).toBe('"v1"');
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
    const read = await uma.call("GET", `/rs/resource_set/${made.body._id}`, { token });
    expect(read.body).toEqual({ _id: made.body._id, ...RESOURCE });
    const bare = await uma.call("POST", "/rs/resource_set", {
      token,
      body: `{"__proto__":${JSON.stringify(RESOURCE)}}`,
    });
    expect(bare.status).toBe(400);
  });
});

describe("the access token of the protection API", () => {
  test.each(["/rs/resource_set", "/perm", "/policies"])(
    "%s needs the scope uma_protection",
    async (path) => {
      const none = await uma.call("POST", path, { body: RESOURCE });
      expect([none.status, none.headers.get("www-authenticate")]).toEqual([
        401,
        expect.stringContaining('scope="uma_protection"'),
      ]);
      const form = { grant_type: "client_credentials", scope: "view" };
      const response = await uma.post("/token", form, { basic: ["photos", "photos-secret"] });
      const { access_token } = (await response.json()) as { access_token: string };
      const narrow = await uma.call("POST", path, { token: access_token, body: RESOURCE });
      expect([narrow.status, narrow.body.error]).toEqual([403, "insufficient_scope"]);
    },
  );

  test("a requesting party token opens nothing here, and other methods are told what is", async () => {
    const resource = await uma.resource(token);
    await uma.policy(token, resource);
    const { body } = await uma.redeem(await uma.ticket(token, resource), "seed");
    const answer = await uma.call("GET", "/rs/resource_set", { token: body.access_token });
    expect(answer.status).toBe(401);
    const patch = await uma.call("PATCH", "/perm", { token });
    expect([patch.status, patch.headers.get("allow")]).toEqual([405, "POST"]);
  });
});
