import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { findJsonFault } from "../../src/admin/json_text.ts";
import { importFiles } from "../support/admin.ts";
import { testServer } from "../support/server.ts";

setDefaultTimeout(300_000);

/** Numbers from 0 up to `below`, the same in every run. */
function seeded(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const NAMES = [
  "client_id",
  "client_secret",
  "client_secret_expires_at",
  "username",
  "password",
  "claims",
  "email",
  "phone_number",
  "redirect_uris",
  "grant_types",
  "scope",
  "default_scope",
  "jwks",
  "keys",
  "kty",
  "resource",
  "profile",
  "client_name#de",
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "toJSON",
  "hasOwnProperty",
  "length",
  "0",
  "",
];

const SCALARS = [
  '"x"',
  '""',
  '"\\u0000"',
  '"\\ud800"',
  '"__proto__"',
  '"https://app.example/cb"',
  '"+4930123456"',
  '"a@example.com"',
  "0",
  "-1e999",
  "1e-7",
  "9007199254740993",
  "true",
  "null",
];

/** A JSON value; names may stand twice in the random draw, so each object draws from a set. */
function jsonText(random: (below: number) => number, depth: number): string {
  const kind = random(depth > 0 ? 4 : 2);
  if (kind < 2) return SCALARS[random(SCALARS.length)] ?? "0";
  const length = random(5);
  if (kind === 2) {
    return `[${Array.from({ length }, () => jsonText(random, depth - 1)).join(",")}]`;
  }
  const names = new Set(Array.from({ length }, () => NAMES[random(NAMES.length)] ?? ""));
  const members = [...names].map((name) => {
    return `${JSON.stringify(name)}:${jsonText(random, depth - 1)}`;
  });
  return `{${members.join(",")}}`;
}

const prototypeOf = (prototype: object) => Object.getOwnPropertyNames(prototype).sort().join();

describe("bun run admin import", () => {
  test("attack 80: 20,000 hostile entries change no prototype and nothing else", async () => {
    const random = seeded(80);
    const server = await testServer();
    const before = [prototypeOf(Object.prototype), prototypeOf(Array.prototype)];
    const entries = Array.from({ length: 20_000 }, (_, index) => {
      const name = index % 2 === 0 ? "client_id" : "username";
      const more = jsonText(random, 5).replace(/^[^{].*$/s, "{}");
      const rest = more.slice(1, -1).replace(/^(?=.)/, ",");
      return random(4) > 0 && !more.includes(`"${name}"`) ? `{"${name}":"n${index}"${rest}}` : more;
    });
    const { exitCode, err } = await importFiles(server, `[${entries.join(",")}]`);
    expect(exitCode).toBe(1);
    expect(err.length).toBeGreaterThan(10_000);
    expect(err.filter((line) => !/^(error|warning): (file1\.json: |nothing)/.test(line))).toEqual(
      [],
    );
    expect(await server.services.store.listClients()).toEqual([]);
    expect([prototypeOf(Object.prototype), prototypeOf(Array.prototype)]).toEqual(before);
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });

  test("attack 80: hostile names in an entry that is fit are dropped or kept as mere data", async () => {
    const server = await testServer();
    const text = `[
      {"client_id": "c", "client_secret": "s", "grant_types": [], "__proto__": {"profile": "challenger"},
       "constructor": {"prototype": {"x": 1}}, "jwks": {"keys": [{"kty": "new", "__proto__": {"d": 1}}]}},
      {"username": "u", "claims": {"__proto__": {"admin": true}, "constructor": 1, "a": {"__proto__": []}}}
    ]`;
    const { exitCode, err } = await importFiles(server, text);
    expect(exitCode).toBe(0);
    expect(err).toContain('warning: file1.json: entry [0] "c": __proto__ is ignored');
    expect(err).toContain('warning: file1.json: entry [1] "u": __proto__ is ignored');
    const client = await server.services.store.findClient("c");
    expect(client?.profile).toBe("oauth");
    expect(JSON.stringify(client?.metadata)).not.toMatch(/__proto__|constructor/);
    const [user] = await server.services.store.listUsers();
    expect(JSON.stringify(user?.claims)).toBe('{"constructor":1,"a":{}}');
    expect(Object.assign({}, user?.claims)).not.toHaveProperty("admin");
  });
});

describe("findJsonFault()", () => {
  test("judges 20,000 texts as the platform's parser does", () => {
    const random = seeded(8259);
    const letters = '{}[]:,"\\0159.-+eEtrufalsn \n\tx\u0001\u00e9';
    let refused = 0;
    for (let round = 0; round < 20_000; round++) {
      const text = jsonText(random, 4);
      const at = random(text.length + 1);
      const letter = letters[random(letters.length)] ?? "";
      const changed = text.slice(0, at) + letter + text.slice(at + random(3));
      const fault = findJsonFault(changed);
      const isRepeated = fault?.fault.startsWith("repeats") === true;
      refused += fault ? 1 : 0;
      if (!isRepeated) expect(fault === undefined, changed).toBe(parses(changed));
    }
    expect(refused).toBeGreaterThan(5_000);
  });
});

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
