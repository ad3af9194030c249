import { describe, expect, test } from "bun:test";
import { issueTestCode, REDIRECT_URI, RFC7636 } from "../support/codes.ts";
import { DATABASES } from "../support/databases.ts";
import { basicHeader, testServer } from "../support/server.ts";
import { onEachDatabase, seededRandom, stateOf } from "./token_fixture.ts";

/** Requests of one run. */
const ROUNDS = 5_000;

/** Stands wherever a secret may: its last characters are such as no parameter name may hold. */
const CANARY = "CANARY7f3a~s3cr3t!";

const FORM = "application/x-www-form-urlencoded";
const PATHS = ["/token", "/token", "/token/revoke", "/introspect"];
const GRANTS = ["client_credentials", "refresh_token", "authorization_code", "password", "x", ""];
/** Forms that are whole, for a client that proves itself. */
const GOOD = [
  "grant_type=client_credentials&scope=api1",
  "grant_type=refresh_token&refresh_token=x",
  `grant_type=authorization_code&code=x&redirect_uri=${encodeURIComponent(REDIRECT_URI)}`,
  `grant_type=client_credentials&scope=${encodeURIComponent('é"\\🦉')}`,
  "token=x",
];
const SECRET_NAMES = [
  "password",
  "client_secret",
  "code",
  "refresh_token",
  "token",
  "code_verifier",
];
const NAMES = [
  ...SECRET_NAMES,
  "grant_type",
  "scope",
  "username",
  "client_id",
  "redirect_uri",
  "resource",
  "token_type_hint",
  "__proto__",
  "constructor",
  "scope[]",
  "",
  "\u0000",
  "ключ",
];
const VALUES = [
  ...GRANTS,
  "api1",
  "api1 api1",
  "app",
  "public",
  REDIRECT_URI,
  "https://a.example/",
  "\u0000",
  "%",
  "%00",
  "é\u0301🦉",
  "'; DROP TABLE clients; --",
  '{"$ne":null}',
  "__proto__",
  "NaN",
  "-1",
  "1e999",
  "\r\nSet-Cookie: a=b",
  "a".repeat(5_000),
  " ",
  "",
];

const servers = await onEachDatabase(async (database) => {
  const server = await testServer({ database });
  const app = {
    scope: "api1",
    redirect_uris: [REDIRECT_URI],
    grant_types: ["client_credentials", "refresh_token", "authorization_code"],
  };
  await server.addClient({ ...app, client_id: "app", client_secret: "s" });
  await server.addClient({ ...app, client_id: "public" });
  const challenge = RFC7636.challenge;
  const { code } = await issueTestCode(server, { clientId: "app", challenge });
  return { server, code };
});

/** Random requests that are forms, nearly forms, and anything else. */
function fuzzer(seed: number, code: string) {
  const random = seededRandom(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const pick = <T>(from: readonly T[]): T => from[below(from.length)] as T;

  const valueFor = (name: string) =>
    SECRET_NAMES.includes(name) && random() < 0.5 ? CANARY : pick([...VALUES, code]);
  const pair = () => {
    const name = pick(NAMES);
    const encode = random() < 0.9 ? encodeURIComponent : (text: string) => text;
    return `${encode(name)}=${encode(valueFor(name))}`;
  };
  const start = () => pick([`grant_type=${pick(GRANTS)}`, pick(GOOD), pick(GOOD), pair()]);
  const form = () => [start(), ...Array.from({ length: below(3) }, pair)].join("&");
  const mutated = () => {
    const text = [...form()];
    for (let i = below(4); i > 0; i--) {
      const at = below(text.length + 1);
      if (random() < 0.5) text.splice(at, 1);
      else text.splice(at, 0, pick([..."&=%+;[]{}\"'", "\u0000", "%f", "é"]));
    }
    return text.join("");
  };
  const bytes = () => Uint8Array.from({ length: below(200) }, () => below(256));
  const json = () => JSON.stringify({ [pick(NAMES)]: [CANARY, { [pick(NAMES)]: pick(VALUES) }] });

  const header = () =>
    pick([
      undefined,
      ...Array.from({ length: 6 }, () => basicHeader("app", "s")),
      basicHeader("app", CANARY),
      basicHeader(CANARY, "s"),
      `Basic ${CANARY}`,
      `Bearer ${CANARY}`,
      "Basic",
    ]);

  return () => {
    const authorization = header();
    const body = pick([form, form, mutated, mutated, bytes, json, () => pick(GOOD)])();
    const request = new Request(`http://localhost${pick(PATHS)}`, {
      method: "POST",
      body,
      headers: {
        "Content-Type": random() < 0.95 ? FORM : pick(["application/json", "text/plain"]),
        ...(authorization !== undefined && { Authorization: authorization }),
      },
    });
    return { request, body: typeof body === "string" ? body : "" };
  };
}

/** What is wrong with an answer, whatever was asked. */
function faultsOf(
  { status, headers }: Response,
  text: string,
  { body, secrets }: { body: string; secrets: readonly string[] },
): readonly string[] {
  const checks: readonly [string, boolean][] = [
    ["status", [200, 400, 401].includes(status)],
    ["Cache-Control", headers.get("cache-control") === "no-store"],
    ["Pragma", headers.get("pragma") === "no-cache"],
    ["secret", secrets.every((secret) => !text.includes(secret) || isInScope(body, secret))],
    ["body", status === 200 || isRefusal(text)],
  ];
  return checks.flatMap(([name, holds]) => (holds ? [] : [name]));
}

/** Whether a text was sent as a scope, which message 21 repeats by design. */
const isInScope = (body: string, text: string) =>
  new URLSearchParams(body).getAll("scope").some((scope) => scope.includes(text));

describe.each(DATABASES)("attack 80: random requests on %s", (database) => {
  const { server, code } = servers[database];

  test(`attack 80: of ${ROUNDS} requests none fails the server, leaks a secret or changes a row`, async () => {
    const before = await stateOf(server.url);
    const next = fuzzer(database === "sqlite" ? 80 : 81, code);
    const odd: unknown[] = [];
    const statuses = new Map<number, number>();
    for (let round = 0; round < ROUNDS; round++) {
      const { request, body } = next();
      const response = await server.server.handle(request);
      const text = await response.text();
      statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
      const faults = faultsOf(response, text, { body, secrets: [CANARY, code] });
      if (faults.length > 0) odd.push([round, faults, response.status, body, text]);
    }
    expect(odd).toEqual([]);
    // The generator reaches success and every kind of refusal, or it would prove little.
    for (const status of [200, 400, 401]) expect(statuses.get(status) ?? 0).toBeGreaterThan(50);
    expect(await stateOf(server.url)).toBe(before);
    const rows = await server.services.store.listAuditRows(10_000);
    const told = new Set(rows.map(({ details }) => details["code"]));
    expect(told.size).toBeGreaterThan(20);
    expect(JSON.stringify([rows, server.log])).not.toContain("CANARY7f3a");
  });

  test("what was good before still is", async () => {
    const form = { grant_type: "authorization_code", redirect_uri: REDIRECT_URI, code };
    const whole = { ...form, code_verifier: RFC7636.verifier };
    expect((await server.post("/token", whole, { basic: ["app", "s"] })).status).toBe(200);
  });
});

/** RFC 6749 §5.2: error and error_description are there, in characters that they may have. */
function isRefusal(text: string): boolean {
  const body: { error?: unknown; error_description?: unknown } = JSON.parse(text);
  return [body.error, body.error_description].every(
    (part) => typeof part === "string" && /^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/.test(part),
  );
}
