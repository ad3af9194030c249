import { swagger } from "@elysiajs/swagger";
import { type AnyElysia, Elysia } from "elysia";
import packageFile from "../../package.json" with { type: "json" };
import type { Context } from "../http/context.ts";
import { sampleError, statusesOf } from "../http/error_docs.ts";
import { errorBody } from "../http/errors.ts";
import { publicOperation, securitySchemes, toOpenApi30 } from "../http/form_docs.ts";
import { htmlPage, noStore } from "../http/responses.ts";
import { type ErrorDoc, errorDocPage, errorIndexPage } from "../pages/error_doc.ts";
import { ICON } from "../pages/layout.ts";
import { dressReference, REFERENCE_POLICY, REFERENCE_THEME } from "../pages/reference.ts";
import { documentStyles } from "../pages/theme.ts";
import { CATALOGUE, type CatalogueEntry, type ErrorCode } from "../protocol/catalogue.ts";
import { OAuthError } from "../protocol/oauth_error.ts";
import { metricsScheme } from "./health.ts";
import { tokenSchemas } from "./token_docs.ts";

/** The page's script, out of the npm package, so that nothing is loaded from elsewhere. */
const SCRIPT = new URL("browser/standalone.js", import.meta.resolve("@scalar/api-reference"));

/** What assets may be kept for, in seconds. */
const ASSET_MAX_AGE_SECONDS = 86_400;

const hidden = { detail: { hide: true } } as const;

/** Security schemes of what is no client authentication. */
const BEARER_SCHEMES = {
  access_token: {
    type: "http",
    scheme: "bearer",
    description:
      "An access token (RFC 6750); a DPoP-bound one comes under the scheme DPoP (RFC 9449 §7.1)",
  },
  client_secret: {
    type: "http",
    scheme: "bearer",
    description: "The secret of a Challenger client, such as secret-token:… (RFC 8959)",
  },
  registration_token: {
    type: "http",
    scheme: "bearer",
    description: "An initial or a registration access token (RFC 7591 §3, RFC 7592 §2)",
  },
};

/** `GET /docs`, `/docs/json`, `/docs/errors` and `/docs/errors/:name`: all generated from rows. */
export function docsEndpoint(context: Context) {
  const { issuer } = context.services;
  const root = new URL(issuer).pathname.replace(/\/$/, "");
  const pages = new Map(errorDocs(issuer).map((doc) => [doc.name, doc]));
  let html: Promise<string> | undefined;
  const generated = new Elysia({ name: "reference" })
    .onAfterHandle(({ path, responseValue }) => {
      if (path.startsWith("/docs/json")) return referenceDocument(responseValue);
      html ??= generatedPage(reference(context, root));
      return html.then((text) => referencePage(text, root));
    })
    .use(reference(context, root));
  return new Elysia({ name: "docs" })
    .use(generated)
    .get("/docs/scalar.js", () => asset(Bun.file(SCRIPT), "text/javascript"), hidden)
    .get(
      "/assets/tessera.css",
      () => asset(documentStyles(context.services.settings.brand.color), "text/css"),
      hidden,
    )
    .get("/assets/tessera.svg", () => asset(ICON, "image/svg+xml"), hidden)
    .get("/docs/errors", () => htmlPage(errorIndexPage([...pages.values()], root), IMAGES), {
      detail: publicOperation(issuer, {
        operationId: "listErrors",
        tag: "Errors",
        summary: "All errors of this server",
        responses: { 200: { description: "The page", ...HTML } },
      }),
    })
    .get(
      "/docs/errors/:name",
      ({ params }) => {
        const doc = pages.get(params.name);
        if (!doc) throw new OAuthError("endpoint_unknown");
        return htmlPage(errorDocPage(doc, root), IMAGES);
      },
      {
        detail: {
          ...publicOperation(issuer, {
            operationId: "explainError",
            tag: "Errors",
            summary: "Cause and cure of one error; `error_uri` points here",
            responses: { 200: { description: "The page", ...HTML } },
            errors: ["endpoint_unknown"],
          }),
          parameters: [
            {
              name: "name",
              in: "path",
              required: true,
              schema: { type: "string", enum: [...pages.keys()] },
            },
          ],
        },
      },
    );
}

/** Our pages load nothing but their style sheet and their icon. */
const IMAGES = { policy: "; img-src 'self'" };

const HTML = { schema: { type: "string" }, mediaType: "text/html" };

/** The generated document and its page, as @elysiajs/swagger makes them. */
function reference({ registry, services }: Context, root: string) {
  const { issuer } = services;
  return swagger({
    path: "/docs",
    specPath: "/docs/json",
    scalarCDN: `${root}/docs/scalar.js`,
    scalarConfig: {
      spec: undefined,
      url: `${root}/docs/json`,
      customCss: REFERENCE_THEME,
      theme: "none",
      withDefaultFonts: false,
      telemetry: false,
      // What would speak to Scalar's own servers.
      agent: { disabled: true },
      mcp: { disabled: true },
      showDeveloperTools: "never",
      hideClientButton: true,
    } as object,
    excludeStaticFile: false,
    exclude: ["/docs", "/docs/json"],
    documentation: {
      info: {
        title: "Tessera",
        version: packageFile.version,
        license: { name: packageFile.license },
        description: introduction(issuer),
      },
      servers: [{ url: issuer }],
      tags: [
        { name: "Tokens", description: "What clients post to" },
        { name: "Authorization", description: "Where browsers go, and what sends them there" },
        { name: "OpenID Connect", description: "Who the user is, and the end of his session" },
        { name: "Challenger", description: "Proof that somebody can be reached at an address" },
        { name: "Registration", description: "How clients register themselves" },
        { name: "UMA", description: "What resource servers register, and ask tickets for" },
        { name: "Discovery", description: "What clients and resource servers read" },
        { name: "Operations", description: "For those who run the server" },
        { name: "Errors", description: "Cause and cure of every refusal" },
      ],
      components: {
        securitySchemes: {
          ...securitySchemes(registry, issuer),
          ...metricsScheme,
          ...BEARER_SCHEMES,
        } as never,
        schemas: tokenSchemas(registry) as never,
      },
    },
  });
}

const introduction = (issuer: string) => `${packageFile.description}.

Parameters are sent in a form body, each once; in the URL they are refused, and unknown ones are
ignored. Every refusal is one JSON object with \`error\`, \`error_description\` and \`error_uri\`, the
address of a page with cause and cure: [all of them](${issuer}/docs/errors). A path that does not exist
answers 404, another method 405 with \`Allow\`.`;

/** The generated document, in the words of OpenAPI 3.0. */
function referenceDocument(generated: unknown): Response {
  return noStore(toOpenApi30(JSON.parse(JSON.stringify(generated))));
}

/** Text of the generated page; a hook on its route does not get to see it. */
async function generatedPage(swaggerOfItsOwn: AnyElysia): Promise<string> {
  return (await swaggerOfItsOwn.handle(new Request("http://localhost/docs"))).text();
}

/** The generated page as we send it, under its policy. */
function referencePage(html: string, root: string): Response {
  const page = htmlPage(dressReference(html, root));
  page.headers.set("Content-Security-Policy", REFERENCE_POLICY);
  return page;
}

/** All error pages' contents, in the catalogue's order. */
function errorDocs(issuer: string): readonly ErrorDoc[] {
  return (Object.keys(CATALOGUE) as ErrorCode[]).map((name) => {
    const { error, description, source, cause, cure }: CatalogueEntry = CATALOGUE[name];
    const example = errorBody(sampleError(name), issuer);
    return { name, error, description, statuses: statusesOf(name), source, cause, cure, example };
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
