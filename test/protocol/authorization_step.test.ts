import { describe, expect, test } from "bun:test";
import { nextStep, type Step } from "../../src/protocol/authorization_step.ts";
import { NOW, REMEMBERED, type Row, SESSION, STEP_ROWS } from "./authorization_step_rows.ts";

function step({ prompt = [], request, facts = {}, session, consent }: Row): string {
  const next: Step = nextStep({
    request: { prompt, scope: ["openid"], resource: [], acrValues: [], ...request },
    facts,
    session: session === null ? undefined : { ...SESSION, ...session },
    consent: { remembered: REMEMBERED, skipped: false, imitable: false, ...consent },
    now: NOW,
  });
  return next.kind === "error" ? next.error : next.kind;
}

describe("nextStep() decides (OpenID Connect Core §3.1.2.3)", () => {
  test.each(STEP_ROWS)("%s", (_, row, expected) => {
    expect(step(row)).toBe(expected);
  });

  test("no page is ever shown under prompt=none", () => {
    for (const [, row] of STEP_ROWS) {
      const answer = step({ ...row, prompt: ["none"] });
      expect(["login", "select_account", "consent"]).not.toContain(answer);
    }
  });

  test("nobody gets a code without a session", () => {
    for (const [, row] of STEP_ROWS) expect(step({ ...row, session: null })).not.toBe("code");
  });
});
