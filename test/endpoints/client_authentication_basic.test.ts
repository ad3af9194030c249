import { describe, expect, test } from "bun:test";
import { hashSecret, newId } from "../../src/services/ids.ts";
import { DATABASES } from "../support/databases.ts";
import { type TestServer, testServer } from "../support/server.ts";
import { bodyOf, onEachDatabase, seededRandom } from "./token_fixture.ts";

const CREDENTIALS = { grant_type: "client_credentials", scope: "api1" };

/** Characters that encodings get wrong, beside any printable one. */
const TROUBLE = [
  ...":%+&=#?/\\\"'<>;,@ ~-_.*()",
  "%3A",
  "%",
  "%%",
  "++",
  "é",
  "e\u0301",
  "ß",
  "漢",
  "🦉",
  "\u00a0",
  "\u2028",
  "\ufeff",
];

/** Printable text of 1 to 40 pieces, half of them troublesome. */
function printable(random: () => number): string {
  const piece = () =>
    random() < 0.5
      ? (TROUBLE[Math.floor(random() * TROUBLE.length)] ?? "")
      : String.fromCodePoint(0x21 + Math.floor(random() * 0x5e));
  return Array.from({ length: 1 + Math.floor(random() * 40) }, piece).join("");
}

/** A thousand clients whose ids and secrets are random; odd ones are registered for the body. */
async function addClients(server: TestServer): Promise<readonly (readonly [string, string])[]> {
  const random = seededRandom(35);
  const pairs = new Map<string, string>();
  while (pairs.size < 1_000) {
    const [id, secret] = [printable(random), printable(random)];
    // In a form a blank value counts as absent (RFC 6749 §3.2): it cannot be registered either.
    if (id.trim() !== "" && secret.trim() !== "") pairs.set(id, secret);
  }
  const { now } = server.services;
  const clients = [...pairs].map(([id, secret], index) => ({
    row: {
      id,
      metadata: {
        token_endpoint_auth_method: index % 2 ? "client_secret_post" : "client_secret_basic",
        grant_types: ["client_credentials"],
        scope: "api1",
      },
      origin: "admin" as const,
      createdAt: now(),
      updatedAt: now(),
      notBefore: now() - 1,
    },
    secrets: [
      {
        id: newId(),
        clientId: id,
        hash: hashSecret(secret),
        sealed: null,
        createdAt: now(),
        expiresAt: null,
        lastUsedAt: null,
      },
    ],
  }));
  await server.services.store.writeParties({ clients, users: [] });
  return [...pairs];
}

const servers = await onEachDatabase(async (database) => {
  const server = await testServer({ database });
  const app = { scope: "api1", grant_types: ["client_credentials"] };
  await server.addClient({ ...app, client_id: "app", client_secret: "s" });
  await server.addClient({ ...app, client_id: "token", client_secret: "secret-token:a:b/c" });
  return { server, pairs: await addClients(server) };
});

const base64 = (text: string | Uint8Array) => Buffer.from(text).toString("base64");

describe.each(DATABASES)("attack 35: decoding of Basic on %s (RFC 6749 §2.3.1)", (database) => {
  const { server, pairs } = servers[database];
  const withHeader = (authorization: string) =>
    server.post("/token", CREDENTIALS, { headers: { Authorization: authorization } });

  test("attack 35: a thousand random ids and secrets come through, by header and by body", async () => {
    expect(pairs.length).toBe(1_000);
    const failed: unknown[] = [];
    for (const [index, [id, secret]] of pairs.entries()) {
      const byBody = { ...CREDENTIALS, client_id: id, client_secret: secret };
      const response =
        index % 2
          ? await server.post("/token", byBody)
          : await server.post("/token", CREDENTIALS, { basic: [id, secret] });
      if (response.status !== 200) failed.push([id, secret, await response.text()]);
    }
    expect(failed).toEqual([]);
  });

  test.each([
    ["lower case scheme", `basic ${base64("app:s")}`],
    ["upper case scheme", `BASIC ${base64("app:s")}`],
    ["more spaces", `Basic   ${base64("app:s")}`],
    ["everything percent-encoded", `Basic ${base64("%61%70%70:%73")}`],
    ["no padding", `Basic ${base64("app:s").replace(/=+$/, "")}`],
    ["a secret with colons as it stands", `Basic ${base64("token:secret-token:a:b/c")}`],
    ["the same, form-encoded", `Basic ${base64("token:secret-token%3Aa%3Ab%2Fc")}`],
  ])("%s is understood", async (_, authorization) => {
    expect((await withHeader(authorization)).status).toBe(200);
  });

  test.each([
    ["nothing behind the scheme", "Basic"],
    ["blanks behind the scheme", "Basic    "],
    ["no base64", "Basic %%%"],
    [
      "base64 with a space inside",
      `Basic ${base64("app:s").slice(0, 4)} ${base64("app:s").slice(4)}`,
    ],
    ["two credentials", `Basic ${base64("app:s")}, Basic ${base64("app:s")}`],
    ["parameters", `Basic ${base64("app:s")}, realm="x"`],
    ["no colon", `Basic ${base64("app")}`],
    ["nothing", `Basic ${base64(":")}`],
    ["no id", `Basic ${base64(":s")}`],
    ["bytes that are no UTF-8", `Basic ${base64(new Uint8Array([0xff, 0xfe, 0x3a, 0x73]))}`],
    ["an overlong encoding", `Basic ${base64(new Uint8Array([0xc0, 0xba, 0x3a, 0x73]))}`],
    ["a broken escape in the id", `Basic ${base64("a%zz:s")}`],
    ["a broken escape in the secret", `Basic ${base64("app:s%")}`],
    ["an escape that is no UTF-8", `Basic ${base64("app:%ff")}`],
    ["an escaped surrogate", `Basic ${base64("app:%ED%A0%80")}`],
    ["NUL in the id", `Basic ${base64("app\0:s")}`],
    ["escaped NUL in the id", `Basic ${base64("app%00:s")}`],
  ])("%s is malformed", async (_, authorization) => {
    const body = await bodyOf(await withHeader(authorization), 400);
    expect([body.error, body.detail]).toEqual(["invalid_request", "Authorization"]);
  });

  test.each([
    ["NUL in the secret", `Basic ${base64("app:s\0")}`],
    ["escaped NUL in the secret", `Basic ${base64("app:s%00")}`],
    ["control characters", `Basic ${base64("app:\u0001\u001f\u007f")}`],
    ["a line break in the id", `Basic ${base64("app\r\n:s")}`],
    ["a lone colon as the secret", `Basic ${base64("app::")}`],
    ["a long id", `Basic ${base64(`${"a".repeat(10_000)}:s`)}`],
    ["a long secret", `Basic ${base64(`app:${"s".repeat(10_000)}`)}`],
    ["another scheme", "Negotiate YIIB"],
    ["a scheme that begins like ours", `Basics ${base64("app:s")}`],
    ["Bearer", "Bearer app"],
    ["only a token", base64("app:s")],
  ])("%s is a wrong credential", async (_, authorization) => {
    const response = await withHeader(authorization);
    expect(response.headers.get("www-authenticate")).toStartWith("Basic ");
    expect((await bodyOf(response, 401)).error).toBe("invalid_client");
  });

  test("two thousand random headers never fail the server nor pass", async () => {
    const random = seededRandom(3535);
    const statuses = new Set<number>();
    for (let i = 0; i < 2_000; i++) {
      const highest = random() < 0.5 ? 256 : 64;
      const bytes = Uint8Array.from({ length: 1 + Math.floor(random() * 24) }, () =>
        Math.floor(random() * highest),
      );
      const text = random() < 0.8 ? base64(bytes) : `${base64(bytes)}${printable(random)}`;
      const header = `Basic ${text.replace(/[^\x20-\x7e]/g, "")}`;
      statuses.add((await withHeader(header)).status);
    }
    expect([...statuses].sort()).toEqual([400, 401]);
  });
});
