import { Elysia, t } from "elysia";
import type { Context } from "../http/context.ts";
import { publicOperation } from "../http/form_docs.ts";
import { cacheable } from "../http/responses.ts";
import { documentSchema, serverDocument } from "../http/server_document.ts";
import {
  DOCUMENT_MAX_AGE_SECONDS,
  METADATA_PATH,
  OPENID_METADATA_PATH,
} from "../protocol/server_metadata.ts";
import { KEY_ALGORITHMS } from "../services/key_ring.ts";

/**
 * `GET /.well-known/oauth-authorization-server`, `GET /.well-known/openid-configuration` and
 * `GET /jwks`, all read off what is registered.
 */
export function discoveryEndpoint(context: Context) {
  const { services } = context;
  const { issuer } = services;
  const metadata = serverDocument(context);
  const document = () => cacheable(metadata, DOCUMENT_MAX_AGE_SECONDS);
  const response = {
    description: "The metadata",
    schema: documentSchema(metadata, "RFC 8414 §2, OpenID Connect Discovery §3"),
    examples: { metadata },
    cacheable: true,
  };
  return new Elysia({ name: "discovery" })
    .get(METADATA_PATH, document, {
      detail: publicOperation(issuer, {
        operationId: "getServerMetadata",
        tag: "Discovery",
        summary: "Metadata of this server (RFC 8414)",
        description:
          "Where the issuer has a path, the document is also at the address that RFC 8414 §3.1 gives it: the path follows the well-known name.",
        responses: { 200: response },
      }),
    })
    .get(OPENID_METADATA_PATH, document, {
      detail: publicOperation(issuer, {
        operationId: "getProviderMetadata",
        tag: "Discovery",
        summary: "Metadata of this OpenID provider (OpenID Connect Discovery §4)",
        description: "The same document.",
        responses: { 200: response },
      }),
    })
    .get(
      "/jwks",
      async () => cacheable(await services.keys.publicJwks(), DOCUMENT_MAX_AGE_SECONDS),
      {
        detail: publicOperation(issuer, {
          operationId: "getJwks",
          tag: "Discovery",
          summary: "Public keys (RFC 7517)",
          description:
            "The keys that sign, those that will sign next, and those whose tokens may still live; with `use` `enc`, those to which clients may encrypt.",
          responses: {
            200: {
              description: "A JWK Set",
              schema: JwkSet,
              examples: { keys: JWK_SET_EXAMPLE },
              cacheable: true,
            },
          },
          errors: ["store_read_failed", "store_timed_out"],
        }),
      },
    );
}

/** Public keys as the key ring publishes them. */
const JwkSet = t.Object(
  {
    keys: t.Array(
      t.Object({
        kty: t.String({ enum: ["EC", "RSA", "OKP"] }),
        use: t.String({ enum: ["sig", "enc"] }),
        alg: t.String({ enum: [...KEY_ALGORITHMS] }),
        kid: t.String({ description: "SHA-256 thumbprint (RFC 7638)" }),
        crv: t.Optional(t.String({ enum: ["P-256", "Ed25519"] })),
        x: t.Optional(t.String({ description: "EC and OKP" })),
        y: t.Optional(t.String({ description: "EC only" })),
        n: t.Optional(t.String({ description: "RSA only" })),
        e: t.Optional(t.String({ description: "RSA only" })),
      }),
    ),
  },
  { description: "RFC 7517 §5" },
);

const JWK_SET_EXAMPLE = {
  keys: [
    {
      kty: "EC",
      crv: "P-256",
      x: "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
      y: "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
      kid: "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U",
      alg: "ES256",
      use: "sig",
    },
  ],
};
