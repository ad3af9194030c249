/**
 * The pages of the protocol. A browser that arrives at `/authorize` is sent to `GET /challenge/…`,
 * which shows where the process stands; forms are answered by a page, or by a 303 back to there.
 */
import { noteRefusal, statusOf as statusOfRow } from "../../http/errors.ts";
import { type AnswerOptions, answerPage, frameOf } from "../../http/page_answer.ts";
import { clientTitle } from "../../http/visit.ts";
import { type AddressFault, addressPage, type Unsent } from "../../pages/challenge_address.ts";
import { addressLine, type PinView, pinPage } from "../../pages/challenge_pin.ts";
import { provenPage } from "../../pages/challenge_proven.ts";
import type { Policies } from "../../pages/consent.ts";
import type { OAuthError, Services } from "../../plugin.ts";
import { ADDRESS_TYPES } from "../../protocol/address.ts";
import type { ErrorCode } from "../../protocol/catalogue.ts";
import type { Params } from "../../protocol/form.ts";
import { TEXT_SETTINGS } from "../../protocol/settings.ts";
import { addressRulesOf } from "../../services/challenge_address.ts";
import { challengeRedirect } from "../../services/challenge_code.ts";
import type { ChallengePending } from "../../services/challenge_pin.ts";
import type { ChallengeProcess } from "../../services/challenges.ts";
import { pinRefusal } from "./answers.ts";
import { legalDocuments } from "./legal.ts";

/** A browser's request for a page of the protocol, under its mount. */
export interface PageRequest {
  readonly request: Request;
  readonly services: Services;
  /** Path of the mount, empty for the root. */
  readonly prefix: string;
}

/** Path of a page or form of a process, below the origin. */
export function pathOf(
  { services, prefix }: Omit<PageRequest, "request">,
  endpoint: "challenge" | "solve" | "claim",
  nonce: string,
  query: Readonly<Record<string, string>> = {},
): string {
  const asked = new URLSearchParams(query).toString();
  return `${rootOf({ services, prefix })}/${endpoint}/${nonce}${asked === "" ? "" : `?${asked}`}`;
}

/** Path of the mount, below the origin. */
function rootOf({ services, prefix }: Omit<PageRequest, "request">): string {
  return new URL(services.issuer).pathname.replace(/\/$/, "") + prefix;
}

/** Where the operator's legal texts are, as far as he has any. */
function policiesOf(visit: PageRequest): Policies {
  const { terms, privacy } = legalDocuments(visit.services);
  return {
    termsUri: terms && `${rootOf(visit)}/terms`,
    policyUri: privacy && `${rootOf(visit)}/privacy`,
  };
}

/** The page of where the process stands: an address, a PIN, or the way back. */
export function showProcess(visit: PageRequest, process: ChallengeProcess): Response {
  const { challenge } = process;
  if (challenge.solvedAt !== null) return showProven(visit, process);
  const asked = new URL(visit.request.url).searchParams;
  const isChange = asked.has("change") && mayChange(process);
  if (challenge.pinMac === null || isChange) return showAddress(visit, process);
  const notice = NOTICES.find((known) => known === asked.get("notice"));
  return showPin(visit, process, { notice });
}

/** What `?notice=` may say of the code that was asked for. */
const NOTICES = ["resent", "recent"] as const;

/** Answers a form with an address that was refused, or to which no PIN could be sent. */
export async function refuseAddress(
  visit: PageRequest,
  process: ChallengeProcess,
  { refusal, given }: { readonly refusal: OAuthError; readonly given: Params },
): Promise<Response> {
  const status = await noted(refusal, visit);
  const { parameter: field = "", code } = refusal;
  const hasPin = process.challenge.pinMac !== null;
  if (code === "challenge_exhausted" && hasPin) return showPin(visit, process, {}, { status });
  const kind = /_missing$/.test(code) ? "missing" : "malformed";
  const fault = isField(process, field) ? ({ field, kind } as const) : undefined;
  const { headers } = refusal;
  return showAddress(visit, process, { fault, unsent: UNSENT[code], given }, { status, headers });
}

/** Refusals after which no code is on its way, and what the page says of it. */
const UNSENT: { readonly [C in ErrorCode]?: Unsent } = {
  delivery_failed: "undelivered",
  challenge_address_paused: "paused",
};

/** Whether a refusal is about the address in the form, so that the form comes back with it. */
export function isAboutAddress({ code, parameter = "" }: OAuthError, process: ChallengeProcess) {
  return code in UNSENT || code === "challenge_exhausted" || isField(process, parameter);
}

/** Answers a PIN that was wrong, or not looked at. */
export async function refusePin(visit: PageRequest, pending: ChallengePending): Promise<Response> {
  const status = await noted(pinRefusal(pending), visit);
  const { process, noChallenge } = pending;
  if (noChallenge) return showAddress(visit, process, {}, { status });
  return showPin(visit, process, { fault: "incorrect" }, { status });
}

/** Answers what cannot be a PIN. No entry was taken for it. */
export async function refusePinForm(
  visit: PageRequest,
  process: ChallengeProcess,
  refusal: OAuthError,
): Promise<Response> {
  const status = await noted(refusal, visit);
  if (process.challenge.pinMac === null) return showAddress(visit, process, {}, { status });
  const fault = refusal.code === "parameter_missing" ? "missing" : "malformed";
  return showPin(visit, process, { fault }, { status });
}

async function noted(refusal: OAuthError, { services }: PageRequest): Promise<number> {
  const status = statusOfRow(refusal.row, "challenger", false);
  await noteRefusal(refusal, status, services);
  return status;
}

function isField({ challenge }: ChallengeProcess, name: string): boolean {
  return ADDRESS_TYPES[challenge.addressType].some((field) => field === name);
}

function mayChange({ challenge }: ChallengeProcess): boolean {
  return challenge.readOnly === 0 && challenge.addressesLeft > 0;
}

function frame({ request, services }: PageRequest) {
  return frameOf(request, services, { repeatable: request.method === "GET" });
}

/** What came with the form that is shown again. */
interface AddressForm {
  readonly fault?: AddressFault | undefined;
  readonly unsent?: Unsent | undefined;
  readonly given?: Params;
}

function showAddress(
  visit: PageRequest,
  process: ChallengeProcess,
  { fault, unsent, given }: AddressForm = {},
  options: AnswerOptions = {},
): Response {
  const { nonce, challenge, client } = process;
  const { settings } = visit.services;
  const shared = frame(visit);
  const rules = addressRulesOf(challenge.addressType, visit.services);
  const names = ADDRESS_TYPES[challenge.addressType];
  const usual = TEXT_SETTINGS.challengerAddressHint.default;
  const html = addressPage(shared, {
    target: pathOf(visit, "challenge", nonce),
    client: clientTitle(client, challenge.redirectUri),
    addressType: challenge.addressType,
    values: given === undefined ? (challenge.address ?? {}) : Object.fromEntries(given),
    hints: Object.fromEntries(names.map((name) => [name, rules.hint(name, shared.locale)])),
    about: settings.challengerAddressHint === usual ? undefined : settings.challengerAddressHint,
    readOnly: challenge.readOnly === 1,
    addressesLeft: challenge.addressesLeft,
    codeHref:
      challenge.pinMac === null || unsent === "undelivered"
        ? undefined
        : pathOf(visit, "challenge", nonce),
    policies: policiesOf(visit),
    fault,
    unsent,
  });
  return answerPage(html, visit, options);
}

function showPin(
  visit: PageRequest,
  process: ChallengeProcess,
  extras: Pick<PinView, "fault" | "notice"> = {},
  options: AnswerOptions = {},
): Response {
  const { nonce, challenge, client } = process;
  const html = pinPage(frame(visit), {
    target: pathOf(visit, "solve", nonce),
    resendTarget: pathOf(visit, "challenge", nonce),
    client: clientTitle(client, challenge.redirectUri),
    addressType: challenge.addressType,
    address: challenge.address ?? {},
    entriesLeft: challenge.entriesLeft,
    transmissionsLeft: challenge.transmissionsLeft,
    waitSeconds: Math.max(0, challenge.resendAt - visit.services.now()),
    changeHref: mayChange(process) ? pathOf(visit, "challenge", nonce, { change: "1" }) : undefined,
    ...extras,
  });
  // A right PIN leads to the client, and Chromium asks the policy for that too.
  return answerPage(html, visit, {
    ...options,
    formTargets: [challenge.redirectUri],
    script: true,
  });
}

function showProven(visit: PageRequest, process: ChallengeProcess): Response {
  const { challenge, client } = process;
  const onward = {
    client: clientTitle(client, challenge.redirectUri),
    redirectUri: challenge.redirectUri,
    href: challengeRedirect(process, visit.services),
  };
  return answerPage(provenPage(frame(visit), onward, addressLine(challenge.address ?? {})), visit);
}
