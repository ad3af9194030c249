import { Elysia } from "elysia";
import type { Context } from "../../http/context.ts";
import { publicOperation } from "../../http/form_docs.ts";
import { cacheable } from "../../http/responses.ts";
import { documentSchema, serverDocument } from "../../http/server_document.ts";
import { DOCUMENT_MAX_AGE_SECONDS } from "../../protocol/server_metadata.ts";
import { UMA_METADATA_PATH, umaMetadata } from "../../protocol/uma_metadata.ts";
import { CLAIM_TOKEN_FORMATS } from "../../services/claim_tokens.ts";

/** `GET /.well-known/uma2-configuration` (UMA 2.0 Grant §2), read off what is registered. */
export function metadataEndpoint(context: Context) {
  const { issuer } = context.services;
  const metadata = { ...serverDocument(context), ...umaMetadata(issuer, CLAIM_TOKEN_FORMATS) };
  return new Elysia({ name: "uma-metadata" }).get(
    UMA_METADATA_PATH,
    () => cacheable(metadata, DOCUMENT_MAX_AGE_SECONDS),
    {
      detail: publicOperation(issuer, {
        operationId: "getUmaMetadata",
        tag: "Discovery",
        summary: "Metadata of this UMA authorization server (UMA 2.0 Grant §2)",
        responses: {
          200: {
            description: "The metadata",
            schema: documentSchema(metadata, "UMA 2.0 Grant §2, Federated Authorization §2"),
            examples: { metadata },
            cacheable: true,
          },
        },
      }),
    },
  );
}
