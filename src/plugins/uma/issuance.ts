import { type Client, type Issuance, newId, OAuthError } from "../../plugin.ts";
import type { Asker, Verdict } from "../../protocol/uma_policy.ts";
import { newAuthorization } from "../../services/issue_tokens.ts";
import { permissionClaims } from "../../services/requesting_party_token.ts";
import { subjectFor } from "../../services/subjects.ts";
import type { Gathered } from "../../services/uma_evaluation.ts";
import type { LivePermission } from "../../store/uma_tickets.ts";
import type { GrantAnswers, Presented } from "./grant_answers.ts";
import { tokenPermissions } from "./token_permissions.ts";

/** A ticket that was judged, and all that its judgement rests on. */
export interface Judged {
  readonly answers: GrantAnswers;
  readonly asker: Asker;
  readonly gathered: Gathered;
  readonly presented: Presented;
}

/** What is issued; the ticket is spent with it, in one write that holds all it rests on. */
export async function issuanceOf({
  verdict,
  earlier,
  ...judged
}: Judged & {
  readonly verdict: Extract<Verdict, { kind: "granted" }>;
  readonly earlier: readonly LivePermission[];
}): Promise<Issuance> {
  const { asker, gathered, presented } = judged;
  const { client, keeper, ticket, now, services } = presented;
  const userId = asker.party?.userId;
  const lifetimeSeconds = services.settings.rptLifetimeSeconds;
  const about = {
    subject: userId === undefined ? client.id : subjectFor(client, { id: userId }, services),
    ...(userId !== undefined && { userId }),
    scope: [],
    refresh: false,
  };
  const begun = newAuthorization(client, about, { resource: [], services });
  const authorization = { ...begun, id: newId(), createdAt: now, expiresAt: now + lifetimeSeconds };
  const frame = {
    authorizationId: authorization.id,
    party: asker.party,
    expiresAt: authorization.expiresAt,
  };
  const { permissions, carried, carriedResources } = tokenPermissions(
    verdict.permissions,
    earlier,
    {
      presented,
      frame,
      added: asker.added,
    },
  );
  const resources = [...gathered.resources, ...carriedResources];
  return {
    ...about,
    authorization,
    audience: audienceOf(keeper),
    lifetimeSeconds,
    claims: { ...permissionClaims(permissions) },
    ...(carried.length > 0 && { extra: { upgraded: true } }),
    async spend() {
      const grant = { ticketKey: ticket.key, authorization, permissions, resources, carried };
      if (!(await services.store.grantUmaTicket(grant))) await refuseOutpaced(judged);
      await services.audit.record("permission.granted", {
        clientId: client.id,
        userId,
        details: { resource_ids: permissions.map(({ resourceId }) => resourceId) },
      });
      return {};
    },
  };
}

/** Somebody was faster: another request with the ticket, or an owner who changed what it rested on. */
async function refuseOutpaced({
  answers,
  presented: { ticket, client, services },
}: Judged): Promise<never> {
  const kept = await services.store.findUmaTicket(ticket.key);
  throw kept && (kept.clientId ?? client.id) === client.id
    ? new OAuthError("policy_unsatisfied", { cause: "changed meanwhile" })
    : new OAuthError(answers.unknownTicket, { cause: "spent" });
}

/** Most characters of all audiences of a token. */
const AUDIENCE_LENGTH_MAX = 2048;

/** The resource server by its resources, or by its id where it has none, or too many for a token. */
function audienceOf({ id, resources }: Client): readonly string[] {
  const bounded = resources.length > 0 && resources.join(" ").length <= AUDIENCE_LENGTH_MAX;
  return bounded ? resources : [id];
}
