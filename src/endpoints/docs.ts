import { swagger } from "@elysiajs/swagger";
import { Elysia } from "elysia";
import type { Context } from "../http/context.ts";
import { errorBody, statusOf } from "../http/errors.ts";
import { htmlPage } from "../http/responses.ts";
import { type ErrorDoc, errorDocPage, errorIndexPage } from "../pages/error_doc.ts";
import { STYLE_SHEET } from "../pages/layout.ts";
import { CATALOGUE, type CatalogueEntry, type ErrorCode } from "../protocol/catalogue.ts";
import { OAuthError } from "../protocol/oauth_error.ts";
import { sampleError, securitySchemes } from "./form_docs.ts";
import { tokenSchemas } from "./token_docs.ts";

/** The page's script, out of the npm package, so that nothing is loaded from elsewhere. */
const SCRIPT = new URL("browser/standalone.js", import.meta.resolve("@scalar/api-reference"));

/** What assets may be kept for, in seconds. */
const ASSET_MAX_AGE_SECONDS = 86_400;

const hidden = { detail: { hide: true } } as const;

/** `GET /docs`, `/docs/json`, `/docs/errors` and `/docs/errors/:name`: all generated from rows. */
export function docsEndpoint({ registry, services }: Context) {
  const root = new URL(services.issuer).pathname.replace(/\/$/, "");
  return new Elysia({ name: "docs" })
    .use(
      swagger({
        path: "/docs",
        specPath: "/docs/json",
        scalarCDN: `${root}/docs/scalar.js`,
        scalarConfig: {
          spec: { url: `${root}/docs/json` },
          withDefaultFonts: false,
          telemetry: false,
        } as object,
        excludeStaticFile: false,
        exclude: ["/docs", "/docs/json"],
        documentation: {
          info: {
            title: "Tessera",
            version: "0.1.0",
            description: "A token server. Each error has a page at /docs/errors.",
          },
          servers: [{ url: services.issuer }],
          tags: [{ name: "Tokens" }, { name: "Discovery" }, { name: "Operations" }],
          components: {
            securitySchemes: securitySchemes(registry, services.issuer) as never,
            schemas: tokenSchemas(registry) as never,
          },
        },
      }),
    )
    .get("/docs/scalar.js", () => asset(Bun.file(SCRIPT), "text/javascript"), hidden)
    .get("/assets/tessera.css", () => asset(STYLE_SHEET, "text/css"), hidden)
    .get("/docs/errors", () => htmlPage(errorIndexPage(docs(services.issuer), root)), hidden)
    .get(
      "/docs/errors/:name",
      ({ params }) => {
        const doc = docs(services.issuer).find(({ name }) => name === params.name);
        if (!doc) throw new OAuthError("endpoint_unknown");
        return htmlPage(errorDocPage(doc, root));
      },
      hidden,
    );
}

/** All error pages' contents, in the catalogue's order. */
function docs(issuer: string): readonly ErrorDoc[] {
  return (Object.keys(CATALOGUE) as ErrorCode[]).map((name) => {
    const row: CatalogueEntry = CATALOGUE[name];
    const statuses = new Set([
      statusOf(row, "oauth", false),
      statusOf(row, "oauth", true),
      statusOf(row, "challenger", false),
    ]);
    const { error, description, source, cause, cure } = row;
    const example = errorBody(sampleError(name), issuer);
    return { name, error, description, statuses: [...statuses], source, cause, cure, example };
  });
}

function asset(body: Blob | string, type: string): Response {
  return new Response(body, {
    headers: {
      "Content-Type": `${type}; charset=utf-8`,
      "Cache-Control": `public, max-age=${ASSET_MAX_AGE_SECONDS}`,
      "X-Content-Type-Options": "nosniff",
    },
  });
}
