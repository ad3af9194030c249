/** Requests that must be refused by the front channel, OpenID Connect, codes and registration. */
import type { ErrorCode } from "../src/protocol/catalogue.ts";
import {
  type SCENARIOS,
  type Scenario,
  type Sent,
  send,
  type Walk,
} from "./catalogue_scenarios.ts";
import { openBrowser } from "./support/browser.ts";
import { REDIRECT_URI } from "./support/codes.ts";
import { signInAs } from "./support/openid.ts";

const ASKED = { response_type: "code", redirect_uri: REDIRECT_URI, scope: "api1" };
const METADATA = { redirect_uris: ["https://new.example/cb"] };

/** A pushed authorization request with one thing wrong. */
const push =
  (fields: Readonly<Record<string, string>>): Scenario =>
  (walk) =>
    send(walk, { ...ASKED, ...fields }, { path: "/par" });

/** A request as a program sends it: it gets JSON, not a page. */
const get =
  (path: string, headers: Readonly<Record<string, string>> = {}): Scenario =>
  ({ dialect }) => ({
    request: new Request(`http://localhost${path.replaceAll("{dialect}", dialect)}`, { headers }),
    client: dialect,
  });

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

const register =
  (body: unknown): Scenario =>
  ({ dialect }) => ({
    request: new Request("http://localhost/register", {
      method: "POST",
      body: typeof body === "string" ? body : JSON.stringify(body),
      headers: { "Content-Type": "application/json" },
    }),
    client: dialect,
  });

/** A form of our own page, or of another site's. */
function submit(walk: Walk, fields: Readonly<Record<string, string>>, site: string): Sent {
  const headers = { "Sec-Fetch-Site": site };
  return send(walk, new URLSearchParams(fields).toString(), { path: "/login", headers });
}

/** The id of a user of the walk. */
async function idOf({ server }: Walk, username: string): Promise<string> {
  const user = await server.services.store.findUserByIdentifier(username);
  if (!user) throw new TypeError(`No user ${username}`);
  return user.id;
}

/** The token response of a client of the walk. */
async function tokens(walk: Walk, fields: Readonly<Record<string, string>>) {
  const response = await walk.server.server.handle(send(walk, fields, { client: "web" }).request);
  return (await response.json()) as { access_token: string; id_token: string };
}

const PASSWORD = { grant_type: "password", username: "ada", password: "lovelace" };

/** What brings out each row that is an answer. */
export const BROWSER_SCENARIOS: typeof SCENARIOS = {
  redirect_uri_unregistered: [
    push({ redirect_uri: `${REDIRECT_URI}/` }),
    get("/authorize?client_id={dialect}-app&redirect_uri=https://evil.example/"),
  ],
  response_type_unsupported: [push({ response_type: "token" })],
  response_mode_unsupported: [push({ response_mode: "web_message" })],
  pkce_required: [
    (walk) => send(walk, ASKED, { path: "/par", client: "public", by: "nothing" }),
    (walk) =>
      send(
        walk,
        { ...ASKED, code_challenge_method: "S256" },
        { path: "/par", client: "public", by: "nothing" },
      ),
  ],
  request_object_unsupported: [push({ request: "e30.e30." })],
  request_uri_pushed: [push({ request_uri: "urn:ietf:params:oauth:request_uri:x" })],
  request_uri_incorrect: [
    get("/authorize?client_id={dialect}-app&request_uri=urn:ietf:params:oauth:request_uri:x"),
  ],
  interaction_unknown: [get("/authorize?interaction=x"), get("/consent?interaction=x")],
  navigation_missing: [get("/authorize?client_id={dialect}-app", { "Sec-Fetch-Mode": "no-cors" })],
  foreign_origin: [(walk) => submit(walk, { identifier: "ada" }, "cross-site")],
  delivery_failed: [
    (walk) => submit(walk, { identifier: "grace", password: "hopper" }, "same-origin"),
  ],
  confirmation_refused: [(walk) => send(walk, { email: "ada@example.org" }, { path: "/code" })],
  bearer_missing: [get("/userinfo"), get("/userinfo", { Authorization: "Basic x" })],
  bearer_incorrect: [get("/userinfo", bearer("x"))],
  bearer_several: [
    (walk) => send(walk, "access_token=x", { path: "/userinfo", headers: bearer("x") }),
  ],
  bearer_scope_insufficient: [
    async (walk) => {
      const { access_token } = await tokens(walk, { ...PASSWORD, scope: "api1" });
      return get("/userinfo", bearer(access_token))(walk);
    },
  ],
  post_logout_redirect_uri_unregistered: [
    get("/logout?client_id={dialect}-app&post_logout_redirect_uri=https://evil.example/"),
  ],
  logout_client_mismatch: [
    async (walk) => {
      const { id_token } = await tokens(walk, { ...PASSWORD, scope: "openid" });
      return get(`/logout?client_id={dialect}-app&id_token_hint=${id_token}`)(walk);
    },
  ],
  logout_expired: [get("/logout?request=x")],
  json_unreadable: [register("{"), register("[]")],
  redirect_uri_refused: [register({ redirect_uris: ["javascript:alert(1)"] })],
  client_metadata_refused: [register({ ...METADATA, token_endpoint_auth_method: "magic" })],
  registration_token_incorrect: [
    get("/register/{dialect}-app"),
    get("/register/{dialect}-app", bearer("x")),
  ],
};

/** Where a browser ends that goes to the authorization endpoint. */
type Journey = (walk: Walk) => Promise<URL>;

/** How a browser goes there. */
interface Trip {
  /** Who is signed in. */
  readonly user?: string;
  readonly client?: string;
  /** The button of the consent page that is pressed. */
  readonly button?: string;
}

function journey(
  asked: Readonly<Record<string, string>>,
  { user, client = "web", button }: Trip = {},
): Journey {
  return async (walk) => {
    const browser = openBrowser(walk.server);
    if (user !== undefined) {
      const { cookie } = await signInAs(walk.server, await idOf(walk, user));
      const [name = "", value = ""] = cookie.split("=");
      browser.cookies.set(name, value);
    }
    const client_id = `${walk.dialect}-${client}`;
    const query = new URLSearchParams({ ...ASKED, state: "st", client_id, ...asked });
    const page = await browser.open(`/authorize?${query}`);
    return button === undefined ? page.url : (await browser.submit(page, {}, { button })).url;
  };
}

const acr = (value: string) => ({
  scope: "openid",
  claims: JSON.stringify({ id_token: { acr: { essential: true, value } } }),
});

const somebodyElse = {
  scope: "openid",
  claims: JSON.stringify({ id_token: { sub: { value: "somebody else" } } }),
};

/** What brings out each row that the client is told by a redirect. */
export const REDIRECTED: { readonly [K in ErrorCode]?: readonly Journey[] } = {
  login_required: [journey({ prompt: "none" })],
  consent_required: [journey({ prompt: "none" }, { user: "ada" })],
  interaction_required: [journey({ ...acr("urn:tessera:mfa"), prompt: "none" }, { user: "grace" })],
  account_selection_required: [journey({ ...somebodyElse, prompt: "none" }, { user: "ada" })],
  acr_unmet: [journey(acr("urn:tessera:mfa"), { user: "ada" })],
  consent_refused: [journey({}, { user: "ada", button: "refuse" })],
  pushed_request_required: [journey({}, { client: "pushing" })],
  request_uri_unsupported: [journey({ request_uri: "https://app.example/request" })],
};
