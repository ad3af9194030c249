/**
 * The one real client of Challenger, as challenger.md B.6 describes it: the exchange's `oauth2` plugin
 * and its converter, no more forgiving than they are.
 */
import { afterAll } from "bun:test";
import { freePort } from "../support/databases.ts";

/** `KYC_OAUTH2_…` of the exchange's configuration. */
export interface ExchangeConfiguration {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Ends in `#setup`. */
  readonly authorizeUrl: string;
  readonly tokenUrl: string;
  readonly infoUrl: string;
}

/** What the exchange learns of a user. */
export interface Attributes {
  readonly id: string;
  readonly email: string;
  readonly expiration: number;
}

/** The exchange: a site of its own, where users come back to. */
export interface Exchange {
  readonly redirectUri: string;
  /** Step 1 and the URL of step 2, for an account. */
  begin(configuration: ExchangeConfiguration, account: string, initial?: object): Promise<string>;
  /** What came of an account: attributes, or why there are none. */
  outcomeOf(account: string): Attributes | Failure | undefined;
}

/** What the exchange shows where it cannot go on. */
export interface Failure {
  readonly failure: string;
}

/** Starts the exchange's site; it runs until the test file ends. */
export async function startExchange(): Promise<Exchange> {
  const port = await freePort();
  const redirectUri = `http://127.0.0.1:${port}/kyc-proof/mail`;
  const configurations = new Map<string, ExchangeConfiguration>();
  const outcomes = new Map<string, Attributes | Failure>();
  const site = Bun.serve({
    port,
    hostname: "127.0.0.1",
    async fetch(request) {
      const query = new URL(request.url).searchParams;
      const account = query.get("state") ?? "";
      const configuration = configurations.get(account);
      if (!configuration) return new Response("unknown account", { status: 404 });
      outcomes.set(account, await proof(query, configuration, redirectUri));
      return new Response("done");
    },
  });
  afterAll(() => site.stop(true));
  return {
    redirectUri,
    outcomeOf: (account) => outcomes.get(account),
    async begin(configuration, account, initial) {
      configurations.set(account, configuration);
      const nonce = await setup(configuration, initial);
      const base = configuration.authorizeUrl.replace(/#setup$/, "");
      const query = `response_type=code&client_id=${configuration.clientId}&redirect_uri=${encodeURIComponent(redirectUri)}&state=${account}`;
      return `${base}/${nonce}?${query}`;
    },
  };
}

/** Step 1: only 200 with a text `nonce` will do. */
async function setup(
  { authorizeUrl, clientId, clientSecret }: ExchangeConfiguration,
  initial: object | undefined,
): Promise<string> {
  if (!authorizeUrl.endsWith("#setup")) throw new TypeError("setup mode is chosen by #setup");
  const base = authorizeUrl.slice(0, authorizeUrl.lastIndexOf("/"));
  const response = await fetch(`${base}/setup/${clientId}`, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${clientSecret}`,
      ...(initial && { "Content-Type": "application/json" }),
    },
    ...(initial && { body: JSON.stringify(initial) }),
  });
  const body = await objectOf(response);
  if (response.status !== 200 || typeof body["nonce"] !== "string") {
    throw new Error(`setup failed: ${response.status} ${JSON.stringify(body)}`);
  }
  return body["nonce"];
}

/** Steps 3 to 6, when the user comes back. */
async function proof(
  query: URLSearchParams,
  configuration: ExchangeConfiguration,
  redirectUri: string,
): Promise<Attributes | Failure> {
  const code = query.get("code");
  if (code === null) return { failure: query.get("error") ?? "malformed" };
  const response = await fetch(configuration.tokenUrl, {
    method: "POST",
    // As curl_easy_escape writes them, in its order.
    body: Object.entries({
      client_id: configuration.clientId,
      redirect_uri: redirectUri,
      state: query.get("state") ?? "",
      client_secret: configuration.clientSecret,
      code,
      grant_type: "authorization_code",
    })
      .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
      .join("&"),
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
  });
  const tokens = await objectOf(response);
  if (response.status !== 200) return failureOf(tokens);
  const { access_token: token, token_type: type, expires_in: lifetime } = tokens;
  const wellFormed =
    typeof token === "string" &&
    !/[\n\r ;]/.test(token) &&
    String(type).toLowerCase() === "bearer" &&
    (lifetime === undefined || Number.isInteger(lifetime));
  return wellFormed ? fetchAttributes(configuration.infoUrl, token) : { failure: "malformed" };
}

async function fetchAttributes(infoUrl: string, token: string): Promise<Attributes | Failure> {
  const response = await fetch(infoUrl, { headers: { Authorization: `Bearer ${token}` } });
  const info = await objectOf(response);
  return response.status === 200 ? convert(info) : failureOf(info);
}

/** `taler-exchange-kyc-oauth2-challenger.sh`, by what it reads. */
function convert(info: Record<string, unknown>): Attributes | Failure {
  const { id, address, address_type: type, address_expiration: expiration } = info;
  if (type !== "email") return { failure: `address_type ${type}` };
  const { CONTACT_EMAIL: email } = address as Record<string, string>;
  const { t_s: seconds } = expiration as Record<string, number>;
  if (id === undefined || email === undefined || seconds === undefined) {
    return { failure: "malformed" };
  }
  return { id: String(id), email, expiration: seconds };
}

/** Errors are shown only with both texts; else the exchange reports 502. */
function failureOf({ error, error_description: text }: Record<string, unknown>): Failure {
  const complete = typeof error === "string" && typeof text === "string";
  return { failure: complete ? `${error}: ${text}` : "502 malformed" };
}

async function objectOf(response: Response): Promise<Record<string, unknown>> {
  return (await response.json()) as Record<string, unknown>;
}
