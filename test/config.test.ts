import { describe, expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Environment, readConfig, readSettings } from "../src/config.ts";
import { temporaryFolder } from "./support/databases.ts";

const SECRET = Buffer.alloc(32, 7).toString("base64");

const read = (env: Environment) =>
  readConfig({ DATABASE_URL: "sqlite::memory:", TESSERA_SECRET: SECRET, ...env }, "production");

describe("UMA_CLAIM_TOKEN_ISSUERS", () => {
  const issuersOf = (UMA_CLAIM_TOKEN_ISSUERS: string) =>
    readSettings({ UMA_CLAIM_TOKEN_ISSUERS }).umaClaimTokenIssuers;

  test("are taken as their tokens state them", () => {
    expect(readSettings({}).umaClaimTokenIssuers).toEqual([]);
    const issuers = ["https://idp.example", "https://idp.example/tenant/", "http://localhost:8080"];
    expect(issuersOf(issuers.join(", "))).toEqual(issuers);
  });

  test.each([
    "idp.example",
    "*",
    "https://",
    "https://a@idp.example",
    "https://idp.example?x",
    "ftp://idp.example",
  ])("%p is refused", (issuer) => {
    expect(() => issuersOf(`https://good.example,${issuer}`)).toThrow(
      "UMA_CLAIM_TOKEN_ISSUERS must be",
    );
  });
});

describe("ISSUER (RFC 8414 §2)", () => {
  test.each([
    ["https://id.example", "https://id.example"],
    ["https://id.example/", "https://id.example"],
    ["https://id.example:8443/tenant/a/", "https://id.example:8443/tenant/a"],
    ["https://id.example/a%20b", "https://id.example/a%20b"],
    ["https://xn--bcher-kva.example", "https://xn--bcher-kva.example"],
    ["http://[::1]:8080", "http://[::1]:8080"],
    ["http://localhost:3000", "http://localhost:3000"],
  ])("%p is taken as %p", (given, issuer) => {
    expect(read({ ISSUER: given }).issuer).toBe(issuer);
  });

  test.each([
    "https://user@id.example",
    "https://user:pw@id.example",
    "https://@id.example",
    "https://id.example?",
    "https://id.example/?",
    "https://id.example/a?b=c",
    "https://id.example#",
    "https://id.example/#",
    "https://id.example/a#b",
    "https://id.example/a/../b",
    "https://id.example/./a",
    "https://id.example/%2e%2e/a",
    "https://id.example/..",
    "https://id.example//",
    "https://id.example/a//",
    "https://id.example//a",
    "https://id.example/a b",
    "https://id.example/a\tb",
    "https://id.example/ä",
    "https://bücher.example",
    "https://id.example/a\\b",
    "https:\\\\id.example",
    "https:id.example",
    "https:/id.example",
    "https:///id.example",
    "HTTPS://id.example",
    "https://ID.example",
    "https://id.example:443",
    "http://id.example:80",
    "https://id.example:",
    "http://127.1",
    "ftp://id.example",
    "id.example",
    "/",
  ])("%p is refused", (given) => {
    expect(() => read({ ISSUER: given })).toThrow(/^ISSUER must be/);
  });

  test("without it, the default is a URL as it is printed, whatever the port", () => {
    expect(read({ PORT: "80" }).issuer).toBe("http://localhost");
    expect(read({ PORT: "8080" }).issuer).toBe("http://localhost:8080");
  });
});

describe("PORT", () => {
  test.each(["0", "65536", "-1", "3000.5", "http"])("%p is refused", (PORT) => {
    // A port that the system picks would be in no URL that the server states.
    expect(() => read({ PORT })).toThrow("PORT must be a whole number from 1 to 65535");
  });

  test.each(["1", "65535"])("%p is taken", (PORT) => {
    expect(read({ PORT }).port).toBe(Number(PORT));
  });
});

describe("TRUSTED_PROXIES and METRICS_TOKEN", () => {
  test("addresses and CIDR ranges are kept as they came", () => {
    const entries = [
      "10.0.0.1",
      "192.168.0.0/16",
      "::1",
      "fd00::/8",
      "::ffff:10.0.0.2",
      "0.0.0.0/0",
    ];
    expect(readSettings({ TRUSTED_PROXIES: ` ${entries.join(" , ")}, ` }).trustedProxies).toEqual(
      entries,
    );
    expect(readSettings({}).trustedProxies).toEqual([]);
  });

  test.each([
    "proxy.example",
    "localhost",
    "10.0.0",
    "10.0.0.256",
    "010.0.0.1",
    "10.0.0.0/33",
    "10.0.0.0/",
    "10.0.0.0/-1",
    "10.0.0.0/8/8",
    "fd00::/129",
    "fe80::1%eth0",
    "10.0.0.1:80",
    "[::1]",
    "*",
    "10.0.0.1 10.0.0.2",
  ])("TRUSTED_PROXIES=%p is refused, and the entry is named", (entry) => {
    const wrong = `TRUSTED_PROXIES: ${JSON.stringify(entry)} is no IP address or CIDR range`;
    expect(() => readSettings({ TRUSTED_PROXIES: `127.0.0.1,${entry}` })).toThrow(wrong);
  });

  test("a metrics token has 16 characters or more", () => {
    expect(readSettings({ METRICS_TOKEN: "0123456789abcdef" }).metricsToken).toHaveLength(16);
    const short = { METRICS_TOKEN: "0123456789abcde" };
    expect(() => readSettings(short)).toThrow(/^METRICS_TOKEN must have at least 16 characters/);
  });
});

describe("the secret file beside an SQLite file", () => {
  const fresh = () => {
    const path = join(temporaryFolder(), "new", "tessera.db");
    const env = { DATABASE_URL: `sqlite:${path}`, TESSERA_SECRET: undefined };
    return { file: `${path}.secret`, open: () => Buffer.from(read(env).secret) };
  };

  test("is made once for its owner alone, and then only read", () => {
    const { file, open } = fresh();
    const secret = open();
    expect(secret).toHaveLength(32);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(dirname(file))).toEqual(["tessera.db.secret"]);
    const folder = statSync(dirname(file), { bigint: true }).mtimeNs;
    expect(open()).toEqual(secret);
    // Not even a draft came and went.
    expect(statSync(dirname(file), { bigint: true }).mtimeNs).toBe(folder);
  });

  test.each([0o644, 0o640, 0o604, 0o660, 0o606])("with mode %o it is refused", (mode) => {
    const { file, open } = fresh();
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, SECRET);
    chmodSync(file, mode);
    expect(open).toThrow(`${file} is open to other users`);
    chmodSync(file, 0o600);
    expect(open()).toEqual(Buffer.alloc(32, 7));
  });

  test("a broken one is refused and not replaced", () => {
    const { file, open } = fresh();
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, "short", { mode: 0o600 });
    expect(open).toThrow(`${file} must be base64`);
    expect(existsSync(file)).toBe(true);
    expect(readdirSync(dirname(file))).toHaveLength(1);
  });
});
