/** Policy evaluation: decisions D7 and idserver.md A.8 as a table. */
import { describe, expect, test } from "bun:test";
import type { PolicyRule } from "../../src/protocol/permission.ts";
import { hasClaims } from "../../src/protocol/uma_party.ts";
import { type Asker, evaluate, type Line } from "../../src/protocol/uma_policy.ts";
import { answer, asker, BOB, ELSEWHERE, ISSUER, line, rule } from "./uma_policy_fixture.ts";

const by = (...rules: readonly PolicyRule[]) => line({ policies: [{ id: "p", rules }] });
const kindOf = (lines: readonly Line[], who: Partial<Asker> = {}) =>
  evaluate(lines, asker(who)).kind;
const NAME = { claims: [{ type: "name", value: "Bob" }] };
describe("default deny (D7)", () => {
  test.each([
    ["no lines", [], {}, "denied"],
    ["a resource without policies", [line()], {}, "denied"],
    ["a policy without rules", [by()], {}, "denied"],
    ["an empty list of scopes, attack 66", [{ ...by(rule()), asked: [] }], {}, "denied"],
    ["scopes that the resource has no longer", [{ ...by(rule()), registered: [] }], {}, "denied"],
    ["a rule that allows nothing", [by(rule({ scopes: [] }))], {}, "denied"],
    ["the owner himself", [line({ userId: "user-bob" })], { party: BOB }, "granted"],
    [
      "the owner's name at another issuer",
      [line({ userId: "user-bob" })],
      { party: { ...BOB, userId: undefined } },
      "denied",
    ],
    ["a resource server that owns", [line({ userId: null })], { clientId: "rs" }, "granted"],
    ["a resource server that only keeps", [line()], { clientId: "rs" }, "denied"],
    ["a client that owns nothing", [line({ userId: null })], {}, "denied"],
  ] as const)("%s", (_, lines, who, kind) => {
    expect(kindOf(lines, who)).toBe(kind);
  });
});

describe("a rule, in the order of idserver.md A.8", () => {
  test.each([
    ["no condition", {}, {}, "granted"],
    ["another client", { clients: ["other"] }, {}, "denied"],
    ["this client among others", { clients: ["other", "app"] }, {}, "granted"],
    ["claims and nobody", NAME, {}, "need_info"],
    ["claims of the party", NAME, { party: BOB }, "granted"],
    [
      "claims of somebody else",
      { claims: [{ type: "name", value: "bob" }] },
      { party: BOB },
      "denied",
    ],
    ["an unknown claim", { claims: [{ type: "toString", value: "x" }] }, { party: BOB }, "denied"],
    ["another client is told nothing of claims", { ...NAME, clients: ["other"] }, {}, "denied"],
    ["a claim of another provider", { ...NAME, provider: ELSEWHERE }, { party: BOB }, "need_info"],
    ["a claim of the provider", { ...NAME, provider: ISSUER }, { party: BOB }, "granted"],
    ["consent", { consentNeeded: true }, {}, "submitted"],
    ["consent, and claims first", { ...NAME, consentNeeded: true }, {}, "need_info"],
    ["consent, after claims", { ...NAME, consentNeeded: true }, { party: BOB }, "submitted"],
  ] as const)("%s", (_, changes, who, kind) => {
    expect(kindOf([by(rule(changes))], who)).toBe(kind);
  });

  test.each([
    ["approved", [answer("approved")], "granted"],
    ["approved for somebody else", [answer("approved", "eve")], "submitted"],
    ["approved for other scopes", [{ ...answer("approved"), scopes: ["write"] }], "submitted"],
    ["not answered", [answer("pending")], "submitted"],
    ["refused", [answer("approved"), answer("denied")], "denied"],
    ["refused to somebody else", [answer("denied", "eve")], "submitted"],
    ["refused other scopes", [{ ...answer("denied"), scopes: ["write"] }], "submitted"],
    ["withdrawn", [answer("approved"), answer("withdrawn")], "denied"],
    ["withdrawn from the client", [answer("withdrawn", "")], "denied"],
  ] as const)("the owner's answer: %s", (_, answers, kind) => {
    const asked = { ...by(rule({ consentNeeded: true })), answers };
    expect(kindOf([asked], { party: BOB })).toBe(kind);
  });

  test("an owner is asked ten things of one party at most, and again for those", () => {
    const registered = Array.from({ length: 11 }, (_, index) => `s${index}`);
    const waiting = registered.slice(1).map((scope) => ({ ...answer("pending"), scopes: [scope] }));
    const ask = (scope: string, answers: Line["answers"], who: Partial<Asker> = { party: BOB }) => {
      const policies = [{ id: "p", rules: [rule({ scopes: registered, consentNeeded: true })] }];
      return kindOf([line({ registered, asked: [scope], policies, answers })], who);
    };
    expect(ask("s0", waiting)).toBe("denied");
    expect(ask("s1", waiting)).toBe("submitted");
    expect(ask("s0", waiting.slice(1))).toBe("submitted");
    expect(ask("s0", waiting, {})).toBe("submitted");
    const approved = waiting.map((one) => ({ ...one, state: "approved" as const }));
    expect(ask("s0", approved)).toBe("submitted");
  });

  test("who was refused by name does not come again without one", () => {
    const asked = { ...by(rule()), answers: [answer("withdrawn", "")] };
    expect(kindOf([asked])).toBe("denied");
    expect(kindOf([asked], { party: BOB })).toBe("denied");
    const owners = line({ userId: "user-bob", answers: [answer("withdrawn")] });
    expect(kindOf([owners], { party: BOB })).toBe("denied");
  });

  test("AND over lines, OR over policies and rules", () => {
    const no = rule({ scopes: ["write"] });
    expect(kindOf([by(no, rule())])).toBe("granted");
    const two = line({
      policies: [
        { id: "a", rules: [no] },
        { id: "b", rules: [rule()] },
      ],
    });
    expect(evaluate([two], asker())).toMatchObject({ permissions: [{ policyId: "b" }] });
    expect(kindOf([by(rule()), by(no)])).toBe("denied");
    expect(kindOf([by(rule()), by(rule(NAME))])).toBe("need_info");
    expect(kindOf([by(rule({ consentNeeded: true })), by(rule(NAME))])).toBe("need_info");
    expect(kindOf([by(rule(NAME)), by(no)])).toBe("denied");
  });

  test("two rules do not add up: one must allow all that is asked", () => {
    const both = { ...by(rule(), rule({ scopes: ["write"] })), asked: ["read", "write"] };
    expect(kindOf([both])).toBe("denied");
  });

  test("who was told what is needed, and has it not, asks the owner", () => {
    const either = by(rule(NAME), rule({ consentNeeded: true }));
    expect(kindOf([either])).toBe("need_info");
    expect(kindOf([either], { told: true })).toBe("submitted");
  });

  test("a client adds scopes that the resource has, and gets none beyond the rule", () => {
    const wide = by(rule({ scopes: ["read", "write"] }));
    const added = ["write", "unheard-of"];
    expect(evaluate([wide], asker({ added }))).toMatchObject({
      permissions: [{ scopes: ["read", "write"] }],
    });
    expect(kindOf([by(rule())], { added })).toBe("denied");
  });
});

describe("claims of a party", () => {
  const has = (claims: Record<string, unknown>, type: string, value: string, issuer = ISSUER) =>
    hasClaims({ ...BOB, issuer, claims }, [{ type, value }], {
      issuer: ISSUER,
      provider: undefined,
    });

  test("are compared exactly, and a role may be one of several", () => {
    expect(has({ role: ["a", "b"] }, "role", "b")).toBe(true);
    expect(has({ role: "a, b" }, "role", "b")).toBe(true);
    expect(has({ role: "ab" }, "role", "b")).toBe(false);
    expect(has({ team: ["a", "b"] }, "team", "b")).toBe(false);
    expect(has({ age: 18 }, "age", "18")).toBe(false);
    expect(has({}, "constructor", "x")).toBe(false);
  });

  test("a subject counts at this issuer, elsewhere only for the provider that the rule names", () => {
    expect(has({ sub: "u" }, "sub", "u")).toBe(true);
    expect(has({ sub: "u" }, "sub", "u", ELSEWHERE)).toBe(false);
    const named = { issuer: ISSUER, provider: ELSEWHERE };
    const party = { ...BOB, issuer: ELSEWHERE, claims: { sub: "u" } };
    expect(hasClaims(party, [{ type: "sub", value: "u" }], named)).toBe(true);
  });

  test("an address that nobody verified is nobody's", () => {
    expect(has({ email: "a@b.example" }, "email", "a@b.example")).toBe(false);
    const verified = { email: "a@b.example", email_verified: true };
    expect(has(verified, "email", "a@b.example")).toBe(true);
    expect(has({ ...verified, email_verified: "true" }, "email", "a@b.example")).toBe(false);
  });
});
