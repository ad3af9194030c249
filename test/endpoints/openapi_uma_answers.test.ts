/** What the protection API and the grant of tickets answer is what the document foresees. */
import { describe, setDefaultTimeout, test } from "bun:test";
import { ID_TOKEN, umaServer } from "../support/uma.ts";
import { documentOf, expectForeseen } from "./openapi_document.ts";

setDefaultTimeout(60_000);

const uma = await umaServer();
const document = await documentOf(uma);
const token = await uma.pat();
const ada = await uma.pat(undefined, "ada");

const RESOURCE = { name: "Album", scopes: ["view"] };
const NOWHERE = "019bc1a2-7c00-7000-8000-000000000000";

function send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  return uma.server.handle(
    new Request(`http://localhost${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${token}`,
        ...(body !== undefined && { "Content-Type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }),
  );
}

const resource = await uma.resource(token);
const policy = await uma.policy(token, resource);
const hers = await uma.resource(ada);
await uma.policy(ada, hers, { consent_needed: true });
const guarded = await uma.resource(token);
await uma.policy(token, guarded, { claims: [{ type: "name", value: "x" }] });

const at = "/rs/resource_set";
const byId = `${at}/{id}`;
const rule = { rules: [{ scopes: ["view"] }] };
const redeem = async (pat: string, id: string, form = {}) =>
  uma.post(
    "/token",
    {
      grant_type: "urn:ietf:params:oauth:grant-type:uma-ticket",
      ticket: await uma.ticket(pat, id),
      ...form,
    },
    { basic: ["printer", "printer-secret"] },
  );

/** The operation, and how to get its answer. */
const ANSWERS: readonly (readonly [operation: string, get: () => Promise<Response>])[] = [
  [`POST ${at}`, () => send("POST", at, RESOURCE)],
  [`POST ${at}`, () => send("POST", at, {})],
  [`POST ${at}`, () => send("POST", at, RESOURCE, { Authorization: "Bearer x" })],
  [`GET ${at}`, () => send("GET", at)],
  [`GET ${at}`, () => send("GET", `${at}?count=0`)],
  [`PUT ${at}`, () => send("PUT", at, { _id: resource, ...RESOURCE })],
  [`PUT ${at}`, () => send("PUT", at, RESOURCE)],
  [`POST ${at}/.search`, () => send("POST", `${at}/.search`, {})],
  [`GET ${byId}`, () => send("GET", `${at}/${resource}`)],
  [`GET ${byId}`, () => send("GET", `${at}/${resource}`, undefined, { "If-None-Match": "*" })],
  [`GET ${byId}`, () => send("GET", `${at}/${NOWHERE}`)],
  [`PUT ${byId}`, () => send("PUT", `${at}/${resource}`, { resource_scopes: ["view"] })],
  [`PUT ${byId}`, () => send("PUT", `${at}/${resource}`, RESOURCE, { "If-Match": '"v0"' })],
  [`DELETE ${byId}`, () => send("DELETE", `${at}/${NOWHERE}`)],
  ["POST /perm", () => send("POST", "/perm", { resource_set_id: resource, scopes: ["view"] })],
  ["POST /perm", () => send("POST", "/perm", { resource_id: NOWHERE, resource_scopes: ["view"] })],
  [
    "POST /perm/bulk",
    () => send("POST", "/perm/bulk", [{ resource_id: resource, resource_scopes: ["view"] }]),
  ],
  ["POST /perm/bulk", () => send("POST", "/perm/bulk", "x")],
  ["POST /policies", () => send("POST", "/policies", { resource_set_ids: [resource], ...rule })],
  ["POST /policies", () => send("POST", "/policies", { resource_ids: [NOWHERE], ...rule })],
  ["GET /policies", () => send("GET", "/policies")],
  ["GET /policies/{id}", () => send("GET", `/policies/${policy}`)],
  [
    "PUT /policies",
    () => send("PUT", "/policies", { policy: NOWHERE, resource_ids: [resource], ...rule }),
  ],
  [
    "PUT /policies/{id}",
    () => send("PUT", `/policies/${policy}`, { resource_ids: [resource], ...rule }),
  ],
  ["POST /policies/.search", () => send("POST", "/policies/.search", {})],
  [
    "POST /policies/{id}/resources",
    () => send("POST", `/policies/${policy}/resources`, { resources: [resource] }),
  ],
  [
    "DELETE /policies/{id}/resources/{resource}",
    () => send("DELETE", `/policies/${policy}/resources/${NOWHERE}`),
  ],
  ["POST /token", () => redeem(token, resource)],
  ["POST /token", () => redeem(token, guarded)],
  ["POST /token", () => redeem(token, guarded, { claim_token: "x", claim_token_format: ID_TOKEN })],
  ["POST /token", () => redeem(ada, hers)],
  ["GET /.well-known/uma2-configuration", () => uma.get("/.well-known/uma2-configuration")],
  [
    "POST /introspect",
    async () => {
      const { access_token } = (await (await redeem(token, resource)).json()) as Record<
        string,
        string
      >;
      const form = { token: access_token ?? "" };
      return uma.post("/introspect", form, { basic: ["photos", "photos-secret"] });
    },
  ],
];

describe("OpenAPI foresees what UMA answers", () => {
  test.each(ANSWERS.map(([operation, get], index) => [operation, index, get] as const))(
    "%s (%d)",
    async (operation, _, get) => expectForeseen(document, await get(), operation),
  );
});
