import { Elysia } from "elysia";
import { OAuthError, type Services } from "../../plugin.ts";
import { fitsToken, mergePermissions, type Permission } from "../../protocol/permission.ts";
import { type NameFamily, readPermissions } from "../../protocol/uma_bodies.ts";
import { isId } from "../../services/ids.ts";
import type { UmaDocs } from "./docs.ts";
import { answerJson, bodyOf, type Caller, protect } from "./protection.ts";

/** Path of the permission endpoint. */
export const PERMISSION_PATH = "/perm";

/** `POST /perm` and `/perm/bulk` (UMA 2.0 Federated Authorization §4, idserver.md A.8). */
export function permissionEndpoint(services: Services, docs: UmaDocs) {
  const answer = (request: Request) => protect(request, services, ask);
  return new Elysia({ name: "uma-permissions" })
    .post("/perm", ({ request }) => answer(request), { parse: "none", detail: docs.askTicket })
    .post("/perm/bulk", ({ request }) => answer(request), {
      parse: "none",
      detail: docs.askBulkTicket,
    });
}

/** A ticket for what the resource server asks, in the names that it asks in; only its hash is kept. */
async function ask(caller: Caller): Promise<Response> {
  const { client, services } = caller;
  const { store, secret, settings, now } = services;
  const { family, permissions: asked } = readPermissions(await bodyOf(caller));
  const permissions = mergePermissions(asked);
  await checkPermissions(permissions, family, caller);
  if (!fitsToken(permissions)) throw new OAuthError("uma_too_much");
  const issuedAt = now();
  const ticket = secret.mintOpaque("ticket", issuedAt);
  await store.insertUmaTicket({
    key: ticket.key,
    resourceServerId: client.id,
    clientId: null,
    permissions,
    createdAt: issuedAt,
    expiresAt: issuedAt + settings.ticketLifetimeSeconds,
  });
  const member = family === "seed" ? "ticket_id" : "ticket";
  return answerJson({ [member]: ticket.text }, { status: 201 });
}

/** Throws unless each resource is the caller's, and has the scopes (idserver.md A.8). */
async function checkPermissions(
  permissions: readonly Permission[],
  family: NameFamily,
  { holding, services }: Caller,
): Promise<void> {
  const found = await Promise.all(
    permissions.map(({ resourceId }) =>
      isId(resourceId) ? services.store.findUmaResource(resourceId, holding) : undefined,
    ),
  );
  for (const [index, { resourceId, scopes }] of permissions.entries()) {
    const resource = found[index];
    if (!resource) {
      const code = family === "seed" ? "uma_resource_set_invalid" : "uma_resource_invalid";
      throw new OAuthError(code, { values: [resourceId] });
    }
    if (!scopes.every((scope) => resource.scopes.includes(scope))) {
      throw new OAuthError("uma_scope_invalid");
    }
  }
}
