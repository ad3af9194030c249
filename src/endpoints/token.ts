import { Elysia } from "elysia";
import type { Grant, GrantRequest, TokenMount } from "../contracts.ts";
import {
  addresseeOf,
  authenticateClient,
  hasCredential,
  type NamedClient,
  nameClient,
} from "../http/authenticate_client.ts";
import type { Context } from "../http/context.ts";
import { callerAddress } from "../http/peer.ts";
import { readForm } from "../http/read_form.ts";
import { noStore } from "../http/responses.ts";
import { showSender } from "../http/sender_constraint.ts";
import type { Params } from "../protocol/form.ts";
import { answering, missingParameter, OAuthError } from "../protocol/oauth_error.ts";
import { checkResources, chooseResources } from "../protocol/resource.ts";
import { checkScopes, splitScope } from "../protocol/scope.ts";
import type { Settings } from "../protocol/settings.ts";
import { RESPONSE_MEMBERS, withoutReserved } from "../protocol/token_claims.ts";
import type { NamedGrant, RegisteredMount } from "../registry.ts";
import { auditIssue } from "../services/audit_issue.ts";
import { checkIssuance, type Issuance, type Spent } from "../services/issuance.ts";
import { issueTokens } from "../services/issue_tokens.ts";
import type { Services } from "../services/services.ts";
import { within } from "../services/within.ts";
import type { Client } from "../store/clients.ts";
import { tokenDocs } from "./token_docs.ts";

/** `POST /token` (RFC 6749 §3.2). */
export function tokenEndpoint(context: Context) {
  return new Elysia({ name: "token" }).post("/token", ({ request }) => token(request, context), {
    parse: "none",
    detail: tokenDocs(context),
  });
}

/** The same pipeline under a mount, for clients of one profile (decisions D2). */
export function mountedTokenEndpoint(
  { mount, registry }: RegisteredMount,
  { services }: Pick<Context, "services">,
) {
  return new Elysia({ name: `token ${mount.path}` }).post(
    mount.path,
    ({ request }) => {
      const context = { registry, services };
      return answering({ dialect: mount.profile, clientId: undefined }, () =>
        token(request, context, mount),
      );
    },
    { parse: "none", detail: mount.docs(services, registry) },
  );
}

/** The endpoint's whole control flow: the steps are the same for every grant, only `prove` differs. */
async function token(request: Request, context: Context, mount?: TokenMount): Promise<Response> {
  const { registry, services } = context;
  const form = await readForm(request, registry.tokenParameters);
  const named = await nameClient(request, form, { registry, services, profile: mount?.profile });
  return answering(addresseeOf(named), async () => {
    const { grantType, grant, names, parse } = registry.grantOf(form, named.client?.profile);
    const params = parse(form); // what is missing is said before who asks
    if (mount) checkNamed(named, mount);
    const { client, confirmation } = await authenticateClient(named, context);
    const sender = await showSender(request, { client, confirmation, services });
    checkGrant(client, { grantType, grant, names });
    const scope = requestedScope(form, client, grant);
    const call = { address: callerAddress(request, services.settings), now: services.now() };
    const asked = { client, grantType, params, scope, ...sender, ...call };
    const issuance = await prove(grant, asked, services);
    const resource = await judge(issuance, { client, form, settings: services.settings });
    const spent = await spend(issuance, services); // last, when all else is proven
    // All times are those before the proof: what ended a user's tokens since ends these too.
    const settled = { ...services, ...sender, now: () => call.now, resource, spent };
    const tokens = await issueTokens(client, issuance, settled);
    await auditIssue(services, { client, grantType, issuance });
    return noStore({ ...withoutReserved(issuance.extra, RESPONSE_MEMBERS), ...tokens });
  });
}

/** Lets the mount judge who is named; a credential that could not be read is judged later. */
function checkNamed(named: NamedClient, mount: TokenMount): void {
  if (named.fault) return;
  mount.checkNamed({ clientId: named.clientId ?? "", hasCredential: hasCredential(named) });
}

/** Throws `grant_type_refused` or `response_type_refused` (messages 22 and 23 of the seed). */
function checkGrant(
  client: Client,
  { grantType, grant, names }: Pick<NamedGrant, "grantType" | "grant" | "names">,
): void {
  const barred = grant.clients === "confidential" && client.authMethod === "none";
  if (barred || !names.some((name) => client.grantTypes.includes(name))) {
    throw new OAuthError("grant_type_refused", { values: [client.id, grantType] });
  }
  if (grantType === "authorization_code" && !client.responseTypes.includes("code")) {
    throw new OAuthError("response_type_refused", { values: [client.id, "code"] });
  }
}

/** The scopes asked for, or the client's default; message 4 where a grant needs them and neither is. */
function requestedScope(form: Params, client: Client, grant: Grant): readonly string[] {
  const takesScope = Object.hasOwn(grant.params.properties, "scope");
  if (takesScope && form.has("scope")) return splitScope(form.get("scope"));
  if (grant.scope !== "required") return [];
  if (client.defaultScopes === undefined) throw missingParameter("scope");
  return client.defaultScopes;
}

/** A plugin that thinks too long or throws something of its own is our fault, not the caller's. */
async function prove(
  grant: Grant,
  request: GrantRequest<unknown>,
  services: Services,
): Promise<Issuance> {
  const proved = await within(services.settings.pluginTimeoutSeconds, () =>
    grant.prove(request as GrantRequest<never>, services),
  );
  return checkIssuance(proved, request.client);
}

/** Spends what was proved; who loses a race is refused here. */
async function spend({ spend: gate }: Issuance, { settings }: Services): Promise<Spent> {
  return gate ? within(settings.pluginTimeoutSeconds, gate) : {};
}

/** Judges scope and resource after the proof, as the seed does; tells the grant when they fail. */
async function judge(
  issuance: Issuance,
  { client, form, settings }: { client: Client; form: Params; settings: Settings },
): Promise<readonly string[]> {
  try {
    checkScopes(issuance.scope, client.scopes);
    const requested = form.get("resource");
    const granted = issuance.audience ?? issuance.resource ?? client.allowedResources;
    const resource =
      requested === undefined ? (issuance.resource ?? []) : chooseResources(requested, granted);
    if (issuance.audience) return resource;
    checkResources(resource, client.allowedResources); // what was withdrawn since falls, as scopes do
    return resource;
  } catch (error) {
    if (issuance.refused) await within(settings.pluginTimeoutSeconds, issuance.refused);
    throw error;
  }
}
