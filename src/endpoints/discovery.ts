import { Elysia, t } from "elysia";
import type { Context } from "../http/context.ts";
import { cacheable } from "../http/responses.ts";
import { authorizationServerMetadata, METADATA_PATH } from "../protocol/server_metadata.ts";
import { publicOperation } from "./form_docs.ts";

/** How long caches may keep the metadata and the keys, in seconds. */
const MAX_AGE_SECONDS = 300;

/** `GET /.well-known/oauth-authorization-server` and `GET /jwks`, both read off what is registered. */
export function discoveryEndpoint({ registry, services }: Context) {
  const { issuer } = services;
  const metadata = authorizationServerMetadata({
    issuer,
    grantTypes: [...registry.grants.keys()],
    authMethods: [...registry.clientAuth.keys()],
    responseTypes: [],
  });
  return new Elysia({ name: "discovery" })
    .get(METADATA_PATH, () => cacheable(metadata, MAX_AGE_SECONDS), {
      detail: publicOperation(issuer, {
        operationId: "getServerMetadata",
        tag: "Discovery",
        summary: "Metadata of this server (RFC 8414)",
        description:
          "Where the issuer has a path, the document is also at the address that RFC 8414 §3.1 gives it: the path follows the well-known name.",
        responses: {
          200: {
            description: "The metadata",
            schema: ServerMetadata,
            examples: { metadata },
            cacheable: true,
          },
        },
      }),
    })
    .get("/jwks", async () => cacheable(await services.keys.publicJwks(), MAX_AGE_SECONDS), {
      detail: publicOperation(issuer, {
        operationId: "getJwks",
        tag: "Discovery",
        summary: "Public keys (RFC 7517)",
        description:
          "The keys that sign, those that will sign next, and those whose tokens may still live.",
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
    });
}

const url = () => t.String({ format: "uri" });
const names = () => t.Array(t.String());

/** The members of RFC 8414 §2 that this server states. */
const ServerMetadata = t.Object(
  {
    issuer: url(),
    token_endpoint: url(),
    token_endpoint_auth_methods_supported: t.Optional(names()),
    revocation_endpoint: url(),
    revocation_endpoint_auth_methods_supported: t.Optional(names()),
    introspection_endpoint: url(),
    introspection_endpoint_auth_methods_supported: t.Optional(names()),
    jwks_uri: url(),
    grant_types_supported: t.Optional(names()),
    response_types_supported: names(),
    code_challenge_methods_supported: names(),
    service_documentation: url(),
  },
  { description: "RFC 8414 §2" },
);

/** Public keys as the key ring publishes them. */
const JwkSet = t.Object(
  {
    keys: t.Array(
      t.Object({
        kty: t.String({ enum: ["EC", "RSA"] }),
        use: t.String({ enum: ["sig"] }),
        alg: t.String({ enum: ["ES256", "RS256"] }),
        kid: t.String({ description: "SHA-256 thumbprint (RFC 7638)" }),
        crv: t.Optional(t.String({ enum: ["P-256"] })),
        x: t.Optional(t.String({ description: "EC only" })),
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
