/** A server with the Challenger protocol, and the steps of its walk. */
import { expect } from "bun:test";
import { defineDelivery, definePlugin, t } from "../../src/plugin.ts";
import { challenger } from "../../src/plugins/challenger/plugin.ts";
import { ADDRESS_TYPE_NAMES } from "../../src/protocol/address.ts";
import { core } from "../../src/server.ts";
import { type TestServer, type TestServerOptions, testServer } from "../support/server.ts";

/** The client, as `challenger add` makes it. */
export const EXCHANGE = {
  id: "1",
  secret: "secret-token:exchange-secret",
  redirectUri: "https://exchange.example/kyc-proof/mail",
} as const;

/** The user's address. */
export const ADA = { CONTACT_EMAIL: "ada@mail.example" } as const;

/** One message that a carrier took. */
export interface Message {
  readonly address: Readonly<Record<string, string>>;
  readonly code: string;
  readonly language?: string;
}

/** The members of answers that tests read. */
export interface Answer {
  readonly status: number;
  readonly location: string | null;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The server and what was sent. */
export interface ChallengerTest extends TestServer {
  readonly prefix: string;
  readonly messages: readonly Message[];
  /** While true, the carrier refuses every message. */
  carrierFails: boolean;
}

/** What a test may choose. */
export interface ChallengerOptions extends TestServerOptions {
  readonly prefix?: string;
  readonly redirectUri?: string;
  readonly clientName?: string;
}

/** Opens a server with the client `1`, and `2` beside it. */
export async function challengerServer(options: ChallengerOptions = {}): Promise<ChallengerTest> {
  const { prefix = "/challenger", redirectUri = EXCHANGE.redirectUri, clientName } = options;
  const messages: Message[] = [];
  const state = { carrierFails: false };
  const carrier = (addressType: string) =>
    defineDelivery({
      addressType,
      address: t.Object({}),
      async send(message) {
        if (state.carrierFails) throw new Error("no carrier today");
        messages.push(message);
      },
    });
  const post = definePlugin({ name: "post", deliveries: ADDRESS_TYPE_NAMES.map(carrier) });
  // All of a file's processes are Ada's, within one hour of a clock that stands still.
  const settings = { challengePinsPerHour: 1000, ...options.settings };
  const plugins = [core, challenger(prefix), post];
  const server = await testServer({ ...options, settings, plugins });
  for (const id of [EXCHANGE.id, "2"]) {
    await server.addClient({
      client_id: id,
      client_secret: EXCHANGE.secret,
      profile: "challenger",
      redirect_uris: [redirectUri],
      ...(clientName !== undefined && { client_name: clientName }),
      grant_types: ["authorization_code"],
      token_endpoint_auth_method: "client_secret_post",
    });
  }
  return Object.assign(state, { ...server, prefix: prefix === "/" ? "" : prefix, messages });
}

/** Status and JSON body of an answer; one without body has none. */
export async function read(response: Response): Promise<Answer> {
  const text = await response.text();
  return {
    status: response.status,
    location: response.headers.get("location"),
    body: text === "" ? {} : JSON.parse(text),
  };
}

/** `POST /setup`, as the exchange sends it. */
export async function setup(
  { server, prefix }: ChallengerTest,
  {
    client = EXCHANGE.id,
    secret = EXCHANGE.secret,
    body,
  }: { client?: string; secret?: string; body?: unknown } = {},
): Promise<Answer> {
  const request = new Request(`http://localhost${prefix}/setup/${client}`, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${secret}`,
      ...(body !== undefined && { "Content-Type": "application/json" }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return read(await server.handle(request));
}

/** A new process; answers its nonce. */
export async function begin(test: ChallengerTest, body?: unknown): Promise<string> {
  const answer = await setup(test, { body });
  expect(answer.status).toBe(200);
  return String(answer.body["nonce"]);
}

/** `GET /authorize`. */
export async function authorize(
  { get, prefix }: ChallengerTest,
  nonce: string,
  changes: Readonly<Record<string, string | undefined>> = {},
): Promise<Answer> {
  const query = Object.entries({
    response_type: "code",
    client_id: EXCHANGE.id,
    redirect_uri: EXCHANGE.redirectUri,
    state: "st",
    ...changes,
  }).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return read(await get(`${prefix}/authorize/${nonce}?${new URLSearchParams(query)}`));
}

/** `POST /challenge`. */
export async function give(
  { post, prefix }: ChallengerTest,
  nonce: string,
  address: Record<string, string> = ADA,
): Promise<Answer> {
  return read(await post(`${prefix}/challenge/${nonce}`, address));
}

/** `POST /solve`; without a PIN, the last one that was sent. */
export async function enter(
  { post, prefix, messages }: ChallengerTest,
  nonce: string,
  pin = messages.at(-1)?.code ?? "",
): Promise<Answer> {
  return read(await post(`${prefix}/solve/${nonce}`, { pin }));
}

/** A PIN that is not the one. */
export function wrongPin(pin: string): string {
  return pin.startsWith("0") ? `1${pin.slice(1)}` : `0${pin.slice(1)}`;
}

/** Walks to the redirect and answers the code in it. */
export async function earnCode(
  test: ChallengerTest,
  changes: Readonly<Record<string, string | undefined>> = {},
): Promise<{ readonly nonce: string; readonly code: string }> {
  const nonce = await begin(test);
  expect((await authorize(test, nonce, changes)).status).toBe(200);
  expect((await give(test, nonce)).status).toBe(200);
  const { status, location } = await enter(test, nonce);
  expect(status).toBe(302);
  return { nonce, code: new URL(location ?? "").searchParams.get("code") ?? "" };
}

/** The form of a token request, as the exchange sends it. */
export const redeeming = (code: string) => ({
  client_id: EXCHANGE.id,
  redirect_uri: EXCHANGE.redirectUri,
  state: "st",
  client_secret: EXCHANGE.secret,
  code,
  grant_type: "authorization_code",
});

/** `POST /token`; members that are undefined are left out. */
export async function redeem(
  { post, prefix }: ChallengerTest,
  form: Readonly<Record<string, string | undefined>>,
  basic?: readonly [string, string],
): Promise<Answer> {
  const present = Object.entries(form).filter((pair): pair is [string, string] => {
    return pair[1] !== undefined;
  });
  return read(await post(`${prefix}/token`, present, basic && { basic }));
}

/** `GET /info`. */
export async function info({ get, prefix }: ChallengerTest, token: unknown): Promise<Answer> {
  return read(await get(`${prefix}/info`, { Authorization: `Bearer ${token}` }));
}
