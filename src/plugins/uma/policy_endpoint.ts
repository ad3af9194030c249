import { Elysia } from "elysia";
import { entityTag, isUnchanged, requireVersion } from "../../http/preconditions.ts";
import { newId, OAuthError, type Services } from "../../plugin.ts";
import { malformedParameter } from "../../protocol/oauth_error.ts";
import { checkerOf, memberMissing, PolicySearchSchema } from "../../protocol/uma_bodies.ts";
import {
  type PolicyBody,
  readPolicy,
  readPolicyResources,
} from "../../protocol/uma_policy_body.ts";
import type { UmaPolicy } from "../../store/uma_policies.ts";
import type { UmaDocs } from "./docs.ts";
import { checkRules, describePolicy, resourcesOf } from "./policy_resources.ts";
import {
  answerEmpty,
  answerJson,
  answerList,
  bodyOf,
  type Caller,
  pageOf,
  pathId,
  protect,
} from "./protection.ts";
import { queryPage } from "./query_page.ts";

/** Path of the policies. */
export const POLICY_PATH = "/policies";

/** Most resources that one policy is for. */
const RESOURCES_MAX = 100;

/** `/policies` (idserver.md A.8). */
export function policyEndpoint(services: Services, docs: UmaDocs) {
  const answer = (request: Request, work: (caller: Caller) => Promise<Response>) =>
    protect(request, services, work);
  return new Elysia({ name: "uma-policies" })
    .post("/policies", ({ request }) => answer(request, create), {
      parse: "none",
      detail: docs.createPolicy,
    })
    .get("/policies", ({ request }) => answer(request, list), { detail: docs.listPolicies })
    .put("/policies", ({ request }) => answer(request, (caller) => replace(caller)), {
      parse: "none",
      detail: docs.replacePolicyByBody,
    })
    .post("/policies/.search", ({ request }) => answer(request, search), {
      parse: "none",
      detail: docs.searchPolicies,
    })
    .get(
      "/policies/:id",
      ({ request, params }) => answer(request, (caller) => read(caller, params.id)),
      { detail: docs.readPolicy },
    )
    .put(
      "/policies/:id",
      ({ request, params }) => answer(request, (caller) => replace(caller, params.id)),
      { parse: "none", detail: docs.replacePolicy },
    )
    .delete(
      "/policies/:id",
      ({ request, params }) => answer(request, (caller) => remove(caller, params.id)),
      { detail: docs.deletePolicy },
    )
    .post(
      "/policies/:id/resources",
      ({ request, params }) => answer(request, (caller) => addResources(caller, params.id)),
      { parse: "none", detail: docs.addPolicyResources },
    )
    .delete(
      "/policies/:id/resources/:resource",
      ({ request, params }) => answer(request, (caller) => removeResource(caller, params)),
      { detail: docs.removePolicyResource },
    );
}

async function create(caller: Caller): Promise<Response> {
  const { services } = caller;
  const { family, rules, resourceIds } = await bodyOfPolicy(caller);
  const resources = await resourcesOf(caller, resourceIds);
  checkRules(rules, resources);
  const now = services.now();
  const policy: UmaPolicy = {
    id: newId(),
    resourceServerId: caller.client.id,
    userId: resources[0]?.userId ?? null,
    family,
    rules,
    version: 1,
    createdAt: now,
    updatedAt: now,
    resourceIds,
  };
  if (!(await services.store.insertUmaPolicy(policy))) throw changedMeanwhile();
  const location = `${services.issuer}${POLICY_PATH}/${policy.id}`;
  const headers = { Location: location, ETag: entityTag(policy.version) };
  return answerJson({ policy: policy.id }, { status: 201, headers });
}

async function list({ holding, request, services }: Caller): Promise<Response> {
  const page = queryPage(request);
  const { policies, total } = await services.store.searchUmaPolicies(holding, {}, page);
  const ids = policies.map(({ id }) => id);
  return answerList(ids, { path: POLICY_PATH, page, total, issuer: services.issuer });
}

async function read(caller: Caller, id: string): Promise<Response> {
  const policy = await find(caller, id);
  const headers = { ETag: entityTag(policy.version) };
  return isUnchanged(caller.request.headers, policy.version)
    ? answerEmpty(304, headers)
    : answerJson(describePolicy(policy), { headers });
}

async function replace(caller: Caller, id?: string): Promise<Response> {
  const body = await bodyOfPolicy(caller);
  const policy = await find(caller, targetOf(body, id));
  requireVersion(caller.request.headers, policy.version);
  const resources = await resourcesOf(caller, body.resourceIds, policy);
  checkRules(body.rules, resources);
  return write(caller, policy, body);
}

async function addResources(caller: Caller, id: string): Promise<Response> {
  const added = readPolicyResources(await bodyOf(caller));
  const policy = await find(caller, id);
  requireVersion(caller.request.headers, policy.version);
  const resourceIds = [...new Set([...policy.resourceIds, ...added])];
  if (resourceIds.length > RESOURCES_MAX) throw malformedParameter("resources");
  checkRules(policy.rules, await resourcesOf(caller, added, policy));
  return write(caller, policy, { ...policy, resourceIds });
}

async function removeResource(
  caller: Caller,
  { id, resource }: { readonly id: string; readonly resource: string },
): Promise<Response> {
  const policy = await find(caller, id);
  requireVersion(caller.request.headers, policy.version);
  if (!policy.resourceIds.includes(resource)) throw new OAuthError("uma_resource_unknown");
  const resourceIds = policy.resourceIds.filter((one) => one !== resource);
  return write(caller, policy, { ...policy, resourceIds });
}

/** Writes what the policy is to be over what it was, as it was read. */
async function write(
  { services }: Caller,
  policy: UmaPolicy,
  { family, rules, resourceIds }: Pick<UmaPolicy, "family" | "rules" | "resourceIds">,
): Promise<Response> {
  const change = { family, rules, resourceIds, updatedAt: services.now() };
  if (!(await services.store.updateUmaPolicy(policy, change))) throw changedMeanwhile();
  return answerEmpty(204, { ETag: entityTag(policy.version + 1) });
}

async function remove(caller: Caller, id: string): Promise<Response> {
  const policy = await find(caller, id);
  requireVersion(caller.request.headers, policy.version);
  if (!(await caller.services.store.deleteUmaPolicy(policy))) throw changedMeanwhile();
  return answerEmpty(204);
}

const checkSearch = checkerOf(PolicySearchSchema);

async function search(caller: Caller): Promise<Response> {
  const { holding, services } = caller;
  const { ids, resource_ids, resource_set_ids, ...page } = checkSearch(await bodyOf(caller));
  const wanted = pageOf(page);
  const filter = { ids, resourceIds: resource_ids ?? resource_set_ids };
  const found = await services.store.searchUmaPolicies(holding, filter, wanted);
  return answerJson({
    content: found.policies.map(describePolicy),
    count: found.total,
    start_index: wanted.start,
  });
}

async function bodyOfPolicy(caller: Caller): Promise<PolicyBody> {
  const { issuer, settings } = caller.services;
  return readPolicy(await bodyOf(caller), [issuer, ...settings.umaClaimTokenIssuers]);
}

async function find({ holding, services }: Caller, id: string): Promise<UmaPolicy> {
  const policy = await services.store.findUmaPolicy(pathId(id, "uma_policy_unknown"), holding);
  if (!policy) throw new OAuthError("uma_policy_unknown");
  return policy;
}

/** The body may name the policy, and must where the path does not; both must be one (attack 67). */
function targetOf({ id: named }: PolicyBody, id = named): string {
  if (id === undefined) throw memberMissing("policy");
  if (named !== undefined && named !== id) throw malformedParameter("policy");
  return id;
}

const changedMeanwhile = () =>
  new OAuthError("uma_precondition_failed", { cause: "changed meanwhile" });
