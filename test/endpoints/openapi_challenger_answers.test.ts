/** Whatever the Challenger protocol answers is documented: its status, its error and its members. */
import { describe, expect, test } from "bun:test";
import {
  ADA,
  begin,
  type ChallengerTest,
  challengerServer,
  EXCHANGE,
  earnCode,
  give,
  redeeming,
  wrongPin,
} from "../plugins/challenger_fixture.ts";
import { dpopKey, withProof } from "../support/dpop.ts";
import { documentOf, expectForeseen } from "./openapi_document.ts";

// At the top of the file, where servers stay open until the file ends.
const t = await challengerServer();
const broken = await challengerServer();
const leaving = await challengerServer();
const failing = await challengerServer();
const document = await documentOf(t);
await broken.close();
await leaving.server.drain();
failing.carrierFails = true;

const JSON_ONLY = { Accept: "application/json" };
const MAC = "0".repeat(52);
const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
const query = (changes: Record<string, string> = {}) =>
  new URLSearchParams({
    response_type: "code",
    client_id: EXCHANGE.id,
    redirect_uri: EXCHANGE.redirectUri,
    ...changes,
  });

type Answers = readonly (readonly [string, number, () => Promise<Response>])[];

function setUp(server: ChallengerTest, body = "", secret: string = EXCHANGE.secret) {
  const headers = { "Content-Type": "application/json", ...bearer(secret) };
  return server.post("/challenger/setup/1", body, { headers });
}

const atSetup: Answers = [
  ["no body", 200, () => setUp(t)],
  ["an address", 200, () => setUp(t, JSON.stringify({ ...ADA, read_only: true }))],
  ["broken JSON", 400, () => setUp(t, "{")],
  ["a malformed member", 400, () => setUp(t, '{"read_only":1}')],
  ["read_only alone", 400, () => setUp(t, '{"read_only":true}')],
  ["a wrong secret", 404, () => setUp(t, "", "x")],
  ["another method", 405, () => t.get("/challenger/setup/1")],
  ["a dead store", 500, () => setUp(broken)],
  ["a server that is leaving", 503, () => setUp(leaving)],
];

async function authorize(changes: Record<string, string> = {}) {
  return t.get(`/challenger/authorize/${await begin(t)}?${query(changes)}`, JSON_ONLY);
}

const atAuthorize: Answers = [
  ["a process", 200, () => authorize()],
  [
    "a process with a PIN",
    200,
    async () => {
      const nonce = await begin(t);
      await give(t, nonce);
      return t.get(`/challenger/authorize/${nonce}?${query()}`, JSON_ONLY);
    },
  ],
  ["a parameter missing", 400, () => authorize({ client_id: "" })],
  ["a malformed one", 400, () => authorize({ response_type: "token" })],
  ["a repeated one", 400, async () => t.get(`/challenger/authorize/${MAC}?state=1&state=2`)],
  ["another redirect URI", 403, () => authorize({ redirect_uri: "https://a.example/" })],
  ["an unknown nonce", 404, () => t.get(`/challenger/authorize/${MAC}?${query()}`)],
  ["a dead store", 500, () => broken.get(`/challenger/authorize/${MAC}?${query()}`)],
];

async function send(server: ChallengerTest, form: Record<string, string>, body?: object) {
  return server.post(`/challenger/challenge/${await begin(server, body)}`, form);
}

const atChallenge: Answers = [
  ["an address", 200, () => send(t, ADA)],
  [
    "a solved process",
    200,
    async () => t.post(`/challenger/challenge/${(await earnCode(t)).nonce}`, ADA),
  ],
  ["no address", 400, () => send(t, {})],
  ["no clean address", 400, () => send(t, { CONTACT_EMAIL: "-x" })],
  ["the address in the URL", 400, () => t.post(`/challenger/challenge/${MAC}?CONTACT_EMAIL=x`, {})],
  [
    "another than the fixed one",
    403,
    () => send(t, { CONTACT_EMAIL: "b@mail.example" }, { ...ADA, read_only: true }),
  ],
  ["an unknown nonce", 404, () => t.post(`/challenger/challenge/${MAC}`, ADA)],
  [
    "a fourth address",
    429,
    async () => {
      const nonce = await begin(t);
      for (const name of ["a", "b", "c"]) {
        await give(t, nonce, { CONTACT_EMAIL: `${name}@mail.example` });
      }
      return t.post(`/challenger/challenge/${nonce}`, ADA);
    },
  ],
  ["a dead store", 500, () => broken.post(`/challenger/challenge/${MAC}`, ADA)],
  ["a carrier that fails", 502, () => send(failing, ADA)],
];

/** Enters a wrong PIN some times, then answers the next. */
async function enter(times: number) {
  const nonce = await begin(t);
  await give(t, nonce);
  const pin = wrongPin(t.messages.at(-1)?.code ?? "");
  for (let time = 0; time < times; time++) await t.post(`/challenger/solve/${nonce}`, { pin });
  return t.post(`/challenger/solve/${nonce}`, { pin });
}

const solved = async (headers: Record<string, string>) =>
  t.post(`/challenger/solve/${(await earnCode(t)).nonce}`, { pin: "12345678" }, { headers });

const atSolve: Answers = [
  ["a solved process, for JSON", 200, () => solved(JSON_ONLY)],
  ["a solved process", 302, () => solved({})],
  ["no PIN", 400, async () => t.post(`/challenger/solve/${await begin(t)}`, {})],
  ["no digits", 400, async () => t.post(`/challenger/solve/${await begin(t)}`, { pin: "x" })],
  ["a wrong PIN", 403, () => enter(0)],
  ["an unknown nonce", 404, () => t.post(`/challenger/solve/${MAC}`, { pin: "12345678" })],
  ["a fourth entry", 429, () => enter(3)],
  ["a dead store", 500, () => broken.post(`/challenger/solve/${MAC}`, { pin: "12345678" })],
];

const redeem = (changes: Record<string, string> = {}) =>
  t.post("/challenger/token", { ...redeeming(`${MAC}-${MAC}`), ...changes });

const key = await dpopKey();

const redeemBound = async (code: string, path = "/challenger/token") =>
  t.post("/challenger/token", redeeming(code), { headers: await withProof(key, { path }) });

const atToken: Answers = [
  ["a code", 200, async () => redeem({ code: (await earnCode(t)).code })],
  ["a code and a proof", 200, async () => redeemBound((await earnCode(t)).code)],
  ["a proof for another endpoint", 400, () => redeemBound(`${MAC}-${MAC}`, "/token")],
  ["another grant", 400, () => redeem({ grant_type: "password" })],
  ["no code", 400, () => redeem({ code: "" })],
  ["a wrong secret", 401, () => redeem({ client_secret: "x" })],
  ["a malformed code", 401, () => redeem({ code: "x" })],
  ["an unknown client", 404, () => redeem({ client_id: "99" })],
  ["no address yet", 409, async () => redeem({ code: `${await begin(t)}-${MAC}` })],
  ["a dead store", 500, () => broken.post("/challenger/token", redeeming(`${MAC}-${MAC}`))],
];

async function ask(server: ChallengerTest) {
  const issued = await t.post("/challenger/token", redeeming((await earnCode(t)).code));
  const { access_token: token } = (await issued.json()) as { access_token: string };
  return server.get("/challenger/info", bearer(token));
}

/** A token that is bound to a key, shown by its scheme with what proves it, or without. */
async function askBound(headers: Record<string, string> = {}) {
  const issued = await redeemBound((await earnCode(t)).code);
  const { access_token: token } = (await issued.json()) as { access_token: string };
  const proof = await withProof(key, { path: "/challenger/info", claims: { htm: "GET" }, token });
  return t.get("/challenger/info", { Authorization: `DPoP ${token}`, ...proof, ...headers });
}

const atInfo: Answers = [
  ["a bound token and its proof", 200, () => askBound()],
  ["a bound token with a wrong proof", 401, () => askBound({ DPoP: "x" })],
  ["a token", 200, () => ask(t)],
  ["no token", 403, () => t.get("/challenger/info")],
  ["no token of ours", 403, () => t.get("/challenger/info", bearer("x"))],
  ["the token of another server", 403, () => ask(failing)],
];

describe("answers of the Challenger protocol", () => {
  test.each([
    ["GET /config", [["the configuration", 200, () => t.get("/challenger/config")]]],
    ["POST /setup/{client}", atSetup],
    ["GET /authorize/{nonce}", atAuthorize],
    ["POST /challenge/{nonce}", atChallenge],
    ["POST /solve/{nonce}", atSolve],
    ["POST /token", atToken],
    ["GET /info", atInfo],
  ] as [string, Answers][])("%s", async (operation, answers) => {
    for (const [name, status, send] of answers) {
      const response = await send();
      expect([name, response.status]).toEqual([name, status]);
      await expectForeseen(document, response, operation.replace(" ", " /challenger"));
    }
  });
});
