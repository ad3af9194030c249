import { describe, expect, test } from "bun:test";
import { REDIRECT_URI } from "../support/codes.ts";
import { DATABASES } from "../support/databases.ts";
import { type Form, testServer } from "../support/server.ts";
import { bodyOf, expectRefusal, onEachDatabase, stateOf } from "./token_fixture.ts";

const GOOD = "grant_type=client_credentials&scope=api1";
const INVALID = "invalid_request";
const APP = { basic: ["app", "s"] } as const;
/** Largest form body, in bytes (issue 2). */
const LIMIT = 65_536;

const servers = await onEachDatabase(async (database) => {
  const server = await testServer({ database });
  await server.addClient({
    client_id: "app",
    client_secret: "s",
    scope: "api1",
    redirect_uris: [REDIRECT_URI],
    allowed_resources: ["https://a.example/", "https://b.example/"],
    grant_types: ["client_credentials", "password", "refresh_token", "authorization_code"],
  });
  return { server, before: await stateOf(server.url) };
});

describe.each(DATABASES)("attack 79: sizes, numbers and names of parameters on %s", (database) => {
  const { server, before } = servers[database];
  const post = (form: Form, path = "/token") => server.post(path, form, APP);
  const filled = (bytes: number) => `${GOOD}&x=${"a".repeat(bytes - GOOD.length - 3)}`;
  const says = async (form: Form, path?: string) =>
    (await bodyOf(await post(form, path), 400)).error_description;

  test("a body of 65,536 bytes is read, one of 65,537 is refused", async () => {
    expect(filled(LIMIT).length).toBe(LIMIT);
    expect((await post(filled(LIMIT))).status).toBe(200);
    for (const path of ["/token", "/token/revoke", "/introspect"]) {
      for (const bytes of [LIMIT + 1, LIMIT * 2, 1_048_576]) {
        const text = "the body is larger than 64 KiB";
        await expectRefusal(await post(filled(bytes), path), [400, INVALID, text]);
      }
    }
  });

  test("bytes count, not characters", async () => {
    const wide = `${GOOD}&x=${"漢".repeat(Math.floor((LIMIT - GOOD.length - 3) / 3))}`;
    expect((await post(wide)).status).toBe(200);
    expect(await says(`${wide}漢`)).toBe("the body is larger than 64 KiB");
  });

  test("a Content-Length over the limit is refused before anything is read", async () => {
    const body = new ReadableStream({
      pull() {
        throw new TypeError("The body was read");
      },
    });
    const headers = {
      "Content-Type": "application/x-www-form-urlencoded",
      "Content-Length": String(LIMIT + 1),
    };
    const request = new Request("http://localhost/token", { method: "POST", body, headers });
    await expectRefusal(await server.server.handle(request), [
      400,
      INVALID,
      "the body is larger than 64 KiB",
    ]);
  });

  test("sixty-four parameters are read, sixty-five and ten thousand are refused", async () => {
    const more = (count: number) =>
      `${GOOD}${Array.from({ length: count - 2 }, (_, i) => `&p${i}=1`).join("")}`;
    expect((await post(more(64))).status).toBe(200);
    expect(await says(more(65))).toBe("the body has more than 64 parameters");
    expect(await says("a=&".repeat(10_000))).toBe("the body has more than 64 parameters");
    // What stands between two separators with nothing in it is no parameter.
    expect((await post(`${GOOD}${"&".repeat(1_000)}`)).status).toBe(200);
  });

  test.each([
    ["username", 320, { grant_type: "password", password: "x" }],
    ["password", 1_024, { grant_type: "password", username: "x" }],
    ["scope", 4_096, { grant_type: "client_credentials" }],
    ["refresh_token", 4_096, { grant_type: "refresh_token" }],
    ["code", 4_096, { grant_type: "authorization_code", redirect_uri: REDIRECT_URI }],
    [
      "code_verifier",
      1_024,
      { grant_type: "authorization_code", code: "x", redirect_uri: REDIRECT_URI },
    ],
  ] as const)("%s has at most %d characters", async (name, max, form) => {
    const malformed = `the parameter ${name} is malformed`;
    expect(await says({ ...form, [name]: "a".repeat(max) })).not.toBe(malformed);
    const refusal = await bodyOf(await post({ ...form, [name]: "a".repeat(max + 1) }), 400);
    expect([refusal.error_description, refusal.detail]).toEqual([malformed, name]);
  });

  test.each(["/token/revoke", "/introspect"])("token and hint are bounded at %s", async (path) => {
    for (const [name, max] of [
      ["token", 16_384],
      ["token_type_hint", 255],
    ] as const) {
      const form = { token: "x", [name]: "a".repeat(max + 1) };
      expect(await says(form, path)).toBe(`the parameter ${name} is malformed`);
      const within = await post({ token: "x", [name]: "a".repeat(max) }, path);
      expect(await within.text()).not.toContain("malformed");
    }
  });

  test("ids and grant types of any length that fits are wrong, not a fault", async () => {
    for (const length of [255, 256, 10_000, 60_000]) {
      const long = "a".repeat(length);
      const form = { grant_type: "client_credentials", scope: "api1", client_id: long };
      const refusal = await bodyOf(await server.post("/token", form), 400);
      expect(refusal.error_description).toBe(
        length > 255 ? "the parameter client_id is malformed" : "the client doesn't exist",
      );
      expect(await says({ grant_type: long })).toBe("the grant type is not supported");
    }
  });

  test.each([
    "grant_type",
    "scope",
    "username",
    "password",
    "code",
    "redirect_uri",
    "code_verifier",
    "refresh_token",
    "client_id",
    "client_secret",
    "unknown",
  ])("%s may stand once, at any place, with any value", async (name) => {
    const escaped = name.replace("_", "%5f");
    const text = `the parameter ${name} is repeated`;
    for (const twice of [
      `${name}=a&${name}=b`,
      `${name}=a&${GOOD}X=1&${name}=a`,
      `${name}&${name}`,
      `${name}=&${escaped}=a`,
    ]) {
      const refusal = await bodyOf(await post(twice), 400);
      expect([refusal.error, refusal.error_description, refusal.detail]).toEqual([
        INVALID,
        text,
        name,
      ]);
    }
  });

  test.each(["/token/revoke", "/introspect"])("a repeated token is refused at %s", async (path) => {
    expect(await says("token=a&token=b", path)).toBe("the parameter token is repeated");
  });

  test("resource alone may be repeated (RFC 8707 §2)", async () => {
    const body = "&resource=https://a.example/&resource=https://b.example/";
    expect((await post(`${GOOD}${body}`)).status).toBe(200);
  });

  test("array and object notation names other parameters, which are ignored", async () => {
    expect(await says("grant_type=client_credentials&scope[]=api1")).toBe(
      "the parameter scope is missing",
    );
    expect(await says("grant_type[]=client_credentials")).toBe(
      "the parameter grant_type is missing",
    );
    expect(await says("grant_type[0]=a&grant_type.x=b")).toBe(
      "the parameter grant_type is missing",
    );
    expect(await says("scope[]=a&scope[]=b")).toBe("the parameter scope[] is repeated");
    expect((await post(`${GOOD}&scope[]=admin&scope[$ne]=x`)).status).toBe(200);
  });

  test("attack 80: names that every JavaScript object has are names like any other", async () => {
    const names = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "then"];
    const polluting = names.map((name) => `&${name}=1`).join("");
    const nested = "&__proto__[polluted]=1&constructor[prototype][polluted]=1&__proto__.polluted=1";
    expect((await post(`${GOOD}${polluting}${nested}`)).status).toBe(200);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    for (const name of names) {
      expect(await says({ grant_type: name })).toBe("the grant type is not supported");
      expect(await says({ grant_type: "client_credentials", scope: name })).toBe(
        `the scopes ${name} are not allowed or invalid`,
      );
      expect(await says(`${name}=1&${name}=2`)).toBe(`the parameter ${name} is repeated`);
      const unknown = await server.post("/token", GOOD, { basic: [name, name] });
      expect((await bodyOf(unknown, 401)).error_description).toBe("the client doesn't exist");
      expect((await post({ token: name }, "/token/revoke")).status).toBe(400);
      expect(await (await post({ token: name }, "/introspect")).json()).toEqual({ active: false });
      expect((await server.post("/token", `${name}&${GOOD}`, APP)).status).toBe(200);
    }
  });

  test("a name that cannot be a parameter's is not sent back", async () => {
    for (const name of ['{"password":"hunter2"}', "<script>", "a b", "ä", "x".repeat(129)]) {
      const encoded = encodeURIComponent(name);
      const response = await post(`${encoded}=1&${encoded}=2`);
      const text = await response.text();
      expect(JSON.parse(text).error_description).toBe("the form in the body is not well formed");
      expect(text).not.toContain("hunter2");
    }
  });

  test("none of it has changed a row", async () => {
    expect(await stateOf(server.url)).toBe(before);
  });
});
