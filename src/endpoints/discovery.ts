import { Elysia } from "elysia";
import type { Context } from "../http/context.ts";
import { cacheable } from "../http/responses.ts";
import { authorizationServerMetadata, METADATA_PATH } from "../protocol/server_metadata.ts";

/** How long caches may keep the metadata and the keys, in seconds. */
const MAX_AGE_SECONDS = 300;

/** `GET /.well-known/oauth-authorization-server` and `GET /jwks`, both read off what is registered. */
export function discoveryEndpoint({ registry, services }: Context) {
  const metadata = authorizationServerMetadata({
    issuer: services.issuer,
    grantTypes: [...registry.grants.keys()],
    authMethods: [...registry.clientAuth.keys()],
    responseTypes: [],
  });
  return new Elysia({ name: "discovery" })
    .get(METADATA_PATH, () => cacheable(metadata, MAX_AGE_SECONDS), {
      detail: {
        summary: "Metadata of this server (RFC 8414)",
        tags: ["Discovery"],
        responses: { 200: { description: "The metadata" } },
      },
    })
    .get("/jwks", async () => cacheable(await services.keys.publicJwks(), MAX_AGE_SECONDS), {
      detail: {
        summary: "Public keys (RFC 7517)",
        tags: ["Discovery"],
        responses: { 200: { description: "A JWK Set" } },
      },
    });
}
