/** The rows of the Challenger protocol: what the wire must say, and requests that lead there. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Scenario, Walk } from "./catalogue_scenarios.ts";
import { type ExpectedRefusal, HINTS } from "./catalogue_table.ts";
import {
  ADA,
  begin,
  type ChallengerTest,
  EXCHANGE,
  enter,
  give,
  redeeming,
  wrongPin,
} from "./plugins/challenger_fixture.ts";
import { temporaryFolder } from "./support/databases.ts";

/** `error`, status, number: the text is the number's hint (challenger.md B.3, B.4). */
const row = (error: string, status: number, code: number): ExpectedRefusal => ({
  error,
  text: HINTS[code] ?? "",
  status,
  code,
});

/** A folder with the terms in one format, and without a privacy policy. */
export function termsFolder(): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "terms.en.md"), "# Terms\n");
  return folder;
}

const Authorization = "Authorization";

/** Refusals that are sent in one dialect, whoever asks. */
export const CHALLENGER_REFUSALS: Readonly<Record<string, ExpectedRefusal>> = {
  code_undecodable: row("invalid_grant", 401, 9754),
  code_process_unknown: row("invalid_grant", 401, 9755),
  code_address_missing: row("invalid_grant", 409, 9759),
  challenge_unknown: row("invalid_request", 404, 9755),
  challenge_redirect_uri_refused: {
    ...row("invalid_request", 403, 9751),
    detail: "redirect_uri",
  },
  challenge_read_only: row("access_denied", 403, 9760),
  challenge_exhausted: row("temporarily_unavailable", 429, 9757),
  challenge_address_paused: {
    ...row("temporarily_unavailable", 429, 9757),
    headers: { "Retry-After": "3600" },
  },
  pin_incorrect: {
    ...row("access_denied", 403, 9758),
    members: {
      type: "pending",
      ec: 9758,
      addresses_left: 2,
      pin_transmissions_left: 2,
      auth_attempts_left: 2,
      exhausted: false,
      no_challenge: false,
    },
  },
  legal_text_absent: {
    error: "server_error",
    text: "the operator has not configured this text",
    status: 501,
  },
  legal_type_unacceptable: {
    error: "invalid_request",
    text: "the text has no format that the request accepts",
    status: 406,
  },
  info_token_missing: {
    ...row("invalid_request", 403, 25),
    text: "the parameter Authorization is missing",
    detail: Authorization,
  },
  info_token_malformed: {
    ...row("invalid_token", 403, 26),
    text: "the access token is malformed",
    detail: Authorization,
  },
  info_token_unknown: row("invalid_token", 404, 9753),
};

/** The server that these rows are walked on. */
const testOf = ({ server }: Walk) => server as ChallengerTest;

function sent(path: string, form?: Record<string, string>, headers: Record<string, string> = {}) {
  const request = new Request(`http://localhost/challenger${path}`, {
    headers,
    ...(form && { method: "POST", body: new URLSearchParams(form) }),
  });
  return { request, client: EXCHANGE.id };
}

const query = (redirect_uri: string = EXCHANGE.redirectUri) =>
  new URLSearchParams({ response_type: "code", client_id: EXCHANGE.id, redirect_uri });

const redeemed = (code: string) => sent("/token", redeeming(code));
const MAC = "0".repeat(52);

/** One request or more for each row. */
export const CHALLENGER_SCENARIOS: Readonly<Record<string, readonly Scenario[]>> = {
  code_undecodable: [() => redeemed("no code"), () => redeemed(MAC)],
  code_process_unknown: [() => redeemed(`${MAC}-${MAC}`)],
  code_address_missing: [async (walk) => redeemed(`${await begin(testOf(walk))}-${MAC}`)],
  challenge_unknown: [
    () => sent(`/authorize/${MAC}?${query()}`),
    () => sent(`/challenge/${MAC}`, ADA),
    () => sent(`/solve/${MAC}`, { pin: "12345678" }),
  ],
  challenge_redirect_uri_refused: [
    async (walk) => sent(`/authorize/${await begin(testOf(walk))}?${query("https://a.example/")}`),
  ],
  challenge_read_only: [
    async (walk) => {
      const nonce = await begin(testOf(walk), { ...ADA, read_only: true });
      return sent(`/challenge/${nonce}`, { CONTACT_EMAIL: "bob@mail.example" });
    },
  ],
  challenge_exhausted: [
    async (walk) => {
      const nonce = await begin(testOf(walk));
      for (const name of ["a", "b", "c"]) {
        await give(testOf(walk), nonce, { CONTACT_EMAIL: `${name}@mail.example` });
      }
      return sent(`/challenge/${nonce}`, ADA);
    },
  ],
  challenge_address_paused: [
    async (walk) => {
      const test = testOf(walk);
      const flooded = { CONTACT_EMAIL: "flooded@mail.example" };
      for (let sent = 0; sent < 10; sent++) await give(test, await begin(test), flooded);
      return sent(`/challenge/${await begin(test)}`, flooded);
    },
  ],
  pin_incorrect: [
    async (walk) => {
      const test = testOf(walk);
      const nonce = await begin(test);
      await give(test, nonce);
      return sent(`/solve/${nonce}`, { pin: wrongPin(test.messages.at(-1)?.code ?? "") });
    },
  ],
  legal_text_absent: [() => sent("/privacy")],
  legal_type_unacceptable: [() => sent("/terms", undefined, { Accept: "image/png" })],
  info_token_missing: [() => sent("/info")],
  info_token_malformed: [() => sent("/info", undefined, { Authorization: "Bearer nonsense" })],
  info_token_unknown: [
    async (walk) => {
      const test = testOf(walk);
      const nonce = await begin(test);
      await give(test, nonce);
      const { location } = await enter(test, nonce);
      const code = new URL(location ?? "").searchParams.get("code") ?? "";
      const response = await test.server.handle(redeemed(code).request);
      const { access_token: token } = (await response.json()) as { access_token: string };
      await test.post("/token/revoke", { token }, { basic: [EXCHANGE.id, EXCHANGE.secret] });
      return sent("/info", undefined, { Authorization: `Bearer ${token}` });
    },
  ],
};
