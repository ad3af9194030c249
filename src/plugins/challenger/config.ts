import { Elysia } from "elysia";
import { cacheable } from "../../http/responses.ts";
import type { Services } from "../../plugin.ts";
import { DOCUMENT_MAX_AGE_SECONDS } from "../../protocol/server_metadata.ts";
import { configDocs } from "./docs.ts";

/**
 * Version of the protocol as libtool writes it: level 6, and what was written for the levels from 1
 * on still works (challenger.md B.1).
 */
const PROTOCOL_VERSION = "6:0:5";

/** Names the implementation, by which a client could tell revisions apart. */
const IMPLEMENTATION = "urn:tessera:challenger";

/** `GET /config`: `ChallengerConfigurationResponse`. */
export function configEndpoint(prefix: string, { issuer, settings }: Services) {
  const configuration = {
    name: "challenger",
    version: PROTOCOL_VERSION,
    implementation: IMPLEMENTATION,
    restrictions: settings.challengerAddressRestrictions,
    address_type: settings.challengerAddressType,
    address_hint: settings.challengerAddressHint,
  };
  return new Elysia().get(
    `${prefix}/config`,
    () => cacheable(configuration, DOCUMENT_MAX_AGE_SECONDS),
    { detail: configDocs(issuer, configuration) },
  );
}
