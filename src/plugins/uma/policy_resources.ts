import { OAuthError } from "../../plugin.ts";
import type { PolicyRule } from "../../protocol/permission.ts";
import { isId } from "../../services/ids.ts";
import type { UmaPolicy } from "../../store/uma_policies.ts";
import type { UmaResource } from "../../store/uma_resources.ts";
import type { Caller } from "./protection.ts";

/**
 * The resources of a policy: all the caller's, and all of one owner, the policy's own where there is
 * one. What is another's is answered like what is not there (attack 67).
 */
export async function resourcesOf(
  { holding, services }: Caller,
  ids: readonly string[],
  policy?: Pick<UmaPolicy, "userId">,
): Promise<readonly UmaResource[]> {
  const known = ids.filter(isId);
  const filter = { ids: known };
  const page = { start: 0, count: ids.length };
  const { resources } = await services.store.searchUmaResources(holding, filter, page);
  const resourceById = new Map(resources.map((resource) => [resource.id, resource]));
  const owner = policy ? policy.userId : resourceById.get(ids[0] ?? "")?.userId;
  return ids.map((id) => {
    const resource = resourceById.get(id);
    if (!resource || resource.userId !== owner) {
      throw new OAuthError("uma_resource_set_invalid", { values: [id] });
    }
    return resource;
  });
}

/** Throws `uma_policy_scope_invalid` or `uma_consent_impossible` for rules that fit the resources ill. */
export function checkRules(rules: readonly PolicyRule[], resources: readonly UmaResource[]): void {
  for (const { scopes, consentNeeded } of rules) {
    const fits = (resource: UmaResource) =>
      scopes.every((scope) => resource.scopes.includes(scope));
    if (!resources.every(fits)) throw new OAuthError("uma_policy_scope_invalid");
    if (consentNeeded && resources.some(({ userId }) => userId === null)) {
      throw new OAuthError("uma_consent_impossible");
    }
  }
}

/** A policy in the names that it was written in. */
export function describePolicy({ id, family, rules, resourceIds }: UmaPolicy) {
  return {
    policy: id,
    [family === "seed" ? "resource_set_ids" : "resource_ids"]: resourceIds,
    rules: rules.map(({ clients, scopes, claims, consentNeeded, provider }) => ({
      clients,
      scopes,
      claims,
      consent_needed: consentNeeded,
      ...(provider !== undefined && { provider }),
    })),
  };
}
