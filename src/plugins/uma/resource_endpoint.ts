import { Elysia } from "elysia";
import { entityTag, isUnchanged, requireVersion } from "../../http/preconditions.ts";
import { newId, OAuthError, type Services } from "../../plugin.ts";
import { malformedParameter } from "../../protocol/oauth_error.ts";
import {
  checkerOf,
  memberMissing,
  type ResourceBody,
  ResourceSearchSchema,
  readResource,
} from "../../protocol/uma_bodies.ts";
import type { UmaResource } from "../../store/uma_resources.ts";
import type { UmaDocs } from "./docs.ts";
import {
  answerEmpty,
  answerJson,
  answerList,
  bodyOf,
  type Caller,
  OWNER_PATH,
  ownerOf,
  pageOf,
  pathId,
  protect,
} from "./protection.ts";
import { queryPage } from "./query_page.ts";

/** Path of the resource registration endpoint. */
export const RESOURCE_PATH = "/rs/resource_set";

/** `/rs/resource_set` (UMA 2.0 Federated Authorization §3, idserver.md A.8). */
export function resourceEndpoint(services: Services, docs: UmaDocs) {
  const answer = (request: Request, work: (caller: Caller) => Promise<Response>) =>
    protect(request, services, work);
  return new Elysia({ name: "uma-resources" })
    .post("/rs/resource_set", ({ request }) => answer(request, create), {
      parse: "none",
      detail: docs.createResource,
    })
    .get("/rs/resource_set", ({ request }) => answer(request, list), { detail: docs.listResources })
    .put("/rs/resource_set", ({ request }) => answer(request, (caller) => replace(caller)), {
      parse: "none",
      detail: docs.replaceResourceByBody,
    })
    .post("/rs/resource_set/.search", ({ request }) => answer(request, search), {
      parse: "none",
      detail: docs.searchResources,
    })
    .get(
      "/rs/resource_set/:id",
      ({ request, params }) => answer(request, (caller) => read(caller, params.id)),
      { detail: docs.readResource },
    )
    .put(
      "/rs/resource_set/:id",
      ({ request, params }) => answer(request, (caller) => replace(caller, params.id)),
      { parse: "none", detail: docs.replaceResource },
    )
    .delete(
      "/rs/resource_set/:id",
      ({ request, params }) => answer(request, (caller) => remove(caller, params.id)),
      { detail: docs.deleteResource },
    );
}

async function create(caller: Caller): Promise<Response> {
  const { client, services } = caller;
  const { family, owner, described } = readResource(await bodyOf(caller));
  const now = services.now();
  const resource: UmaResource = {
    ...described,
    id: newId(),
    resourceServerId: client.id,
    userId: await ownerOf(caller, owner),
    family,
    version: 1,
    revision: 1,
    createdAt: now,
    updatedAt: now,
  };
  await services.store.insertUmaResource(resource);
  const location = `${services.issuer}${RESOURCE_PATH}/${resource.id}`;
  const headers = { Location: location, ETag: entityTag(resource.version) };
  return answerJson(named(resource, services), { status: 201, headers });
}

async function list({ holding, request, services }: Caller): Promise<Response> {
  const page = queryPage(request);
  const { resources, total } = await services.store.searchUmaResources(holding, {}, page);
  const ids = resources.map(({ id }) => id);
  return answerList(ids, { path: RESOURCE_PATH, page, total, issuer: services.issuer });
}

async function read(caller: Caller, id: string): Promise<Response> {
  const resource = await find(caller, id);
  const headers = { ETag: entityTag(resource.version) };
  return isUnchanged(caller.request.headers, resource.version)
    ? answerEmpty(304, headers)
    : answerJson(describe(resource), { headers });
}

/** The body may name the resource, and must where the path does not; both must be one (attack 67). */
async function replace(caller: Caller, id?: string): Promise<Response> {
  const { holding, request, services } = caller;
  const body = readResource(await bodyOf(caller));
  const resource = await find(caller, targetOf(body, id));
  await checkOwner(caller, body, resource);
  const version = requireVersion(request.headers, resource.version);
  const change = { ...body.described, family: body.family, updatedAt: services.now() };
  const changed = await services.store.updateUmaResource(resource.id, change, {
    ...holding,
    version,
  });
  if (!changed) throw gone(version);
  return answerJson(named(changed, services), { headers: { ETag: entityTag(changed.version) } });
}

async function remove(caller: Caller, id: string): Promise<Response> {
  const { holding, request, services } = caller;
  const resource = await find(caller, id);
  const version = requireVersion(request.headers, resource.version);
  const seen = { ...holding, version };
  if (!(await services.store.deleteUmaResource(resource.id, seen))) throw gone(version);
  return answerEmpty(204);
}

const checkSearch = checkerOf(ResourceSearchSchema);

async function search(caller: Caller): Promise<Response> {
  const { holding, services } = caller;
  const { ids, names, types, ...page } = checkSearch(await bodyOf(caller));
  const wanted = pageOf(page);
  const filter = { ids, names, types };
  const found = await services.store.searchUmaResources(holding, filter, wanted);
  return answerJson({
    content: found.resources.map(describe),
    count: found.total,
    start_index: wanted.start,
  });
}

async function find({ holding, services }: Caller, id: string): Promise<UmaResource> {
  const known = pathId(id, "uma_resource_unknown");
  const resource = await services.store.findUmaResource(known, holding);
  if (!resource) throw new OAuthError("uma_resource_unknown");
  return resource;
}

function targetOf({ id: named }: ResourceBody, id = named): string {
  if (id === undefined) throw memberMissing("id");
  if (named !== undefined && named !== id) throw malformedParameter("_id");
  return id;
}

/** A resource keeps its owner: another one would inherit what the first let others do. */
async function checkOwner(
  caller: Caller,
  { owner }: ResourceBody,
  { userId }: UmaResource,
): Promise<void> {
  if (owner === undefined || (await ownerOf(caller, owner)) === userId) return;
  throw new OAuthError("uma_owner_refused", { values: [caller.client.id] });
}

/** Somebody was faster: the version that was asked for is no more, or the resource itself. */
function gone(version: number | undefined): OAuthError {
  return new OAuthError(version === undefined ? "uma_resource_unknown" : "uma_precondition_failed");
}

/** A resource's id, and where its owner says who may have it, where a user owns it. */
function named({ id, userId }: UmaResource, { issuer }: Services) {
  return { _id: id, ...(userId !== null && { user_access_policy_uri: `${issuer}${OWNER_PATH}` }) };
}

/** A resource in the names that it was described in. */
function describe(resource: UmaResource) {
  const { id, name, type, uri, iconUri, description, scopes, family } = resource;
  return {
    _id: id,
    ...(name !== "" && { name }),
    ...(type !== null && { type }),
    ...(uri !== null && { uri }),
    ...(iconUri !== null && { icon_uri: iconUri }),
    ...(description !== null && { description }),
    ...(family === "seed" ? { scopes } : { resource_scopes: scopes }),
  };
}
