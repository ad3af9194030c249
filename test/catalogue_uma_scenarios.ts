/** Requests that must be refused by the protection API and by the grant of tickets. */
import type { ErrorCode } from "../src/protocol/catalogue.ts";
import { type Scenario, send, type Walk } from "./catalogue_scenarios.ts";
import { GRANT, ID_TOKEN } from "./support/uma.ts";

type Body = Readonly<Record<string, unknown>>;

const NOWHERE = "019bc1a2-7c00-7000-8000-000000000000";
const RESOURCE = { name: "Album", scopes: ["view"] };

/** An access token of a client of the walk, or of Ada there. */
async function pat(walk: Walk, client = "uma", user = false): Promise<string> {
  const ada = { grant_type: "password", username: "ada", password: "lovelace" };
  const form = { ...(user ? ada : { grant_type: "client_credentials" }), scope: "uma_protection" };
  const response = await walk.server.server.handle(send(walk, form, { client }).request);
  return ((await response.json()) as { access_token: string }).access_token;
}

interface Call {
  readonly method?: string;
  readonly body?: unknown;
  readonly client?: string;
  readonly user?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request to the protection API. */
const call =
  (path: string, { method = "POST", body, client = "uma", user, headers }: Call = {}): Scenario =>
  async (walk) => ({
    request: new Request(`http://localhost${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${await pat(walk, client, user)}`,
        ...(body !== undefined && { "Content-Type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }),
    client: `${walk.dialect}-${client}`,
  });

async function made(walk: Walk, path: string, how: Call): Promise<Record<string, string>> {
  const { request } = await call(path, how)(walk);
  return (await (await walk.server.server.handle(request)).json()) as Record<string, string>;
}

/** A resource of the client, or of Ada, with a policy of these rules. */
async function governed(walk: Walk, { rules = [] as readonly Body[], user = false } = {}) {
  const { _id: id = "" } = await made(walk, "/rs/resource_set", { body: RESOURCE, user });
  if (rules.length > 0) {
    await made(walk, "/policies", { body: { resource_set_ids: [id], rules }, user });
  }
  return id;
}

const policy =
  (rule: Body): Scenario =>
  async (walk) => {
    const resource_set_ids = [await governed(walk)];
    return call("/policies", { body: { resource_set_ids, rules: [rule] } })(walk);
  };

async function ticketFor(walk: Walk, id: string, user = false): Promise<string> {
  const body = { resource_set_id: id, scopes: ["view"] };
  return (await made(walk, "/perm", { body, user }))["ticket_id"] ?? "";
}

/** Redeems a ticket for a resource under such rules, by either name of the grant. */
const redeem =
  (family: keyof typeof GRANT, rules: readonly Body[], fields = {}, user = false): Scenario =>
  async (walk) => {
    const ticket = await ticketFor(walk, await governed(walk, { rules, user }), user);
    return send(walk, { grant_type: GRANT[family], ticket, ...fields });
  };

const ALLOWED = [{ scopes: ["view"] }];
const CLAIMS = [{ scopes: ["view"], claims: [{ type: "name", value: "x" }] }];
const CONSENT = [{ scopes: ["view"], consent_needed: true }];
const OTHERS = [{ scopes: ["view"], clients: ["nobody"] }];

const expired =
  (family: keyof typeof GRANT): Scenario =>
  async (walk) => {
    const { services } = walk.server;
    const ticket = services.secret.mintOpaque("ticket", services.now() - 300);
    await services.store.insertUmaTicket({
      key: ticket.key,
      resourceServerId: `${walk.dialect}-uma`,
      clientId: null,
      permissions: [{ resourceId: NOWHERE, scopes: ["view"] }],
      createdAt: services.now() - 300,
      expiresAt: services.now(),
    });
    return send(walk, { grant_type: GRANT[family], ticket: ticket.text });
  };

const gone: Scenario = async (walk) => {
  const id = await governed(walk);
  const ticket = await ticketFor(walk, id);
  const { request } = await call(`/rs/resource_set/${id}`, { method: "DELETE" })(walk);
  await walk.server.server.handle(request);
  return send(walk, { grant_type: GRANT.seed, ticket });
};

const stale =
  (headers: Readonly<Record<string, string>>, method = "PUT"): Scenario =>
  async (walk) => {
    const path = `/rs/resource_set/${await governed(walk)}`;
    return call(path, { method, ...(method === "PUT" && { body: RESOURCE }), headers })(walk);
  };

const ask = (body: unknown, path = "/perm") => call(path, { body });

const tooMuch: Scenario = async (walk) => {
  const scopes = Array.from({ length: 50 }, (_, index) => `${index}`.padEnd(100, "x"));
  const body = { ...RESOURCE, scopes };
  const { _id: id } = await made(walk, "/rs/resource_set", { body });
  return ask({ resource_set_id: id, scopes })(walk);
};

/** What brings each row out. */
export const UMA_SCENARIOS: { readonly [K in ErrorCode]?: readonly Scenario[] } = {
  uma_member_missing: [
    call("/rs/resource_set", { body: { name: "Album" } }),
    call("/rs/resource_set", { body: { ...RESOURCE, scopes: [] } }),
    ask({ resource_set_id: "nowhere", scopes: [] }),
    ask([{ resource_set_id: "nowhere" }], "/perm/bulk"),
  ],
  uma_url_malformed: ["album.png", "javascript:alert(1)", "//x.example/i.png"].map((icon_uri) =>
    call("/rs/resource_set", { body: { ...RESOURCE, icon_uri } }),
  ),
  uma_resource_unknown: [
    call("/rs/resource_set/nowhere", { method: "GET" }),
    call(`/rs/resource_set/${NOWHERE}`, { method: "DELETE" }),
    call(`/rs/resource_set/${NOWHERE}`, { method: "PUT", body: RESOURCE }),
  ],
  uma_policy_unknown: [
    call("/policies/nowhere", { method: "GET" }),
    call(`/policies/${NOWHERE}`, { method: "DELETE" }),
  ],
  uma_resource_set_invalid: [
    ask({ resource_set_id: "nowhere", scopes: ["view"] }),
    call("/policies", { body: { resource_set_ids: ["nowhere"], rules: ALLOWED } }),
  ],
  uma_resource_invalid: [ask({ resource_id: "nowhere", resource_scopes: ["view"] })],
  uma_scope_invalid: [
    async (walk) => ask({ resource_set_id: await governed(walk), scopes: ["VIEW"] })(walk),
  ],
  uma_policy_scope_invalid: [policy({ scopes: ["view", "print"] })],
  uma_script_refused: [policy({ scopes: ["view"], script: "return true" })],
  uma_provider_unknown: [policy({ scopes: ["view"], provider: "https://evil.example" })],
  uma_consent_impossible: [policy({ scopes: ["view"], consent_needed: true })],
  uma_owner_refused: [
    call("/rs/resource_set", { body: { ...RESOURCE, owner: NOWHERE } }),
    call("/rs/resource_set", { body: { ...RESOURCE, owner: NOWHERE }, user: true }),
  ],
  uma_owner_unknown: [
    call("/rs/resource_set", { body: { ...RESOURCE, owner: NOWHERE }, client: "delegated" }),
  ],
  uma_too_much: [tooMuch],
  uma_precondition_failed: [
    stale({ "If-Match": '"v2"' }),
    stale({ "If-Match": 'W/"v1"' }, "DELETE"),
    stale({ "If-Match": '"v2"' }, "GET"),
    stale({ "If-None-Match": "*" }),
  ],
  ticket_unknown: [(walk) => send(walk, { grant_type: GRANT.seed, ticket: "x" })],
  permission_ticket_unknown: [(walk) => send(walk, { grant_type: GRANT.uma2, ticket: "x" })],
  ticket_expired: [expired("seed")],
  permission_ticket_expired: [expired("uma2")],
  resources_gone: [gone],
  policy_unsatisfied: [[], CLAIMS, OTHERS].map((rules) => redeem("seed", rules)),
  rpt_incorrect: [
    redeem("seed", ALLOWED, { rpt: "x" }),
    async (walk) => redeem("uma2", ALLOWED, { rpt: await pat(walk) })(walk),
  ],
  need_info: [
    redeem("uma2", CLAIMS),
    redeem("uma2", ALLOWED, { claim_token: "x", claim_token_format: ID_TOKEN }),
  ],
  request_submitted: [redeem("uma2", CONSENT, {}, true)],
  request_denied: [redeem("uma2", []), redeem("uma2", OTHERS)],
};
