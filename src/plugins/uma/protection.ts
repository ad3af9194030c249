import { bearerRefusal, requireBearer } from "../../http/bearer.ts";
import { readJsonValue } from "../../http/read_json.ts";
import { NO_STORE } from "../../http/responses.ts";
import type { Client, Services } from "../../plugin.ts";
import { answering, OAuthError } from "../../protocol/oauth_error.ts";
import { SEARCH_MAX } from "../../protocol/uma_bodies.ts";
import { isId } from "../../services/ids.ts";
import { userOfSubject } from "../../services/subjects.ts";
import type { Holding, Page } from "../../store/uma_resources.ts";

/** The scope of access tokens for the protection API (UMA 2.0 Federated Authorization §1.3). */
export const PROTECTION_SCOPE = "uma_protection";

/** Where a user finds what he owns, who asks for it and who has it. */
export const OWNER_PATH = "/account/resources";

/**
 * Who calls the protection API. An access token of a user sees what the client registered for that
 * user; a client's own sees what the client registered for itself, and with `uma_owner_delegation`
 * for anybody. What another client registered is never there, whoever owns it.
 */
export interface Caller {
  readonly client: Client;
  readonly holding: Holding;
  readonly request: Request;
  readonly services: Services;
}

/** Answers a request to the protection API whose access token is good (RFC 6750). */
export async function protect(
  request: Request,
  services: Services,
  answer: (caller: Caller) => Promise<Response>,
): Promise<Response> {
  const { claims, scheme } = await requireBearer(request, { scope: PROTECTION_SCOPE, services });
  const { client_id: clientId, authorization_id: authorizationId } = claims;
  return answering({ dialect: "oauth", clientId }, async () => {
    const client = await services.store.findClient(clientId);
    const holding = client && (await holdingOf(client, authorizationId, services));
    if (!client || !holding) {
      const details = { scope: PROTECTION_SCOPE, scheme, cause: "no user" };
      throw bearerRefusal("bearer_incorrect", details, services);
    }
    return answer({ client, holding, request, services });
  });
}

/** What the token governs; undefined for a subject that is no user of ours. */
async function holdingOf(
  client: Client,
  authorizationId: string | undefined,
  { store }: Services,
): Promise<Holding | undefined> {
  const resourceServerId = client.id;
  if (authorizationId === undefined) {
    const delegated = client.metadata.uma_owner_delegation === true;
    return delegated ? { resourceServerId } : { resourceServerId, userId: null };
  }
  const userId = (await store.findAuthorization(authorizationId))?.userId ?? undefined;
  return userId === undefined ? undefined : { resourceServerId, userId };
}

/**
 * The owner of a new resource: the token's user; without one the client itself, or whom it names
 * where it may (decisions D7). Throws `uma_owner_refused` or `uma_owner_unknown`.
 */
export async function ownerOf(
  { client, holding, services }: Caller,
  named: string | undefined,
): Promise<string | null> {
  const { userId } = holding;
  if (named === undefined) return userId ?? null;
  const refusal = new OAuthError("uma_owner_refused", { values: [client.id] });
  if (userId === null) throw refusal;
  const owner = await userOfSubject(client, named, services.store);
  // A token of one user is told nothing of another, not even whether there is one.
  if (userId !== undefined && owner?.id !== userId) throw refusal;
  if (!owner || owner.disabledAt !== null) throw new OAuthError("uma_owner_unknown");
  return owner.id;
}

/** The body of a request, as JSON. */
export function bodyOf({ request }: Caller): Promise<unknown> {
  return readJsonValue(request);
}

/** An id out of a path, if it is written as ours are. Throws the row otherwise. */
export function pathId(text: string, code: "uma_resource_unknown" | "uma_policy_unknown"): string {
  if (!isId(text)) throw new OAuthError(code);
  return text;
}

/** The part of what is found that a search asks for. */
export function pageOf({ start_index: start = 0, count = SEARCH_MAX }: PageMembers): Page {
  return { start, count };
}

interface PageMembers {
  readonly start_index?: number | undefined;
  readonly count?: number | undefined;
}

/** A JSON answer that is the caller's only. */
export function answerJson(
  body: unknown,
  { status = 200, headers = {} }: { status?: number; headers?: Record<string, string> } = {},
): Response {
  return Response.json(body, { status, headers: { ...NO_STORE, ...headers } });
}

/** An answer without a body. */
export function answerEmpty(status: 204 | 304, headers: Record<string, string> = {}): Response {
  return new Response(null, { status, headers: { ...NO_STORE, ...headers } });
}

/** A list of ids, and where it goes on (RFC 8288). */
export function answerList(
  ids: readonly string[],
  {
    path,
    page,
    total,
    issuer,
  }: {
    readonly path: string;
    readonly page: Page;
    readonly total: number;
    readonly issuer: string;
  },
): Response {
  const next = page.start + page.count;
  const link = `<${issuer}${path}?start_index=${next}&count=${page.count}>; rel="next"`;
  return answerJson(ids, next < total ? { headers: { Link: link } } : {});
}
