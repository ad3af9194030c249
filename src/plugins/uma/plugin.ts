import { Elysia } from "elysia";
import { definePlugin } from "../../plugin.ts";
import { createIssuerKeys } from "../../services/issuer_keys.ts";
import { umaDocs } from "./docs.ts";
import { metadataEndpoint } from "./metadata_endpoint.ts";
import { permissionEndpoint } from "./permission_endpoint.ts";
import { policyEndpoint } from "./policy_endpoint.ts";
import { resourceEndpoint } from "./resource_endpoint.ts";
import { umaTicket } from "./uma_ticket.ts";

/** User-Managed Access: the protection API, the grant of tickets, and its metadata (UMA 2.0). */
export function uma() {
  return definePlugin({
    name: "uma",
    grants: [umaTicket(createIssuerKeys())],
    accountParts: ["resources"],
    routes(services, registry) {
      const docs = umaDocs(services.issuer);
      return new Elysia({ name: "uma" })
        .use(resourceEndpoint(services, docs))
        .use(permissionEndpoint(services, docs))
        .use(policyEndpoint(services, docs))
        .use(metadataEndpoint({ registry, services }));
    },
  });
}
