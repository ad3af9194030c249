import { type Static, Type as t } from "@sinclair/typebox";
import { malformedParameter, OAuthError } from "./oauth_error.ts";
import {
  isResourceScope,
  type PolicyRule,
  RESOURCE_SCOPE_LENGTH_MAX,
  RESOURCE_SCOPES_MAX,
} from "./permission.ts";
import { checkerOf, memberMissing, type NameFamily, withoutNull } from "./uma_bodies.ts";

const text = t.String({ minLength: 1, maxLength: 255 });
const ids = t.Array(text, { maxItems: 100 });

/** One rule of a policy, as it is sent. */
export const RuleBodySchema = t.Object({
  clients: t.Optional(t.Array(text, { maxItems: 100 })),
  scopes: t.Optional(
    t.Array(t.String({ maxLength: RESOURCE_SCOPE_LENGTH_MAX }), { maxItems: RESOURCE_SCOPES_MAX }),
  ),
  claims: t.Optional(
    t.Array(t.Object({ type: text, value: t.String({ maxLength: 1_000 }) }), { maxItems: 20 }),
  ),
  consent_needed: t.Optional(t.Boolean()),
  script: t.Optional(t.String({ maxLength: 10_000 })),
  provider: t.Optional(t.String({ maxLength: 2_048 })),
});

/** A policy, as it is sent; `resource_set_ids` or `resource_ids` is needed. */
export const PolicyBodySchema = t.Object({
  policy: t.Optional(text),
  resource_set_ids: t.Optional(ids),
  resource_ids: t.Optional(ids),
  rules: t.Optional(t.Array(RuleBodySchema, { maxItems: 50 })),
});

/** Resources to add to a policy. */
export const PolicyResourcesSchema = t.Object({ resources: t.Optional(ids) });

/** What a policy says. */
export interface PolicyBody {
  readonly family: NameFamily;
  readonly id: string | undefined;
  readonly resourceIds: readonly string[];
  readonly rules: readonly PolicyRule[];
}

const checkPolicy = checkerOf(PolicyBodySchema);
const checkResources = checkerOf(PolicyResourcesSchema);

/**
 * Reads a policy. `providers` are the issuers whose claims can be known here. Throws
 * `uma_member_missing`, `parameter_malformed`, `uma_script_refused`, `uma_provider_unknown`.
 */
export function readPolicy(body: unknown, providers: readonly string[]): PolicyBody {
  const given = checkPolicy(withRules(body));
  const { resource_set_ids: setIds, resource_ids: ids } = given;
  if (setIds !== undefined && ids !== undefined) throw malformedParameter("resource_ids");
  const resourceIds = setIds ?? ids ?? [];
  const family = ids === undefined ? "seed" : "uma2";
  if (resourceIds.length === 0) {
    throw memberMissing(family === "seed" ? "resource_set_ids" : "resource_ids");
  }
  if (!given.rules?.length) throw memberMissing("rules");
  return {
    family,
    id: given.policy,
    resourceIds: [...new Set(resourceIds)],
    rules: given.rules.map((rule) => readRule(rule, providers)),
  };
}

/** The ids of resources that are added to a policy. Throws `uma_member_missing`, `parameter_malformed`. */
export function readPolicyResources(body: unknown): readonly string[] {
  const { resources = [] } = checkResources(body);
  if (resources.length === 0) throw memberMissing("resources");
  return [...new Set(resources)];
}

/** The body with the nulls of its rules left out, too. */
function withRules(body: unknown): Readonly<Record<string, unknown>> {
  const given = withoutNull(body);
  const { rules } = given;
  if (!Array.isArray(rules)) return given;
  return { ...given, rules: rules.map(withoutNull) };
}

function readRule(given: Static<typeof RuleBodySchema>, providers: readonly string[]): PolicyRule {
  const { clients = [], scopes = [], claims = [], consent_needed: consentNeeded = false } = given;
  if (!scopes.every(isResourceScope)) throw malformedParameter("rules.scopes");
  if ((given.script ?? "").trim() !== "") throw new OAuthError("uma_script_refused");
  const provider = given.provider?.trim() ?? "";
  if (provider !== "" && !providers.includes(provider)) {
    throw new OAuthError("uma_provider_unknown");
  }
  return {
    clients: [...new Set(clients)],
    scopes: [...new Set(scopes)],
    claims: claims.map(({ type, value }) => ({ type, value })),
    consentNeeded,
    ...(provider !== "" && { provider }),
  };
}
