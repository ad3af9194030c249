/** Policy evaluation: what holds for every policy and every ticket (decisions D7). */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { PolicyRule } from "../../src/protocol/permission.ts";
import { type Asker, evaluate, type Granted, type Line } from "../../src/protocol/uma_policy.ts";
import { answer, BOB, ISSUER } from "./uma_policy_fixture.ts";

const scopes = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d"), { maxLength: 4 });
const anyRule: fc.Arbitrary<PolicyRule> = fc.record({
  clients: fc.uniqueArray(fc.constantFrom("app", "other"), { maxLength: 2 }),
  scopes,
  claims: fc.array(
    fc.record({ type: fc.constantFrom("name", "role"), value: fc.constantFrom("Bob", "x") }),
    { maxLength: 2 },
  ),
  consentNeeded: fc.boolean(),
});
const anyLine: fc.Arbitrary<Line> = fc.record({
  resourceId: fc.constantFrom("r1", "r2", "r3"),
  userId: fc.constantFrom(null, "user-ada", "user-bob"),
  resourceServerId: fc.constantFrom("rs", "app"),
  registered: scopes,
  asked: scopes,
  policies: fc.array(fc.record({ id: fc.uuid(), rules: fc.array(anyRule, { maxLength: 3 }) }), {
    maxLength: 3,
  }),
  answers: fc.array(
    fc.record({
      state: fc.constantFrom("pending", "approved", "denied", "withdrawn"),
      party: fc.constantFrom("", "bob", "eve"),
      scopes,
    }),
    { maxLength: 3 },
  ),
});
const anyLines = fc.array(anyLine, { minLength: 1, maxLength: 3 });
const anyAsker: fc.Arbitrary<Asker> = fc.record({
  clientId: fc.constant("app"),
  party: fc.constantFrom(undefined, BOB),
  added: scopes,
  told: fc.boolean(),
  issuer: fc.constant(ISSUER),
});
const RUNS = { numRuns: 2_000 };
const check = (holds: (lines: readonly Line[], who: Asker) => void) =>
  fc.assert(fc.property(anyLines, anyAsker, holds), RUNS);
const isOwner = ({ userId, resourceServerId }: Line, { party, clientId }: Asker) =>
  userId === null ? clientId === resourceServerId : party?.userId === userId;

/** Asked, registered and allowed, each by itself. */
function expectWithin({ resourceId, scopes: given, policyId }: Granted, of: Line, who: Asker) {
  expect(resourceId).toBe(of.resourceId);
  expect(given.length).toBeGreaterThan(0);
  for (const scope of given) {
    expect([...of.asked, ...who.added]).toContain(scope);
    expect(of.registered).toContain(scope);
  }
  if (policyId === null) return expect(isOwner(of, who)).toBe(true);
  const { rules = [] } = of.policies.find(({ id }) => id === policyId) ?? {};
  const allows = ({ scopes: allowed, clients }: PolicyRule) =>
    given.every((scope) => allowed.includes(scope)) &&
    (clients.length === 0 || clients.includes(who.clientId));
  expect(rules.some(allows)).toBe(true);
}

describe("attack 66: over every policy", () => {
  test("a token never holds more than was asked, is registered and is allowed", () => {
    let granted = 0;
    check((lines, who) => {
      const verdict = evaluate(lines, who);
      if (verdict.kind !== "granted") return;
      granted += 1;
      expect(verdict.permissions).toHaveLength(lines.length);
      for (const [index, permission] of verdict.permissions.entries()) {
        expectWithin(permission, lines[index] as Line, who);
      }
    });
    expect(granted).toBeGreaterThan(20);
  });

  test("a ticket is granted exactly when each of its lines is (AND)", () => {
    check((lines, who) => {
      const each = lines.map((one) => evaluate([one], who).kind);
      const all = each.every((kind) => kind === "granted");
      expect(evaluate(lines, who).kind === "granted").toBe(all);
      expect(evaluate(lines, who).kind === "denied").toBe(each.includes("denied"));
    });
  });

  test("a line is granted exactly when one rule of one policy by itself grants it (OR)", () => {
    check(([first], who) => {
      const one = first as Line;
      const alone = one.policies.flatMap(({ id, rules }) =>
        rules.map((only) => ({ ...one, policies: [{ id, rules: [only] }] })),
      );
      const some = [{ ...one, policies: [] }, ...alone].some(
        (single) => evaluate([single], who).kind === "granted",
      );
      expect(evaluate([one], who).kind === "granted").toBe(some);
    });
  });

  test("without policies, and without rules, nobody but the owner is granted anything", () => {
    check((lines, who) => {
      const bare = lines.map((one) => ({
        ...one,
        policies: one.policies.map(({ id }) => ({ id, rules: [] })),
      }));
      const verdict = evaluate(bare, who);
      if (verdict.kind === "granted") expect(bare.every((one) => isOwner(one, who))).toBe(true);
      else expect(verdict.kind).toBe("denied");
    });
  });

  test("what the owner withdrew from the client is granted to nobody", () => {
    check((lines, who) => {
      const ended = lines.map((one) => ({
        ...one,
        answers: [...one.answers, answer("withdrawn", "")],
      }));
      expect(evaluate(ended, who).kind).not.toBe("granted");
      expect(evaluate(ended, who).kind).not.toBe("submitted");
    });
  });
});
