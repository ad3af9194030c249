/** The rows of the table that are about `acr`. */
import { ACR } from "../../src/protocol/authorization_types.ts";
import type { StepRow } from "./authorization_step_rows.ts";

const signedIn = { sessionId: "session", signedInAt: 1_800_000_000 } as const;
const stepUp = { canStepUp: true };
const essential = (values: readonly string[]) =>
  ({ claims: { id_token: { acr: { essential: true, values } } } }) as const;

/** What the classes that a client wants come to (OpenID Connect Core §5.5.1.1). */
export const ACR_ROWS: readonly StepRow[] = [
  ["a wanted class that the session has", { request: { acrValues: [ACR.password] } }, "code"],
  ["a wanted class out of reach is let go", { request: { acrValues: [ACR.secondFactor] } }, "code"],
  [
    "a wanted class in reach asks",
    { request: { acrValues: [ACR.secondFactor] }, session: stepUp },
    "login",
  ],
  [
    "a wanted class in reach is let go silently",
    { prompt: ["none"], request: { acrValues: [ACR.secondFactor] }, session: stepUp },
    "code",
  ],
  [
    "a wanted class that nobody knows is let go",
    { request: { acrValues: ["urn:x"] }, session: stepUp },
    "code",
  ],
  [
    "a wanted class is met by the second factor",
    {
      request: { acrValues: [ACR.secondFactor] },
      session: { ...stepUp, amr: ["pwd", "otp", "mfa"] },
    },
    "code",
  ],
  ["an essential class that the session has", { request: essential([ACR.password]) }, "code"],
  ["an essential class out of reach", { request: essential([ACR.secondFactor]) }, "acr_unmet"],
  [
    "an essential class in reach asks",
    { request: essential([ACR.secondFactor]), session: stepUp },
    "login",
  ],
  [
    "an essential class in reach, silently",
    { prompt: ["none"], request: essential([ACR.secondFactor]), session: stepUp },
    "interaction_required",
  ],
  [
    "an essential class that even the sign-in missed",
    { request: essential([ACR.secondFactor]), session: stepUp, facts: signedIn },
    "acr_unmet",
  ],
  [
    "an essential class that nobody knows",
    { request: essential(["urn:x"]), session: stepUp },
    "acr_unmet",
  ],
];
