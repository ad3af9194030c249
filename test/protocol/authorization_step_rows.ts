/** The table that nextStep() is held to. */
import type { SessionFacts, Step, StepFacts } from "../../src/protocol/authorization_step.ts";
import type { Prompt } from "../../src/protocol/authorization_types.ts";
import type { ErrorCode } from "../../src/protocol/catalogue.ts";
import { ACR_ROWS } from "./authorization_step_acr_rows.ts";

/** The time of every row. */
export const NOW = 1_800_000_000;
/** The session of a row that does not say otherwise. */
export const SESSION = {
  id: "session",
  subject: "alice",
  authTime: NOW - 100,
  amr: ["pwd"],
  canStepUp: false,
} as const;
/** What the user agreed to before. */
export const REMEMBERED = { scope: ["openid", "offline_access"], resource: ["https://a.example"] };

/** What a row says; all else is a plain request for `openid` by a user signed in, who agreed before. */
export interface Row {
  readonly prompt?: readonly Prompt[];
  readonly request?: Partial<StepFacts["request"]>;
  readonly facts?: StepFacts["facts"];
  readonly session?: Partial<SessionFacts> | null;
  readonly consent?: Partial<StepFacts["consent"]>;
}

const never = { consent: { remembered: undefined } } as const;
const signedIn = { sessionId: "session", signedInAt: NOW } as const;
const agreed = { sessionId: "session", consent: REMEMBERED } as const;
const idled = (seconds: number) => ({ sessionId: "session", signedInAt: NOW - seconds }) as const;
const offline = { scope: ["openid", "offline_access"] };

type Expected = Exclude<Step["kind"], "error"> | ErrorCode;
/** What happens in words, what differs from the ordinary, and what comes next. */
export type StepRow = readonly [does: string, row: Row, expected: Expected];

/** The whole table. */
export const STEP_ROWS: readonly StepRow[] = [
  ["a user who is signed in and has agreed gets his code", {}, "code"],
  ["nobody is signed in", { session: null }, "login"],
  ["nobody is signed in, silently", { session: null, prompt: ["none"] }, "login_required"],
  ["nobody is signed in, though consent is remembered", { session: null, ...never }, "login"],
  ["a user who never agreed is asked", never, "consent"],
  ["a user who never agreed, silently", { ...never, prompt: ["none"] }, "consent_required"],
  ["silently, all known", { prompt: ["none"] }, "code"],

  ["prompt=login asks a signed-in user", { prompt: ["login"] }, "login"],
  [
    "prompt=login is content with a sign-in of its own",
    { prompt: ["login"], facts: signedIn },
    "code",
  ],
  [
    "prompt=login is not content with another session's sign-in",
    { prompt: ["login"], facts: { ...signedIn, sessionId: "other" } },
    "login",
  ],
  [
    "prompt=login is not content with a session that was merely there",
    { prompt: ["login"], facts: { sessionId: "session" } },
    "login",
  ],
  ["prompt=login consent asks for sign-in first", { prompt: ["login", "consent"] }, "login"],
  [
    "prompt=login consent asks for consent then",
    { prompt: ["login", "consent"], facts: signedIn },
    "consent",
  ],
  [
    "prompt=login consent is content at last",
    { prompt: ["login", "consent"], facts: { ...signedIn, ...agreed } },
    "code",
  ],

  ["max_age is kept to the second", { request: { maxAge: 100 } }, "code"],
  ["max_age has passed", { request: { maxAge: 99 } }, "login"],
  ["max_age has passed, silently", { prompt: ["none"], request: { maxAge: 99 } }, "login_required"],
  ["max_age=0 asks for a new sign-in", { request: { maxAge: 0 } }, "login"],
  [
    "max_age=0 asks even within the second of another sign-in",
    { request: { maxAge: 0 }, session: { authTime: NOW } },
    "login",
  ],
  [
    "max_age passes on the page after a sign-in too",
    { request: { maxAge: 100 }, session: { authTime: NOW - 101 }, facts: idled(101) },
    "login",
  ],
  [
    "a small max_age leaves time for the pages after a sign-in",
    { request: { maxAge: 1 }, session: { authTime: NOW - 60 }, facts: idled(60) },
    "code",
  ],
  [
    "a small max_age does not leave more than a minute",
    { request: { maxAge: 1 }, session: { authTime: NOW - 61 }, facts: idled(61) },
    "login",
  ],
  [
    "max_age=0 is content with a sign-in of its own",
    { request: { maxAge: 0 }, facts: signedIn },
    "code",
  ],

  ["prompt=select_account asks which account", { prompt: ["select_account"] }, "select_account"],
  [
    "prompt=select_account with nobody signed in",
    { prompt: ["select_account"], session: null },
    "login",
  ],
  [
    "prompt=select_account is content with a choice",
    { prompt: ["select_account"], facts: { sessionId: "session", accountChosen: true } },
    "code",
  ],
  [
    "prompt=select_account is not content with another session's choice",
    { prompt: ["select_account"], facts: { sessionId: "other", accountChosen: true } },
    "select_account",
  ],
  [
    "prompt=select_account is content with a sign-in",
    { prompt: ["select_account"], facts: signedIn },
    "code",
  ],

  ["the hinted user is the one signed in", { request: { hintedSubject: "alice" } }, "code"],
  ["the hinted user is another", { request: { hintedSubject: "bob" } }, "select_account"],
  [
    "the hinted user is another, silently",
    { prompt: ["none"], request: { hintedSubject: "bob" } },
    "account_selection_required",
  ],
  [
    "the hinted user is another, and nobody is signed in, silently",
    { prompt: ["none"], session: null, request: { hintedSubject: "bob" } },
    "login_required",
  ],
  [
    "another user than the hinted one signed in",
    { request: { hintedSubject: "bob" }, facts: signedIn },
    "account_selection_required",
  ],
  [
    "another user than the hinted one cannot be chosen",
    { request: { hintedSubject: "bob" }, facts: { sessionId: "session", accountChosen: true } },
    "select_account",
  ],

  ["prompt=consent asks again", { prompt: ["consent"] }, "consent"],
  [
    "prompt=consent asks for a trusted client too",
    { prompt: ["consent"], consent: { skipped: true } },
    "consent",
  ],
  ["prompt=consent is content with an answer", { prompt: ["consent"], facts: agreed }, "code"],
  [
    "prompt=consent is not content with another session's answer",
    { prompt: ["consent"], facts: { ...agreed, sessionId: "other" } },
    "consent",
  ],
  [
    "an answer of another session is no consent",
    { ...never, facts: { ...agreed, sessionId: "other" } },
    "consent",
  ],
  [
    "an answer without its session is no consent",
    { ...never, facts: { consent: REMEMBERED } },
    "consent",
  ],
  ["the user agrees for the first time", { ...never, facts: agreed }, "code"],
  [
    "the user refuses",
    { ...never, facts: { sessionId: "session", consent: "refused" } },
    "consent_refused",
  ],
  [
    "the user refused and signed out meanwhile",
    { session: null, facts: { consent: "refused" } },
    "consent_refused",
  ],
  ["a trusted client asks nobody", { consent: { remembered: undefined, skipped: true } }, "code"],
  [
    "what the client came to wish after the answer is asked for",
    { ...never, request: { scope: ["openid", "email"] }, facts: agreed },
    "consent",
  ],
  [
    "a resource that the answer was not about is asked for",
    { ...never, request: { resource: ["https://b.example"] }, facts: agreed },
    "consent",
  ],
  ["a larger scope than agreed to asks", { request: { scope: ["openid", "email"] } }, "consent"],
  ["a smaller scope than agreed to does not", { request: { scope: [] } }, "code"],
  ["a resource that was agreed to", { request: { resource: ["https://a.example"] } }, "code"],
  [
    "a resource that was not agreed to asks",
    { request: { resource: ["https://b.example"] } },
    "consent",
  ],
  ["offline_access asks each time", { request: offline }, "consent"],
  ["offline_access is content with an answer", { request: offline, facts: agreed }, "code"],
  ["offline_access, silently", { prompt: ["none"], request: offline }, "consent_required"],
  [
    "offline_access of a trusted client asks nobody",
    { request: offline, consent: { skipped: true } },
    "code",
  ],
  ["a client that can be imitated asks each time", { consent: { imitable: true } }, "consent"],
  [
    "a client that can be imitated asks though the operator trusts it",
    { consent: { imitable: true, skipped: true, remembered: undefined } },
    "consent",
  ],
  [
    "a trusted client that can be imitated, silently",
    { prompt: ["none"], consent: { imitable: true, skipped: true, remembered: undefined } },
    "interaction_required",
  ],
  [
    "a client that can be imitated is content with an answer",
    { consent: { imitable: true }, facts: agreed },
    "code",
  ],
  [
    "a client that can be imitated, silently",
    { prompt: ["none"], consent: { imitable: true } },
    "interaction_required",
  ],

  ...ACR_ROWS,
];
