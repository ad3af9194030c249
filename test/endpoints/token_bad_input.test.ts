import { describe, expect, test } from "bun:test";
import { gzipSync } from "node:zlib";
import { DATABASES } from "../support/databases.ts";
import { testServer } from "../support/server.ts";
import { bodyOf, expectRefusal, onEachDatabase, stateOf } from "./token_fixture.ts";

const FORM = "application/x-www-form-urlencoded";
const GOOD = "grant_type=client_credentials&scope=api1";
const SECRET = "CANARY-s3cr3t";
const UNREADABLE = [400, "invalid_request", "no parameter in body request"] as const;
const BROKEN = [400, "invalid_request", "the form in the body is not well formed"] as const;
const PATHS = ["/token", "/token/revoke", "/introspect"] as const;

const servers = await onEachDatabase(async (database) => {
  const server = await testServer({ database });
  await server.addClient({
    client_id: "app",
    client_secret: "s",
    scope: "api1",
    grant_types: ["client_credentials"],
  });
  return { server, before: await stateOf(server.url) };
});

describe.each(DATABASES)("attack 79: what is no form, on %s", (database) => {
  const { server, before } = servers[database];
  const send = (
    body: NonNullable<RequestInit["body"]> | null,
    headers: Record<string, string>,
    path = "/token",
  ) => {
    const authorization = `Basic ${Buffer.from("app:s").toString("base64")}`;
    const all = { Authorization: authorization, ...headers };
    return server.server.handle(
      new Request(`http://localhost${path}`, { method: "POST", body, headers: all }),
    );
  };
  const form = (body: NonNullable<RequestInit["body"]>, path?: string) =>
    send(body, { "Content-Type": FORM }, path);

  test.each([
    FORM,
    "Application/X-WWW-Form-URLencoded",
    `${FORM}; charset=UTF-8`,
    `${FORM};charset=utf8`,
    `${FORM}; charset="utf-8"; x=y`,
  ])("Content-Type %s is a form", async (type) => {
    expect((await send(GOOD, { "Content-Type": type })).status).toBe(200);
  });

  test.each([
    "application/json",
    "text/plain",
    "text/plain;charset=UTF-8",
    "multipart/form-data; boundary=x",
    `${FORM}x`,
    `${FORM}, application/json`,
    `application/json, ${FORM}`,
    `x${FORM}`,
    `${FORM}; charset=iso-8859-1`,
    `${FORM}; charset=utf-16`,
    `${FORM}; charset=utf-7`,
    `${FORM}; charset=`,
    "*/*",
  ])("Content-Type %s is message 28, at every endpoint", async (type) => {
    for (const path of PATHS) {
      await expectRefusal(await send(GOOD, { "Content-Type": type }, path), UNREADABLE);
    }
  });

  test("no Content-Type, no body, and a body of the web's own kinds are message 28", async () => {
    for (const path of PATHS) {
      await expectRefusal(await send(new TextEncoder().encode(GOOD), {}, path), UNREADABLE);
      await expectRefusal(await send(null, {}, path), UNREADABLE);
      const multipart = new FormData();
      multipart.set("grant_type", "client_credentials");
      await expectRefusal(await send(multipart, {}, path), UNREADABLE);
      await expectRefusal(await send(new Blob([GOOD]), {}, path), UNREADABLE);
    }
  });

  test("an empty form goes on to the first parameter (idserver.md A.2)", async () => {
    const names = { "/token": "grant_type", "/token/revoke": "token", "/introspect": "token" };
    for (const path of PATHS) {
      for (const body of ["", "&", "&&&", "=", "=&="]) {
        const expected = body.includes("=&=")
          ? BROKEN[2]
          : `the parameter ${names[path]} is missing`;
        const refusal = await bodyOf(await form(body, path), 400);
        expect(refusal.error_description, body).toBe(expected);
      }
    }
  });

  test.each(["gzip", "deflate", "br", "zstd", "gzip, identity", "x"])(
    "Content-Encoding %s is message 28",
    async (encoding) => {
      const headers = { "Content-Type": FORM, "Content-Encoding": encoding };
      await expectRefusal(await send(gzipSync(GOOD), headers), UNREADABLE);
      await expectRefusal(await send(GOOD, headers), UNREADABLE);
    },
  );

  test("Content-Encoding identity changes nothing, and gzip without it is no text", async () => {
    const headers = { "Content-Type": FORM, "Content-Encoding": "Identity" };
    expect((await send(GOOD, headers)).status).toBe(200);
    await expectRefusal(await form(gzipSync(GOOD)), BROKEN);
  });

  test("a body that breaks off is message 28, and no fault of ours", async () => {
    const broken = () =>
      new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode(`${GOOD}&client_secret=${SECRET}`));
          controller.error(new Error("connection reset"));
        },
      });
    for (const path of PATHS) await expectRefusal(await form(broken(), path), UNREADABLE);
    expect(server.log.filter(({ level }) => level === "error")).toEqual([]);
  });

  test.each([
    ["a lone byte", [0xff]],
    ["a cut sequence", [0xc3]],
    ["an overlong slash", [0xc0, 0xaf]],
    ["a surrogate", [0xed, 0xa0, 0x80]],
    ["beyond Unicode", [0xf4, 0x90, 0x80, 0x80]],
    ["UTF-16", [0xfe, 0xff, 0x00, 0x67]],
  ])(
    "bytes that are no UTF-8 (%s) are refused, raw and escaped, in names and values",
    async (_, bytes) => {
      const raw = Uint8Array.from(bytes);
      const escaped = [...raw].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
      for (const [left, right] of [
        [`${GOOD}&x=`, ""],
        [`${GOOD}&`, "=x"],
        ["grant_type=", ""],
      ] as const) {
        await expectRefusal(
          await form(Buffer.concat([Buffer.from(left), raw, Buffer.from(right)])),
          BROKEN,
        );
        // UTF-16 begins with bytes that are no UTF-8, so its escapes are none either.
        await expectRefusal(await form(`${left}${escaped}${right}`), BROKEN);
      }
    },
  );

  test.each(["%", "%4", "%zz", "%u0061", "a%", "%%41", "% 41", "%-1", "%C3%28"])(
    "the broken escape %p is refused, in names and values",
    async (text) => {
      for (const path of PATHS) {
        await expectRefusal(await form(`${GOOD}&x=${text}`, path), BROKEN);
        await expectRefusal(await form(`${GOOD}&${text}=x`, path), BROKEN);
      }
    },
  );

  test.each([0x00, 0x01, 0x08, 0x0a, 0x0d, 0x1b, 0x1f, 0x7f])(
    "attack 79: the control character %d is refused in every parameter, known or not",
    async (code) => {
      const escaped = `%${code.toString(16).padStart(2, "0")}`;
      for (const name of ["grant_type", "scope", "client_id", "username", "unknown"]) {
        for (const sent of [escaped, String.fromCharCode(code)]) {
          const response = await form(`${name}=a${sent}b`);
          const text = `the parameter ${name} is malformed`;
          await expectRefusal(response, [400, "invalid_request", text]);
        }
      }
      await expectRefusal(await form(`${GOOD}&a${escaped}b=x`), BROKEN);
    },
  );

  test("JSON where a form is required is never taken, and never repeated", async () => {
    const json = { grant_type: "client_credentials", client_secret: SECRET, scope: "api1" };
    const bodies = [
      JSON.stringify(json),
      JSON.stringify(json, null, 2),
      `[${JSON.stringify(json)}]`,
    ];
    for (const body of [...bodies, `${bodies[1]}&${bodies[1]}`, `${bodies[0]}&${bodies[0]}`]) {
      for (const path of PATHS) {
        const asForm = await form(body, path);
        expect(asForm.status).toBe(400);
        expect(await asForm.text()).not.toContain(SECRET);
        const asJson = await send(body, { "Content-Type": "application/json" }, path);
        expect(await asJson.clone().text()).not.toContain(SECRET);
        await expectRefusal(asJson, UNREADABLE);
      }
    }
  });

  test("none of it has changed a row, nor stands in the log", async () => {
    expect(await stateOf(server.url)).toBe(before);
    const rows = await server.services.store.listAuditRows(1_000);
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify([rows, server.log])).not.toContain(SECRET);
  });
});
