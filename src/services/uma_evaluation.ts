import { DAY } from "../protocol/number_setting.ts";
import { OAuthError } from "../protocol/oauth_error.ts";
import type { Permission } from "../protocol/permission.ts";
import type { Party } from "../protocol/uma_party.ts";
import type { Line, Submission } from "../protocol/uma_policy.ts";
import type { UmaRequest } from "../store/uma_requests.ts";
import type { UmaResource } from "../store/uma_resources.ts";
import type { Services } from "./services.ts";
import { isGovernable, requestIdOf } from "./uma_owner.ts";

/** How long an owner may take to answer, and the ticket that waits for it lives, in seconds (D7). */
export const SUBMITTED_SECONDS = 7 * DAY;

/** Most policies that are looked at for one ticket; one that is not can only mean a refusal. */
const POLICIES_MAX = 500;

/** A ticket's lines with all that decides them, and the resources as they were read first. */
export interface Gathered {
  readonly lines: readonly Line[];
  readonly resources: readonly UmaResource[];
}

/**
 * Reads what decides over permissions. Resources come first: a grant holds them at the revision they
 * had before their policies were read. Throws `resources_gone`.
 */
export async function gather(
  permissions: readonly Permission[],
  { clientId, party }: { readonly clientId: string; readonly party: Party | undefined },
  { store, now }: Services,
): Promise<Gathered> {
  const ids = permissions.map(({ resourceId }) => resourceId);
  const resources = await store.findUmaResources(ids);
  const resourceById = new Map(resources.map((resource) => [resource.id, resource]));
  const asked = { clientId, parties: ["", ...(party ? [party.key] : [])] };
  const [policies, answers, governed] = await Promise.all([
    store.listUmaPoliciesOf(ids, POLICIES_MAX),
    store.listUmaDecisions(ids, asked, now()),
    governedOf(resources, store),
  ]);
  const lines = permissions.map(({ resourceId, scopes }): Line => {
    const resource = resourceById.get(resourceId);
    if (!resource) throw new OAuthError("resources_gone");
    return {
      resourceId,
      userId: resource.userId,
      resourceServerId: resource.resourceServerId,
      registered: resource.scopes,
      asked: scopes,
      policies: governed.has(resourceId)
        ? policies.filter(({ resourceIds }) => resourceIds.includes(resourceId))
        : [],
      answers: answers.filter((answer) => answer.resourceId === resourceId),
    };
  });
  return { lines, resources };
}

/** Ids of resources whose policies count: what belongs to a disabled owner is nobody's to give. */
async function governedOf(
  resources: readonly UmaResource[],
  store: Services["store"],
): Promise<ReadonlySet<string>> {
  const given = await Promise.all(resources.map((resource) => isGovernable(resource, { store })));
  return new Set(resources.flatMap(({ id }, index) => (given[index] === true ? [id] : [])));
}

/** Throws `scope_refused` for a scope that no resource of the ticket has (UMA 2.0 Grant §3.3.6). */
export function checkAddedScopes(added: readonly string[], lines: readonly Line[]): void {
  const strange = added.filter((scope) => !lines.some((line) => line.registered.includes(scope)));
  if (strange.length > 0) throw new OAuthError("scope_refused", { values: [strange.join(",")] });
}

/** The requests that an owner is asked; each once, however often it is asked. */
export function requestsOf(
  submissions: readonly Submission[],
  {
    clientId,
    party,
    resources,
  }: {
    readonly clientId: string;
    readonly party: Party | undefined;
    readonly resources: readonly UmaResource[];
  },
  now: number,
): readonly UmaRequest[] {
  return submissions.flatMap(({ resourceId, scopes, party: key }) => {
    const userId = resources.find(({ id }) => id === resourceId)?.userId ?? null;
    if (userId === null) return [];
    const asked = { resourceId, clientId, party: key, scopes };
    return [
      {
        ...asked,
        id: requestIdOf(asked),
        userId,
        partyName: key === "" ? "" : (party?.name ?? ""),
        partyUserId: key === "" ? null : (party?.userId ?? null),
        state: "pending" as const,
        createdAt: now,
        decidedAt: null,
        expiresAt: now + SUBMITTED_SECONDS,
      },
    ];
  });
}
