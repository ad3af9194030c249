import { describe, expect, test } from "bun:test";
import { issueTestCode } from "../support/codes.ts";
import { DATABASES } from "../support/databases.ts";
import { testServer } from "../support/server.ts";
import { bodyOf, expectRefusal, onEachDatabase } from "./token_fixture.ts";

const URI = "https://app.example/callback?tenant=a";
const MISMATCH =
  "the redirection url is not the same than the one passed in the authorization request";
const NOT_WELL_FORMED = "Based on the RFC-3986 the redirection-uri is not well formed";

/** What is not, byte for byte, the redirect URI of the authorization request. */
const VARIANTS: readonly [what: string, uri: string][] = [
  ["slash at the end", "https://app.example/callback/?tenant=a"],
  ["slash after the query", `${URI}/`],
  ["upper case path", "https://app.example/Callback?tenant=a"],
  ["upper case host", "https://APP.example/callback?tenant=a"],
  ["upper case scheme", "HTTPS://app.example/callback?tenant=a"],
  ["http", "http://app.example/callback?tenant=a"],
  ["default port", "https://app.example:443/callback?tenant=a"],
  ["other port", "https://app.example:8443/callback?tenant=a"],
  ["no query", "https://app.example/callback"],
  ["empty query", "https://app.example/callback?"],
  ["more query", `${URI}&next=https://evil.example`],
  ["other query", "https://app.example/callback?tenant=b"],
  ["query encoded", "https://app.example/callback?tenant=%61"],
  ["query named otherwise", "https://app.example/callback?Tenant=a"],
  ["path encoded", "https://app.example/%63allback?tenant=a"],
  ["path deeper", "https://app.example/callback/evil?tenant=a"],
  ["path shorter", "https://app.example/call?tenant=a"],
  ["path longer", "https://app.example/callback2?tenant=a"],
  ["dot segment", "https://app.example/./callback?tenant=a"],
  ["dot dot segment", "https://app.example/x/../callback?tenant=a"],
  ["double slash", "https://app.example//callback?tenant=a"],
  ["path parameter", "https://app.example/callback;x?tenant=a"],
  ["subdomain", "https://evil.app.example/callback?tenant=a"],
  ["host as a prefix", "https://app.example.evil.example/callback?tenant=a"],
  ["host as a suffix", "https://evilapp.example/callback?tenant=a"],
  ["dot after the host", "https://app.example./callback?tenant=a"],
  ["user name", "https://app.example@evil.example/callback?tenant=a"],
  ["other host", "https://evil.example/callback?tenant=a"],
  ["own scheme", "com.example.app:/callback?tenant=a"],
  ["another registered one", "https://app.example/second"],
];

/** What is no absolute URI without fragment at all. */
const MALFORMED: readonly [what: string, uri: string][] = [
  ["fragment", `${URI}#`],
  ["fragment with text", `${URI}#code`],
  ["relative", "/callback?tenant=a"],
  ["without scheme", "//app.example/callback?tenant=a"],
  ["space at the end", `${URI} `],
  ["space at the start", ` ${URI}`],
  ["tab", `${URI}\t`],
  ["backslash", "https://app.example\\callback?tenant=a"],
  ["not ASCII", "https://app.example/cällback?tenant=a"],
  ["broken escape", "https://app.example/%zz?tenant=a"],
  ["too long", `${URI}${"a".repeat(2_048)}`],
];

const servers = await onEachDatabase(async (database) => {
  const server = await testServer({ database });
  await server.addClient({
    client_id: "app",
    client_secret: "s",
    scope: "api1",
    grant_types: ["authorization_code"],
    redirect_uris: [
      URI,
      "https://app.example/second",
      "http://127.0.0.1/cb",
      "http://[::1]:7777/cb",
      "http://localhost/cb",
    ],
  });
  return server;
});

describe.each(DATABASES)("attack 5: redirect URI at the token endpoint on %s", (database) => {
  const server = servers[database];
  const redeem = (code: string, redirectUri: string) =>
    server.post(
      "/token",
      { grant_type: "authorization_code", code, redirect_uri: redirectUri },
      { basic: ["app", "s"] },
    );

  test("attack 5: thirty variants are not the URI of the request, and none spends the code", async () => {
    expect(new Set(VARIANTS.map(([, uri]) => uri)).size).toBe(30);
    const { code } = await issueTestCode(server, { clientId: "app", redirectUri: URI });
    const said = await Promise.all(
      VARIANTS.map(async ([what, uri]) => {
        const { error, error_description: text } = await bodyOf(await redeem(code, uri), 400);
        return [what, error, text];
      }),
    );
    expect(said).toEqual(VARIANTS.map(([what]) => [what, "invalid_grant", MISMATCH]));
    expect((await redeem(code, URI)).status).toBe(200);
  });

  test("attack 5: what is no absolute URI without fragment is message 26", async () => {
    const { code } = await issueTestCode(server, { clientId: "app", redirectUri: URI });
    const said = await Promise.all(
      MALFORMED.map(async ([what, uri]) => {
        const { error, error_description: text } = await bodyOf(await redeem(code, uri), 400);
        return [what, error, text];
      }),
    );
    expect(said).toEqual(MALFORMED.map(([what]) => [what, "invalid_request", NOT_WELL_FORMED]));
    expect((await redeem(code, URI)).status).toBe(200);
  });

  test.each([
    ["http://127.0.0.1:49152/cb", true],
    ["http://127.0.0.1/cb", true],
    ["http://[::1]:1/cb", true],
    ["http://[::1]/cb", true],
    ["http://127.0.0.1:49152/cb/", false],
    ["http://127.0.0.1:49152/", false],
    ["http://127.0.0.2:49152/cb", false],
    ["http://127.0.0.1:49152/cb?x=1", false],
    ["https://127.0.0.1:49152/cb", false],
    ["http://localhost:49152/cb", false],
    ["https://app.example:49152/callback?tenant=a", false],
  ])("attack 5: RFC 8252 §7.3, a request from %s redeems: %s", async (uri, allowed) => {
    const { code } = await issueTestCode(server, { clientId: "app", redirectUri: uri });
    const response = await redeem(code, uri);
    if (allowed) expect(response.status).toBe(200);
    else {
      await expectRefusal(response, [
        400,
        "invalid_grant",
        `the redirect url ${uri} doesn't exist or is not valid`,
      ]);
    }
  });

  test("attack 5: the loopback port of the request and of the redemption are the same", async () => {
    const redirectUri = "http://127.0.0.1:49152/cb";
    const { code } = await issueTestCode(server, { clientId: "app", redirectUri });
    await expectRefusal(await redeem(code, "http://127.0.0.1:49153/cb"), [
      400,
      "invalid_grant",
      MISMATCH,
    ]);
  });
});
