import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { accessToken, admin, auditEvents, importFiles } from "../support/admin.ts";
import { RFC7636 } from "../support/codes.ts";
import { DATABASES, type DatabaseName } from "../support/databases.ts";
import { importParties, serverProcess } from "../support/process.ts";
import { type TestServer, testServer } from "../support/server.ts";

setDefaultTimeout(120_000);

const REDIRECT = "https://app.example/callback";
const LOOPBACK = "http://127.0.0.1/cb";
const API = "https://api.example";

const PARTIES = {
  clients: [
    {
      client_id: "web",
      client_secret: "s",
      grant_types: ["authorization_code", "refresh_token"],
      redirect_uris: [REDIRECT, LOOPBACK],
      scope: "openid api1 api2",
      default_scope: "api1",
      allowed_resources: [API],
      introspect_any: true,
    },
    {
      client_id: "native",
      token_endpoint_auth_method: "none",
      redirect_uris: [LOOPBACK],
      scope: "api1",
      code_challenge_methods: ["S256", "plain"],
    },
    {
      client_id: "service",
      client_secret: "s",
      grant_types: ["client_credentials"],
      redirect_uris: [REDIRECT],
    },
    {
      client_id: "silent",
      client_secret: "s",
      redirect_uris: [REDIRECT],
      response_types: [],
      scope: "api1",
    },
  ],
  users: [{ username: "ann", password: "pw", email: "ann@example.com" }],
};

async function serverWithParties(database: DatabaseName): Promise<TestServer> {
  const server = await testServer({ database });
  expect((await importFiles(server, PARTIES)).exitCode).toBe(0);
  return server;
}

/** `code issue` for a client and the user ann; the flags win over what usually stands there. */
function issue(server: TestServer, client: string, flags: Record<string, string> = {}) {
  const all = { client, user: "ann", "redirect-uri": REDIRECT, ...flags };
  const args = Object.entries(all).map(([name, value]) => `--${name}=${value}`);
  return admin(server, ["code", "issue", ...args]);
}

const redeem = (server: TestServer, code: string, more: Record<string, string> = {}) =>
  server.post(
    "/token",
    { grant_type: "authorization_code", code, redirect_uri: REDIRECT, ...more },
    { basic: ["web", "s"] },
  );

async function introspect(server: TestServer, token: string): Promise<Record<string, unknown>> {
  const response = await server.post("/introspect", { token }, { basic: ["web", "s"] });
  return (await response.json()) as Record<string, unknown>;
}

describe.each(DATABASES)("bun run admin code issue on %s", (database) => {
  test("prints one code alone, which is redeemed for what was asked", async () => {
    const server = await serverWithParties(database);
    const now = server.services.now();
    const ended = await issue(server, "web", {
      user: "ann@example.com",
      scope: "openid api2",
      resource: API,
      nonce: "n-0S6_WzA2Mj",
      "auth-time": String(now - 100),
    });
    expect(ended).toEqual({
      exitCode: 0,
      out: [expect.stringMatching(/^tsc_[\w-]+$/)],
      err: [],
    });
    const found = await server.services.store.findCode(
      server.services.secret.readOpaque(ended.out[0] ?? "")?.key ?? "",
    );
    expect(found?.authorization).toMatchObject({ nonce: "n-0S6_WzA2Mj", authTime: now - 100 });
    expect(found?.code.expiresAt).toBe(now + server.services.settings.codeLifetimeSeconds);
    const token = await accessToken(await redeem(server, ended.out[0] ?? ""));
    const user = await server.services.store.findUserByIdentifier("ann");
    expect(await introspect(server, token)).toMatchObject({
      active: true,
      sub: user?.id ?? "no user",
      scope: "openid api2",
      aud: API,
      auth_time: now - 100,
    });
    expect(await introspect(server, token)).not.toHaveProperty("amr");
    expect((await redeem(server, ended.out[0] ?? "")).status).toBe(400);
    expect(await auditEvents(server)).toContain("code.issued");
  });

  test("binds the code to a challenge, by S256 or by plain where the client may", async () => {
    const server = await serverWithParties(database);
    const { verifier, challenge } = RFC7636;
    const s256 = { "code-challenge": challenge, "code-challenge-method": "S256" };
    const [code = ""] = (await issue(server, "web", s256)).out;
    expect((await redeem(server, code)).status).toBe(400);
    expect((await redeem(server, code, { code_verifier: verifier })).status).toBe(200);

    const native = { "redirect-uri": "http://127.0.0.1:5000/cb", scope: "api1" };
    const [plain = ""] = (await issue(server, "native", { ...native, "code-challenge": verifier }))
      .out;
    const form = {
      grant_type: "authorization_code",
      client_id: "native",
      code: plain,
      redirect_uri: native["redirect-uri"],
    };
    expect((await server.post("/token", form)).status).toBe(400);
    const proven = await server.post("/token", { ...form, code_verifier: verifier });
    expect(proven.status).toBe(200);
  });

  test("takes the client's default_scope, and any port of a loopback address", async () => {
    const server = await serverWithParties(database);
    const redirect = "http://127.0.0.1:61234/cb";
    const [code = ""] = (await issue(server, "web", { "redirect-uri": redirect })).out;
    const response = await redeem(server, code, { redirect_uri: redirect });
    expect(await response.json()).toMatchObject({ scope: "api1" });
  });
});

describe("bun run admin code issue", () => {
  const native = { "redirect-uri": LOOPBACK, scope: "api1" };
  const { verifier, challenge } = RFC7636;
  test.each<[string, string, Record<string, string>, string]>([
    ["an unknown client", "nobody", {}, 'there is no client "nobody"'],
    ["an unknown user", "web", { user: "bob" }, 'there is no user "bob"'],
    ["a client without the grant", "service", { scope: "" }, "doesn't support the grant type"],
    ["a client without the response type", "silent", { scope: "api1" }, "response type: 'code'"],
    ["another redirect URI", "web", { "redirect-uri": `${REDIRECT}/` }, "the redirect url"],
    ["an empty redirect URI", "web", { "redirect-uri": "" }, "the redirect url"],
    [
      "a scope that is not the client's",
      "web",
      { scope: "api1 admin" },
      "the scopes admin are not",
    ],
    ["a scope twice", "web", { scope: "api1 api1" }, "duplicate scopes api1"],
    ["no scope where there is no default", "native", { "redirect-uri": LOOPBACK }, "--scope"],
    ["a resource that is not allowed", "web", { resource: `${API}/x` }, "the resource is not"],
    ["no challenge of a public client", "native", native, "code_challenge is missing"],
    ["a method alone", "web", { "code-challenge-method": "S256" }, "code_challenge is missing"],
    ["an unknown method", "web", methods(challenge, "S512"), "(the client may use S256;"],
    ["plain without registration", "web", { "code-challenge": verifier }, "absent means plain)"],
    [
      "a short challenge",
      "web",
      methods(challenge.slice(1), "S256"),
      "code_challenge is malformed",
    ],
    ["a padded challenge", "web", methods(`${challenge}=`, "S256"), "code_challenge is malformed"],
    ["a short plain one", "native", { ...native, "code-challenge": "x" }, "is malformed"],
    ["a sign-in in the future", "web", { "auth-time": "9999999999" }, "--auth-time must be"],
    ["a sign-in that is no number", "web", { "auth-time": "now" }, "--auth-time must be"],
    ["a nonce without bounds", "web", { nonce: "n".repeat(513) }, "nonce is malformed"],
  ])("refuses %s and issues nothing", async (_name, client, flags, message) => {
    const server = await serverWithParties("sqlite");
    const ended = await issue(server, client, flags);
    expect([ended.exitCode, ended.out]).toEqual([1, []]);
    expect(ended.err).toHaveLength(1);
    expect(ended.err[0]).toContain(message);
    expect(await auditEvents(server)).not.toContain("code.issued");
  });

  test("refuses a disabled client and a disabled user", async () => {
    const server = await serverWithParties("sqlite");
    await admin(server, ["user", "disable", "ann"]);
    expect(await issue(server, "web")).toMatchObject({ exitCode: 1, out: [] });
    await admin(server, ["user", "enable", "ann"]);
    await admin(server, ["client", "disable", "web"]);
    expect(await issue(server, "web")).toMatchObject({ exitCode: 1, out: [] });
    await admin(server, ["client", "enable", "web"]);
    expect((await issue(server, "web")).exitCode).toBe(0);
  });
});

describe.each(DATABASES)("bun run admin code issue beside a running server on %s", (database) => {
  test("prints a code that the server redeems", async () => {
    const server = await serverProcess({ database });
    await importParties(server, PARTIES);
    const flags = ["--client=web", "--user=ann", `--redirect-uri=${REDIRECT}`, "--scope=api2"];
    const { exitCode, stdout } = await server.admin("code", "issue", ...flags);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^tsc_[\w-]+\n$/);
    const response = await fetch(`${server.issuer}/token`, {
      method: "POST",
      headers: { Authorization: `Basic ${btoa("web:s")}` },
      body: new URLSearchParams({
        grant_type: "authorization_code",
        code: stdout.trim(),
        redirect_uri: REDIRECT,
      }),
    });
    expect(await response.json()).toMatchObject({ token_type: "Bearer", scope: "api2" });
  });
});

function methods(challenge: string, method: string): Record<string, string> {
  return { "code-challenge": challenge, "code-challenge-method": method };
}
