import { describe, expect, test } from "bun:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import { Glob } from "bun";
import { CATALOGUE, type CatalogueEntry, type ErrorCode } from "../../src/protocol/catalogue.ts";
import { METADATA_PATH, OPENID_METADATA_PATH } from "../../src/protocol/server_metadata.ts";
import { UMA_METADATA_PATH } from "../../src/protocol/uma_metadata.ts";
import { JWT_BEARER, strangeServer } from "../plugins/strange_server.ts";
import { ISSUER, testServer } from "../support/server.ts";
import {
  type Document,
  documentOf,
  examplesOf,
  FORM,
  faultsOf,
  operationOf,
  operationsOf,
  resolve,
} from "./openapi_document.ts";

// At the top of the file, where a server stays open until the file ends.
const server = await testServer({ settings: { registration: "open" } });
const document = await documentOf(server);

/** The document as the validator takes it; it writes into what it gets. */
const copyOf = (given: Document): Record<string, unknown> => JSON.parse(JSON.stringify(given));

/** Paths that the sources name by a constant. */
const CONSTANT_PATHS: Readonly<Record<string, string>> = {
  METADATA_PATH,
  OPENID_METADATA_PATH,
  UMA_METADATA_PATH,
};

/** What serves the documents themselves is not an interface to integrate with. */
const HIDDEN = [
  "GET /docs",
  "GET /docs/json",
  "GET /docs/scalar.js",
  "GET /assets/countdown.js",
  "GET /assets/form_post.js",
  "GET /assets/icon.svg",
  "GET /assets/logo",
  "GET /assets/pages.css",
  "GET /assets/tessera.css",
  "GET /assets/tessera.svg",
];

describe("OpenAPI 3.0 document", () => {
  test("validates", async () => {
    const { valid, errors } = await new Validator().validate(copyOf(document));
    expect(errors).toBeUndefined();
    expect(valid).toBe(true);
    expect(document.openapi).toBe("3.0.3");
  });

  test("documents every route of the sources, and no other", async () => {
    const routes = new Set<string>();
    for (const file of new Glob("{endpoints,plugins}/**/*.ts").scanSync("src")) {
      const source = await Bun.file(`src/${file}`).text();
      const calls = source.matchAll(
        /\.(get|post|put|patch|delete)\(\s*(?:"(\/[^"]*)"|(\w*METADATA_PATH))/g,
      );
      for (const [, method = "", literal, constant] of calls) {
        const path = literal ?? CONSTANT_PATHS[constant ?? ""] ?? "";
        routes.add(`${method.toUpperCase()} ${path.replace(/:(\w+)/g, "{$1}")}`);
      }
    }
    const documented = operationsOf(document).map(([method, path]) => `${method} ${path}`);
    // The generated ones are not in our sources.
    const all = [...routes, "GET /docs", "GET /docs/json"];
    expect([...documented, ...HIDDEN].sort()).toEqual(all.sort());
    expect(documented.length).toBeGreaterThanOrEqual(30);
  });

  test("names each operation once, in letters that code generators take", () => {
    const names = operationsOf(document).map(([, , { operationId }]) => operationId);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z][A-Za-z]+$/);
  });

  test("states the issuer as its server, whatever host was asked", async () => {
    const request = new Request("http://evil.example/docs/json", { headers: { Host: "evil" } });
    const other = (await (await server.server.handle(request)).json()) as Document;
    expect(other.servers).toEqual([{ url: ISSUER }]);
    expect(JSON.stringify(other)).not.toContain("evil");
  });

  test("POST /token takes a form only: one variant per grant, discriminated by grant_type", () => {
    const { requestBody } = operationOf(document, "POST", "/token");
    expect(requestBody?.required).toBe(true);
    expect(Object.keys(requestBody?.content ?? {})).toEqual([FORM]);
    const { oneOf = [], discriminator } = requestBody?.content[FORM]?.schema ?? {};
    expect(discriminator?.propertyName).toBe("grant_type");
    const grants = [...server.server.registry.grants.keys()];
    expect(Object.keys(discriminator?.mapping ?? {})).toEqual(grants);
    expect(Object.values(discriminator?.mapping ?? {})).toEqual(
      oneOf.map(({ $ref }) => $ref ?? ""),
    );
    for (const [index, grantType] of grants.entries()) {
      const { properties, required } = resolve(document, oneOf[index] ?? {});
      expect(properties?.["grant_type"]?.enum).toEqual([grantType]);
      expect(required).toContain("grant_type");
    }
  });

  test("has a security scheme for each registered method, and operations name registered ones", () => {
    const schemes = Object.keys(document.components.securitySchemes);
    const methods = [...server.server.registry.clientAuth.keys()];
    const others = ["metrics_token", "access_token", "client_secret", "registration_token"];
    expect(schemes.sort()).toEqual([...methods, ...others].sort());
    expect(document.components.securitySchemes["client_secret_basic"]).toMatchObject({
      type: "http",
      scheme: "basic",
    });
    const namesOf = (path: string) =>
      operationOf(document, "POST", path).security?.flatMap((one) => Object.keys(one));
    expect(namesOf("/token")).toEqual(methods);
    expect(namesOf("/token/revoke")).toEqual(methods);
    expect(namesOf("/par")).toEqual(methods);
    for (const path of ["/introspect", "/code"]) {
      expect(namesOf(path), path).toEqual(methods.filter((name) => name !== "none"));
    }
    expect(namesOf("/userinfo")).toEqual(["access_token"]);
    expect(namesOf("/register")).toEqual(["registration_token"]);
    for (const path of ["/authorize", "/logout", "/login"]) expect(namesOf(path)).toBeUndefined();
  });
});

describe("OpenAPI responses", () => {
  test("each has a description, and each JSON body an example", () => {
    for (const [method, path, { responses }] of operationsOf(document)) {
      for (const [status, { description, content }] of Object.entries(responses)) {
        const at = `${method} ${path} ${status}`;
        expect(description.length, at).toBeGreaterThan(3);
        const json = content?.["application/json"];
        if (json) expect(Object.keys(json.examples ?? {}).length, at).toBeGreaterThan(0);
      }
    }
  });

  test("each example is what its schema allows", () => {
    const examples = examplesOf(operationsOf(document));
    expect(examples.length).toBeGreaterThan(100);
    for (const example of examples) expect(faultsOf(document, example)).toEqual([]);
  });

  test("every error is a row of the catalogue, under a status that the row has", () => {
    const errors = examplesOf(operationsOf(document)).filter(({ status }) => status >= 400);
    expect(errors.length).toBeGreaterThan(100);
    for (const { at, name, status, value } of errors) {
      expect(Object.keys(CATALOGUE), at).toContain(name);
      const row: CatalogueEntry = CATALOGUE[name as ErrorCode];
      const withHeader = row.error === "invalid_client" ? 401 : row.status;
      expect([row.status, withHeader, row.challengerStatus], at).toContain(status);
      expect(value).toMatchObject({
        error: row.error,
        error_uri: `${ISSUER}/docs/errors/${name}`,
      });
    }
  });

  test("no example of an error leaves a gap where a name belongs", () => {
    for (const { at, value } of examplesOf(operationsOf(document))) {
      const { error_description: text = "" } = value as { error_description?: string };
      expect(text, at).not.toMatch(/\{\d\}|''| {2}| $/);
    }
  });

  test("every operation documents 405, 500 and 503 with their headers", () => {
    for (const [method, path, { responses }] of operationsOf(document)) {
      const at = `${method} ${path}`;
      expect(Object.keys(responses), at).toEqual(expect.arrayContaining(["405", "500", "503"]));
      expect(responses["405"]?.headers, at).toHaveProperty("Allow");
      expect(responses["503"]?.headers, at).toHaveProperty("Retry-After");
    }
    const token = operationOf(document, "POST", "/token").responses;
    expect(token["401"]?.headers).toHaveProperty("WWW-Authenticate");
    expect(token["429"]?.headers).toHaveProperty("Retry-After");
  });
});

describe("OpenAPI document with strangers' plugins", () => {
  test("validates, and shows their grant, their method and their routes", async () => {
    const strange = await documentOf(await strangeServer("sqlite"));
    const { errors } = await new Validator().validate(copyOf(strange));
    expect(errors).toBeUndefined();
    const token = operationOf(strange, "POST", "/token");
    const mapping = token.requestBody?.content[FORM]?.schema.discriminator?.mapping ?? {};
    const $ref = mapping[JWT_BEARER] ?? "";
    const { properties = {}, required } = resolve(strange, { $ref });
    expect(properties["grant_type"]?.enum).toEqual([JWT_BEARER]);
    expect(required).toEqual(["grant_type", "assertion"]);
    expect(
      Object.keys(token.responses["400"]?.content?.["application/json"]?.examples ?? {}),
    ).toEqual(expect.arrayContaining(["grant_unproven", "client_unauthenticated"]));
    expect(strange.components.securitySchemes["api_key"]).toMatchObject({
      type: "apiKey",
      in: "header",
      name: "X-Api-Key",
    });
    expect(token.security).toContainEqual({ api_key: [] });
    expect(strange.paths).toHaveProperty(["/whoami", "post"]);
  });
});
