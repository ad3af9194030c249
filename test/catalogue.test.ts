import { describe, expect, test } from "bun:test";
import { CATALOGUE, type CatalogueEntry, type ErrorCode } from "../src/protocol/catalogue.ts";
import type { Dialect } from "../src/protocol/oauth_error.ts";
import { ASSERTION_SCENARIOS } from "./catalogue_assertion_scenarios.ts";
import { ASSERTION_REFUSALS } from "./catalogue_assertion_table.ts";
import { BINDING_REFUSALS, BINDING_SCENARIOS } from "./catalogue_binding_scenarios.ts";
import { BROWSER_SCENARIOS, REDIRECTED } from "./catalogue_browser_scenarios.ts";
import { BROWSER_REFUSALS, REDIRECTED_REFUSALS } from "./catalogue_browser_table.ts";
import { CHALLENGER_REFUSALS, CHALLENGER_SCENARIOS, termsFolder } from "./catalogue_challenger.ts";
import { BROKEN_STORE, DRAINING, SCENARIOS, type Sent } from "./catalogue_scenarios.ts";
import { DIALECTS, openCatalogueServer as openServer } from "./catalogue_server.ts";
import { type ExpectedRefusal, HINTS, REFUSALS } from "./catalogue_table.ts";
import { TLS_REFUSALS, TLS_SCENARIOS } from "./catalogue_tls.ts";
import { UMA_SCENARIOS } from "./catalogue_uma_scenarios.ts";
import { UMA_REFUSALS } from "./catalogue_uma_table.ts";
import { onEachDatabase, sql } from "./endpoints/token_fixture.ts";
import { challengerServer } from "./plugins/challenger_fixture.ts";
import { REDIRECT_URI } from "./support/codes.ts";
import { DATABASES } from "./support/databases.ts";
import { ISSUER } from "./support/server.ts";

/** The table "Following error messages can be returned" of the first seed, in its order and spelling. */
const SEED_MESSAGES = [
  "the parameter grant_type is missing",
  "the parameter username is missing",
  "the parameter password is missing",
  "the parameter scope is missing",
  "the parameter refresh_token is missing",
  "the parameter code is missing",
  "the parameter token is missing",
  "the client doesn't exist",
  "the client cannot be authenticated with secret basic",
  "the client cannot be authenticated with secret post",
  "the client cannot be authenticated with TLS",
  "the client {0} doesn't have a shared secret",
  "the client assertion is not a JWE token",
  "the jwe token cannot be decrypted",
  "the client assertion is not a JWS token",
  "the JWS payload cannot be extracted",
  "the client id passed in JWT is not correct",
  "the audience passed in JWT is not correct",
  "the received JWT has expired",
  "resource owner credentials are not valid",
  "the scopes {0} are not allowed or invalid",
  "the client {0} doesn't support the grant type {1}",
  "the client '{0}' doesn't support the response type: '{1}'",
  "the refresh token is not valid",
  "the refresh token can be used only by the same issuer",
  "Based on the RFC-3986 the redirection-uri is not well formed",
  "the authorization code is not correct",
  "no parameter in body request",
  "the token has not been issued for the given client id '{0}'",
  "the token doesn't exist",
] as const;

/** `error` of each of the thirty (decisions D3): the RFC's word for the rows from 1 to 30. */
function seedError(row: number): string {
  if (row <= 7 || row === 26 || row === 28) return "invalid_request";
  if (row <= 19) return "invalid_client";
  if (row === 21) return "invalid_scope";
  if (row === 22 || row === 23) return "unauthorized_client";
  return row >= 29 ? "invalid_token" : "invalid_grant";
}

/** Every refusal that is an answer. */
const EXPECTED = {
  ...REFUSALS,
  ...BROWSER_REFUSALS,
  ...ASSERTION_REFUSALS,
  ...BINDING_REFUSALS,
  ...TLS_REFUSALS,
  ...UMA_REFUSALS,
  ...CHALLENGER_REFUSALS,
};

/** What brings them out on a server that works. */
const USUAL = {
  ...SCENARIOS,
  ...BROWSER_SCENARIOS,
  ...ASSERTION_SCENARIOS,
  ...BINDING_SCENARIOS,
  ...TLS_SCENARIOS,
  ...UMA_SCENARIOS,
};

const rows = Object.entries(CATALOGUE) as [ErrorCode, CatalogueEntry][];

describe("the catalogue against the first seed's table", () => {
  test.each(SEED_MESSAGES.map((text, index) => [index + 1, text] as const))(
    "message %d is sent verbatim: %s",
    (number, text) => {
      const found = rows.filter(([, row]) => row.seed === number);
      expect(found.length).toBeGreaterThan(0);
      for (const [name, row] of found) {
        expect(row.description, name).toBe(text);
        expect(row.error, name).toBe(seedError(number));
      }
    },
  );

  test("there are thirty messages and no row claims a number beyond them", () => {
    expect(SEED_MESSAGES.length).toBe(30);
    const numbers = new Set(rows.flatMap(([, { seed }]) => (seed === undefined ? [] : [seed])));
    expect([...numbers].sort((a, b) => a - b)).toEqual(SEED_MESSAGES.map((_, index) => index + 1));
  });

  test("every row is walked over HTTP below", () => {
    const namesOf = (...parts: readonly object[]) =>
      parts.flatMap((part) => Object.keys(part)).sort();
    const answers = [USUAL, BROKEN_STORE, DRAINING, CHALLENGER_SCENARIOS];
    expect(namesOf(...answers, REDIRECTED)).toEqual(rows.map(([name]) => name).sort());
    expect(namesOf(EXPECTED)).toEqual(namesOf(...answers));
    expect(namesOf(REDIRECTED_REFUSALS)).toEqual(namesOf(REDIRECTED));
  });
});

/** Compares status, body and headers with the row as the specifications have it. */
async function expectRow(
  name: string,
  response: Response,
  { sent, dialect }: { sent: Sent; dialect: Dialect },
): Promise<void> {
  const row = EXPECTED[name] as ExpectedRefusal;
  const tried = sent.request.headers.has("authorization");
  const usual = row.error === "invalid_client" && tried ? 401 : (row.status ?? 400);
  const status = dialect === "challenger" ? (row.challenger ?? row.status ?? 400) : usual;
  const body: unknown = await response.json();
  expect(body).toEqual({
    error: row.error,
    error_description: row.text.replace("{client}", sent.client),
    ...(row.code !== undefined && { code: row.code, hint: HINTS[row.code] }),
    ...(row.detail !== undefined && { detail: row.detail }),
    error_uri: `${ISSUER}/docs/errors/${name}`,
    ...row.members,
  });
  expect(Object.fromEntries(response.headers)).toEqual(
    Object.fromEntries(
      new Headers({
        "Content-Type": "application/json;charset=utf-8",
        "Cache-Control": "no-store",
        Pragma: "no-cache",
        ...(status === 401 &&
          tried && { "WWW-Authenticate": `Basic realm="${ISSUER}", charset="UTF-8"` }),
        ...(new URL(sent.request.url).pathname.startsWith("/register") && {
          "Access-Control-Allow-Origin": "*",
        }),
        ...row.headers,
        ...sent.headers,
      }),
    ),
  );
  expect(response.status).toBe(status);
}

const servers = await onEachDatabase(async (database) => {
  const server = await openServer(database);
  const broken = await openServer(database);
  for (const table of ["codes", "access_tokens"]) await sql(broken.url, `DROP TABLE ${table}`);
  const draining = await openServer(database);
  await draining.server.drain();
  const settings = { legalFolder: termsFolder(), challengePinsPerHour: 10 };
  const challenger = await challengerServer({ database, settings });
  return { server, broken, draining, challenger };
});

describe.each(DATABASES)("every refusal over HTTP on %s (decisions D2, D3)", (database) => {
  const { server, broken, draining, challenger } = servers[database];

  describe.each(DIALECTS)("in the %s dialect", (dialect) => {
    test.each(Object.keys(EXPECTED) as ErrorCode[])("%s", async (name) => {
      const [part, on] = (
        [
          [USUAL, server],
          [DRAINING, draining],
          [CHALLENGER_SCENARIOS, challenger],
        ] as const
      ).find(([rows]) => name in rows) ?? [BROKEN_STORE, broken];
      expect(part[name]?.length).toBeGreaterThan(0);
      for (const scenario of part[name] ?? []) {
        const sent = await scenario({ server: on, dialect });
        await expectRow(name, await on.server.handle(sent.request), { sent, dialect });
      }
    });
  });

  describe.each(DIALECTS)("sent to a client of the %s dialect", (dialect) => {
    test.each(Object.keys(REDIRECTED_REFUSALS) as ErrorCode[])("%s", async (name) => {
      const { error, text } = REDIRECTED_REFUSALS[name] as ExpectedRefusal;
      expect(REDIRECTED[name]?.length).toBeGreaterThan(0);
      for (const journey of REDIRECTED[name] ?? []) {
        const { origin, pathname, searchParams } = await journey({ server, dialect });
        expect(`${origin}${pathname}`).toBe(REDIRECT_URI);
        // RFC 6749 §4.1.2.1 and RFC 9207 §2, and nothing else.
        expect(Object.fromEntries(searchParams)).toEqual({
          error,
          error_description: text,
          state: "st",
          iss: ISSUER,
        });
      }
    });
  });

  test("an unknown client has no dialect of its own: /token speaks oauth", async () => {
    const form = { grant_type: "client_credentials", client_id: "nobody" };
    expect((await server.post("/token", form)).status).toBe(400);
    const tried = await server.post("/token", form, { basic: ["nobody", "s"] });
    expect(tried.status).toBe(401);
    expect(tried.headers.get("www-authenticate")).toStartWith("Basic ");
  });
});
