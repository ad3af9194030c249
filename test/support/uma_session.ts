/** A session of UMA with a server on a port: everything of it that must stay between the two. */
import { expect } from "bun:test";
import { basicHeader } from "./server.ts";
import { ID_TOKEN } from "./uma.ts";

interface Party {
  readonly issuer: string;
  readonly client: string;
  readonly secret: string;
  readonly username: string;
  readonly password: string;
}

type Body = Readonly<Record<string, string>>;

/** Runs it as a client that is its own resource server, and returns tickets and tokens. */
export async function runUmaSession(party: Party): Promise<readonly string[]> {
  const { issuer, client, secret, username, password } = party;
  const read = async (status: number, response: Promise<Response>): Promise<Body> => {
    const answer = await response;
    const body = (await answer.json()) as Body;
    expect([answer.status, JSON.stringify(body)]).toEqual([status, JSON.stringify(body)]);
    return body;
  };
  const token = (status: number, form: Record<string, string>) =>
    read(
      status,
      fetch(`${issuer}/token`, {
        method: "POST",
        body: new URLSearchParams(form),
        headers: { Authorization: basicHeader(client, secret) },
      }),
    );
  const user = { grant_type: "password", username, password };
  const { access_token: pat = "", id_token: claim_token = "" } = await token(200, {
    ...user,
    scope: "openid uma_protection",
  });
  const protect = (path: string, body: object) =>
    read(
      201,
      fetch(issuer + path, {
        method: "POST",
        body: JSON.stringify(body),
        headers: { Authorization: `Bearer ${pat}`, "Content-Type": "application/json" },
      }),
    );
  const { _id: id = "" } = await protect("/rs/resource_set", { resource_scopes: ["view"] });
  const rules = [{ scopes: ["view"], claims: [{ type: "name", value: "x" }] }];
  await protect("/policies", { resource_ids: [id], rules });
  const { ticket = "" } = await protect("/perm", { resource_id: id, resource_scopes: ["view"] });
  const grant = { grant_type: "urn:ietf:params:oauth:grant-type:uma-ticket" };
  const asked = await token(403, { ...grant, ticket });
  const next = asked["ticket"] ?? "";
  await token(400, { ...grant, ticket });
  const claims = { claim_token, claim_token_format: ID_TOKEN };
  const { access_token: rpt = "" } = await token(200, { ...grant, ticket: next, ...claims });
  const again = await protect("/perm", { resource_id: id, resource_scopes: ["view"] });
  await token(200, { ...grant, ticket: again["ticket"] ?? "", ...claims, rpt });
  return [pat, claim_token, ticket, next, rpt, again["ticket"] ?? ""];
}
