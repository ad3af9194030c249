/** Whatever the pages answer is documented, to programs and to browsers. */
import { describe, expect, test } from "bun:test";
import { authorizeUrl } from "../support/authorization.ts";
import { CALLBACK } from "../support/openid.ts";
import { testServer } from "../support/server.ts";
import { PASSWORD, signIn } from "../support/sign_in.ts";
import { accountSamples } from "./openapi_account_samples.ts";
import { expectForeseen, operationOf, operationsOf } from "./openapi_document.ts";
import {
  cookieOf,
  FAILURES_MAX,
  KNOWN,
  NOBODYS,
  OWN,
  pagesServer,
  type Sample,
} from "./openapi_page_fixture.ts";
import { register } from "./registration_fixture.ts";

// At the top of the file, where servers stay open until the file ends.
const pages = await pagesServer();
const { server, document, signedIn, visit, submit, post } = pages;
const mute = await testServer();
await mute.addUser({ username: "alice", password: PASSWORD, email: "a@example.org" });
const broken = await testServer();
await broken.close();
const leaving = await testServer();
await leaving.server.drain();

const get =
  (path: string): Sample[2] =>
  (headers) =>
    server.get(path, headers);

/** What every form of ours refuses alike. */
const atForms = (path: string): readonly Sample[] => [
  ["another site's form", 403, post(path, {}, { "Sec-Fetch-Site": "cross-site" })],
  ["JSON", 400, post(path, "{}", { ...OWN, "Content-Type": "application/json" })],
  ["a broken form", 400, post(path, "action=%zz")],
  ["a field twice", 400, post(path, "action=a&action=b")],
  ["a NUL in a field", 400, post(path, "action=%00")],
  ["too many fields", 400, post(path, Array.from({ length: 65 }, (_, i) => `f${i}=1`).join("&"))],
  ["too many bytes", 400, post(path, `action=${"a".repeat(66_000)}`)],
  ["a field in the URL", 400, post(`${path}?action=x`, {})],
  ["an unknown interaction", 400, post(`${path}?interaction=x`, {})],
  [
    "a dead store",
    500,
    (headers) =>
      broken.post(
        `${path}?interaction=${NOBODYS}`,
        {},
        { headers: { ...OWN, ...headers, ...KNOWN } },
      ),
  ],
  ["a server that is leaving", 503, (headers) => leaving.post(path, {}, { headers })],
];

const atPages = (path: string): readonly Sample[] => [
  ["an unknown interaction", 400, get(`${path}?interaction=x`)],
  [
    "a dead store",
    500,
    (headers) => broken.get(`${path}?interaction=${NOBODYS}`, { ...headers, ...KNOWN }),
  ],
  ["a server that is leaving", 503, (headers) => leaving.get(path, headers)],
];

const OPERATIONS: Record<string, readonly Sample[]> = {
  "GET /login": [
    ["for nobody", 200, get("/login")],
    ["for a request", 200, visit({})],
    ["for a choice", 200, visit({ prompt: "select_account" }, "alice")],
    [
      "for who is signed in already",
      303,
      async (headers) => server.get("/login", { ...headers, Cookie: cookieOf(await signedIn()) }),
    ],
    ...atPages("/login"),
  ],
  "POST /login": [
    ["a password", 303, submit({ action: "password", identifier: "alice", password: PASSWORD })],
    ["no name", 400, submit({ action: "password", password: PASSWORD })],
    ["no password", 400, submit({ action: "password", identifier: "alice" })],
    ["a wrong one", 400, submit({ action: "password", identifier: "alice", password: "x" })],
    [
      "a second factor",
      303,
      submit({ action: "password", identifier: "carol", password: PASSWORD }),
    ],
    [
      "too many",
      429,
      async (headers) => {
        const wrong = { action: "password", identifier: "erin", password: "x" };
        for (let count = 0; count < FAILURES_MAX; count++) await submit(wrong)({});
        return submit(wrong)(headers);
      },
    ],
    [
      "a code that cannot be sent",
      502,
      async (headers) => {
        const user = await mute.services.store.findUserByIdentifier("alice");
        await mute.services.store.setSecondFactor(user?.id ?? "", "email");
        const form = { action: "password", identifier: "alice", password: PASSWORD };
        return mute.post("/login", form, { headers: { ...OWN, ...headers } });
      },
    ],
    [
      "a wrong code",
      400,
      async (headers) => {
        const browser = server.openBrowser();
        await signIn(browser, "carol");
        const cookie = { Cookie: cookieOf(browser) };
        return server.post(
          "/login",
          { action: "code", code: "x1" },
          {
            headers: { ...OWN, ...headers, ...cookie },
          },
        );
      },
    ],
    ["an unknown action", 303, submit({ action: "x" })],
    ...atForms("/login"),
  ],
  "GET /consent": [
    ["what is asked", 200, visit({}, "alice")],
    [
      "nobody signed in",
      303,
      async (headers) => {
        const browser = server.openBrowser();
        const { url } = await browser.open(authorizeUrl());
        return server.get(`/consent${url.search}`, {
          ...headers,
          Cookie: cookieOf(browser),
        });
      },
    ],
    ["nothing asked", 400, get("/consent")],
    ...atPages("/consent"),
  ],
  "POST /consent": [
    ["allowed", 303, submit({ action: "allow" }, "alice")],
    ["refused", 303, submit({ action: "refuse" }, "alice")],
    ["neither", 303, submit({ action: "x" }, "alice")],
    ["nothing asked", 400, post("/consent", { action: "allow" })],
    ...atForms("/consent"),
  ],
  ...Object.fromEntries(
    Object.entries(accountSamples(pages)).map(([operation, samples]) => {
      const [method, path = ""] = operation.split(" ");
      return [operation, [...samples, ...(method === "GET" ? atPages(path) : atForms(path))]];
    }),
  ),
  "GET /signed-out": [["always", 200, get("/signed-out")]],
  "GET /logout": [
    [
      "a question",
      200,
      async (headers) => {
        const browser = await signedIn();
        const page = await browser.open("/logout?client_id=app");
        return server.get(page.url.pathname + page.url.search, {
          ...headers,
          Cookie: cookieOf(browser),
        });
      },
    ],
    ["a broken query", 400, get("/logout?state=%zz")],
  ],
  "GET /authorize": [
    [
      "an answer that is posted",
      200,
      async (headers) => {
        const asked = { response_mode: "form_post", prompt: "none" };
        return server.get(authorizeUrl(asked), headers);
      },
    ],
    [
      "another site, first",
      200,
      async (headers) => {
        const { body } = await register(server, { redirect_uris: [CALLBACK], scope: "openid" });
        const client_id = String(body["client_id"]);
        return server.get(authorizeUrl({ client_id, prompt: "none" }), headers);
      },
    ],
    ["an unknown client", 400, get("/authorize?client_id=x")],
  ],
};

describe.each(Object.entries(OPERATIONS))("%s answers as documented", (operation, samples) => {
  test.each(samples)("%s: %i", async (_name, status, send) => {
    for (const headers of [{}, { Accept: "text/html" }] as const) {
      const response = await send(headers);
      expect(response.status).toBe(status);
      if (status >= 400 && "Accept" in headers) {
        // Whoever asks for a page gets one, save from a server that has no more time for pages.
        const wanted = status === 503 ? "application/json" : "text/html";
        expect(response.headers.get("content-type")).toStartWith(wanted);
      }
      await expectForeseen(document, response, operation);
    }
  });
});

test("every operation that answers by a page is among these", () => {
  const answering = operationsOf(document).flatMap(([method, path, { responses }]) =>
    Object.keys(responses["200"]?.content ?? {}).includes("text/html") && !path.startsWith("/docs")
      ? [`${method} ${path}`]
      : [],
  );
  const elsewhere = ["POST /authorize", "POST /logout"];
  expect([...Object.keys(OPERATIONS), ...elsewhere].sort()).toEqual(answering.sort());
  for (const [method, path] of answering.map((operation) => operation.split(" "))) {
    const { responses } = operationOf(document, method ?? "", path ?? "");
    for (const [status, { content = {} }] of Object.entries(responses)) {
      if (Number(status) >= 400) {
        expect([path, status, Object.keys(content)]).toEqual([
          path,
          status,
          ["application/json", "text/html"],
        ]);
      }
    }
  }
});
