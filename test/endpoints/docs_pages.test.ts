import { describe, expect, test } from "bun:test";
import { errorBody } from "../../src/http/errors.ts";
import { type ErrorDoc, errorDocPage, errorIndexPage } from "../../src/pages/error_doc.ts";
import { escapeHtml, layout } from "../../src/pages/layout.ts";
import { CATALOGUE, type CatalogueEntry, type ErrorCode } from "../../src/protocol/catalogue.ts";
import { OAuthError } from "../../src/protocol/oauth_error.ts";
import { ISSUER, type TestServer, testServer } from "../support/server.ts";

// At the top of the file, where servers stay open until the file ends.
const server = await testServer();
const mounted = await testServer({ issuer: "https://id.example/auth" });

/** Addresses that a page loads or links to. */
function addressesOf(html: string): readonly string[] {
  return [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address = ""]) => address);
}

/** The page's directives by name. */
function policyOf(response: Response): Record<string, string> {
  const directives = (response.headers.get("content-security-policy") ?? "").split("; ");
  return Object.fromEntries(
    directives.map((text) => [text.split(" ")[0], text.replace(/^\S+ ?/, "")]),
  );
}

describe("GET /docs", () => {
  test("is a page that loads everything from our own origin", async () => {
    const response = await server.get("/docs");
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
    const html = await response.text();
    expect(html).toContain('<html lang="en">');
    expect(html.replaceAll(ISSUER, "")).not.toMatch(/https?:\/\/|\/\/[a-z]/);
    for (const address of addressesOf(html)) {
      expect(address).toStartWith("/");
      expect((await server.get(address)).status, address).toBe(200);
    }
    expect(addressesOf(html)).toContain("/docs/scalar.js");
    expect(html).toContain('"url":"/docs/json"');
  });

  test("has a policy that allows no other origin and no inline script", async () => {
    const response = await server.get("/docs");
    expect(policyOf(response)).toEqual({
      "default-src": "'none'",
      "script-src": "'self'",
      "style-src": "'self' 'unsafe-inline'",
      "connect-src": "'self'",
      "img-src": "'self' data:",
      "base-uri": "'none'",
      "frame-ancestors": "'none'",
      "form-action": "'none'",
    });
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(response.headers.get("referrer-policy")).toBe("no-referrer");
    for (const [, attributes = ""] of (await response.text()).matchAll(/<script([^>]*)>/g)) {
      expect(attributes).toMatch(/src="\/|type="application\/json"/);
    }
  });

  test("turns off what would speak to the maker of the page", async () => {
    const html = await (await server.get("/docs")).text();
    const settings = JSON.parse(/data-configuration='([^']*)'/.exec(html)?.[1] ?? "{}");
    expect(settings).toMatchObject({
      telemetry: false,
      withDefaultFonts: false,
      showDeveloperTools: "never",
      agent: { disabled: true },
      mcp: { disabled: true },
    });
  });

  test("serves the script out of the npm package, again and again", async () => {
    const path = new URL("browser/standalone.js", import.meta.resolve("@scalar/api-reference"));
    for (let round = 0; round < 2; round++) {
      const response = await server.get("/docs/scalar.js");
      expect(response.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
      expect(response.headers.get("cache-control")).toBe("public, max-age=86400");
      expect(Bun.hash(await response.arrayBuffer())).toBe(
        Bun.hash(await Bun.file(path).arrayBuffer()),
      );
      expect((await server.get("/docs")).status).toBe(200);
    }
  });
});

describe("GET /docs/errors/:name", () => {
  test.each(Object.keys(CATALOGUE) as ErrorCode[])(
    "%s: cause, cure, status, example",
    async (name) => {
      const row: CatalogueEntry = CATALOGUE[name];
      const response = await server.get(`/docs/errors/${name}`);
      expect(response.status).toBe(200);
      expect(policyOf(response)).toEqual({
        "default-src": "'none'",
        "style-src": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
        "form-action": "'self'",
        "img-src": "'self'",
      });
      const html = await response.text();
      const words = (text: string) => escapeHtml(text).replace(/`([^`]+)`/g, "<code>$1</code>");
      expect(html).toContain(`<h1>${escapeHtml(row.description).replace(/\{\d\}/g, "…")}</h1>`);
      expect(html).toContain(`<h2>Cause</h2>\n<p>${words(row.cause)}</p>`);
      expect(html).toContain(`<h2>Cure</h2>\n<p>${words(row.cure)}</p>`);
      const statuses = [...html.matchAll(/<span class="status">(\d+)<\/span>/g)];
      const expected = [row.status, ...(row.error === "invalid_client" ? [401] : [])];
      const all = new Set([...expected, row.challengerStatus ?? row.status]);
      expect(new Set(statuses.map(([, status]) => Number(status)))).toEqual(all);
      const example = /<pre><code>([^<]+)<\/code><\/pre>/.exec(html)?.[1] ?? "";
      const body = JSON.parse(example.replaceAll("&quot;", '"').replaceAll("&#39;", "'"));
      const { error_description, detail, ...same } = errorBody(new OAuthError(name), ISSUER);
      expect(body).toMatchObject(same);
      const pattern = row.description.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replace(/\{\d\}/g, ".+");
      expect(body.error_description).toMatch(new RegExp(`^${pattern}$`));
      expect(Object.keys(body)).toEqual(expect.arrayContaining(["error", "error_uri"]));
      expect(html).not.toMatch(/undefined|\[object|\{\d\}/);
    },
  );

  test("all pages are linked from /docs/errors, and every link leads somewhere", async () => {
    const html = await (await server.get("/docs/errors")).text();
    const links = addressesOf(html).filter((address) => address.startsWith("/docs/errors/"));
    expect(links).toEqual(
      expect.arrayContaining(Object.keys(CATALOGUE).map((name) => `/docs/errors/${name}`)),
    );
    expect(links.length).toBe(Object.keys(CATALOGUE).length);
    for (const address of addressesOf(html).filter((one) => !one.startsWith("#"))) {
      expect((await server.get(address)).status, address).toBe(200);
    }
    for (const anchor of addressesOf(html).filter((one) => one.startsWith("#"))) {
      expect(html).toContain(`id="${anchor.slice(1)}"`);
    }
  });

  test.each([
    "nothing",
    "__proto__",
    "constructor",
    "toString",
    "code_incorrect%20",
    "CODE_INCORRECT",
    "%3Cscript%3Ealert(1)%3C%2Fscript%3E",
    "%zz",
    "..%2F..%2Fpackage.json",
  ])("%s is 404 in JSON, and not repeated", async (name) => {
    const response = await server.get(`/docs/errors/${name}`);
    expect(response.status).toBe(404);
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ error: "invalid_request", code: 21 });
    expect(text).not.toMatch(/<script|%3C|alert/);
  });
});

describe("error_uri", () => {
  const refusals = (own: TestServer, root: string): (() => Promise<Response>)[] => [
    () => own.post(`${root}/token`, {}),
    () => own.post(`${root}/token`, "a=%zz"),
    () => own.post(`${root}/token`, { grant_type: "magic" }, { basic: ["a", "b"] }),
    () => own.post(`${root}/token/revoke`, {}),
    () => own.post(`${root}/introspect`, { token: "x" }, { basic: ["a", "b"] }),
    () => own.get(`${root}/token`),
    () => own.get(`${root}/nowhere`),
    () => own.get(`${root}/metrics`),
  ];

  test.each([
    ["the root", server, "", ISSUER],
    ["a path", mounted, "/auth", "https://id.example/auth"],
  ])("leads to the error's page, with the issuer at %s", async (_name, own, root, issuer) => {
    for (const refuse of refusals(own, root)) {
      const { error_uri } = (await (await refuse()).json()) as { error_uri: string };
      expect(error_uri).toStartWith(`${issuer}/docs/errors/`);
      const page = await own.get(new URL(error_uri).pathname);
      expect(page.status).toBe(200);
      expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    }
  });
});

describe("a server under a path", () => {
  test.each(["/docs", "/docs/errors", "/docs/errors/fault"])(
    "%s loads and links under that path",
    async (path) => {
      for (const prefix of ["/auth", ""]) {
        const response = await mounted.get(prefix + path);
        expect(response.status).toBe(200);
        const html = await response.text();
        const addresses = addressesOf(html).filter((address) => !address.startsWith("#"));
        expect(addresses.length).toBeGreaterThan(2);
        for (const address of addresses) {
          expect(address).toStartWith("/auth/");
          expect((await mounted.get(address.split("#")[0] ?? "")).status, address).toBe(200);
        }
      }
    },
  );

  test("the page reads the document, and the document names the server, under that path", async () => {
    const html = await (await mounted.get("/auth/docs")).text();
    expect(html).toContain('"url":"/auth/docs/json"');
    const document = await (await mounted.get("/auth/docs/json")).json();
    expect(document).toMatchObject({ servers: [{ url: "https://id.example/auth" }] });
    expect(Object.keys((document as { paths: object }).paths)).toContain("/token");
  });
});

describe("pages hold nothing but text", () => {
  const evil = `"><script>alert('1')</script>&`;
  const doc: ErrorDoc = {
    name: evil,
    error: evil,
    description: evil,
    statuses: { oauth: 400, triedHeader: 401, challenger: 404 },
    source: evil,
    cause: `${evil} \`${evil}\``,
    cure: evil,
    example: { error: evil },
  };

  test.each([
    ["an error's page", errorDocPage(doc, evil)],
    ["the list", errorIndexPage([doc], evil)],
    ["the layout", layout({ title: evil, body: "", root: evil })],
  ])("%s escapes whatever it is given", (_name, html) => {
    expect(html).not.toContain("<script");
    expect(html).not.toContain("'1'");
    expect(html).toContain("&lt;script&gt;");
  });
});
