import { describe, expect, test } from "bun:test";
import { releasedClaims, type UserFacts, wishedScopes } from "../../src/protocol/claims.ts";

const ANN: UserFacts = {
  username: "ann",
  email: "ann@example.com",
  phoneNumber: "+4930123456",
  updatedAt: 1_800_000_000,
  claims: {
    name: "Ann Example",
    "name#de": "Anna Beispiel",
    given_name: null,
    address: { formatted: "Street 1" },
    role: ["admin", "clerk"],
    department: "sales",
    email: "old@example.com",
    updated_at: 1,
  },
};

const release = (scope: string, requested = {}, allowed = scope) =>
  releasedClaims(ANN, { scope: scope.split(" "), allowed: allowed.split(" "), requested });

describe("OpenID Connect Core §5.4 scopes and their claims", () => {
  test.each([
    ["openid", {}],
    ["profile", { name: "Ann Example", preferred_username: "ann", updated_at: 1_800_000_000 }],
    ["email", { email: "ann@example.com", email_verified: true }],
    ["phone", { phone_number: "+4930123456", phone_number_verified: true }],
    ["address", { address: { formatted: "Street 1" } }],
    ["role", { role: ["admin", "clerk"] }],
    ["department", { department: "sales" }],
    ["constructor toString __proto__ hasOwnProperty", {}],
  ])("%s releases its claims and nothing else", (scope, claims) => {
    expect(release(scope)).toEqual(claims);
  });

  test("an address that the claims deny is told as unverified", () => {
    const user = { ...ANN, claims: { email_verified: false, phone_number_verified: false } };
    const told = releasedClaims(user, {
      scope: ["email", "phone"],
      allowed: ["email", "phone"],
      requested: undefined,
    });
    expect(told).toMatchObject({ email_verified: false, phone_number_verified: false });
  });

  test("preferred_username is the user's own wish where he has one", () => {
    const user = { ...ANN, claims: { preferred_username: "Annie" } };
    const scope = ["profile"];
    const told = releasedClaims(user, { scope, allowed: scope, requested: undefined });
    expect(told["preferred_username"]).toBe("Annie");
    // A client that is no more registered for the scope learns nothing by it.
    expect(releasedClaims(user, { scope, allowed: [], requested: undefined })).toEqual({});
  });

  test.each([
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "nonce",
    "azp",
    "amr",
    "acr",
    "sid",
    "cnf",
    "events",
    "at_hash",
    "sub#de",
  ])("no claim of a user is called %s", (name) => {
    const user = { ...ANN, claims: { [name]: "forged" } };
    const wish = { scope: [name], allowed: [name], requested: { [name]: null } };
    expect(releasedClaims(user, wish)).toEqual({});
  });
});

describe("OpenID Connect Core §5.5 claims asked for one by one", () => {
  test("come when a registered scope covers them, language tags included", () => {
    const requested = { name: null, "name#de": { essential: true }, email: null };
    expect(release("openid", requested, "openid profile")).toEqual({
      name: "Ann Example",
      "name#de": "Anna Beispiel",
    });
  });

  test("that nobody knows are left out, not null", () => {
    expect(release("openid", { given_name: null, middle_name: null }, "profile")).toEqual({});
  });

  test("amount to the scopes that cover them, for the user's consent", () => {
    const claims = { userinfo: { email: null, sub: null }, id_token: { "name#de": null } };
    const allowed = ["openid", "profile", "email", "phone", "department"];
    const wished = (scope: string[], wish = {}) => wishedScopes({ scope, ...wish }, allowed);
    expect(wished(["openid"], { claims })).toEqual(["openid", "profile", "email"]);
    expect(wished(["openid", "email"])).toEqual(["openid", "email"]);
    const odd = { userinfo: { department: null, openid: null, offline_access: null, role: null } };
    expect(wished([], { claims: odd })).toEqual(["department"]);
  });
});
