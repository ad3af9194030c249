import { describe, expect, test } from "bun:test";
import { errorBody } from "../../src/http/errors.ts";
import { CATALOGUE, type CatalogueEntry, type ErrorCode } from "../../src/protocol/catalogue.ts";
import {
  answering,
  malformedParameter,
  missingParameter,
  OAuthError,
} from "../../src/protocol/oauth_error.ts";
import { TALER_HINTS } from "../../src/protocol/taler.ts";

const rows = Object.entries(CATALOGUE) as [ErrorCode, CatalogueEntry][];
const addressee = { dialect: "challenger", clientId: "7" } as const;

describe("OAuthError", () => {
  test("fills the placeholders of its row", () => {
    const error = new OAuthError("grant_type_refused", { values: ["app", "password"] });
    expect(error.message).toBe("the client app doesn't support the grant type password");
    expect([error.code, error.row.error]).toEqual(["grant_type_refused", "unauthorized_client"]);
  });

  test("a value cannot leave its sentence, bring placeholders, or grow (RFC 6749 App. A.8)", () => {
    const say = (value: string) => new OAuthError("scope_refused", { values: [value] }).message;
    expect(say('a"b\\c\nd\u0000é🦉')).toBe("the scopes a'b'c'd'''' are not allowed or invalid");
    expect(say("{0}{1}$&$1")).toBe("the scopes {0}{1}$&$1 are not allowed or invalid");
    expect(say("x".repeat(10_000))).toBe(
      `the scopes ${"x".repeat(200)} are not allowed or invalid`,
    );
  });

  test("further members of the body never stand in for those that every refusal has", () => {
    const members = { ticket: "t", error: "ok", error_description: "fine", error_uri: "x" };
    const body = errorBody(new OAuthError("client_unknown", { members }), "https://id.example");
    expect(body).toMatchObject({
      ticket: "t",
      error: "invalid_client",
      error_description: "the client doesn't exist",
      error_uri: "https://id.example/docs/errors/client_unknown",
    } as object);
  });

  test("an absent value leaves nothing behind", () => {
    expect(new OAuthError("scope_refused").message).toBe("the scopes  are not allowed or invalid");
  });
});

describe("missingParameter() and malformedParameter()", () => {
  test.each(["grant_type", "username", "password", "scope", "refresh_token", "code", "token"])(
    "the seed's own row tells that %s is missing",
    (name) => {
      const error = missingParameter(name);
      expect(error.code as string).toBe(`${name}_missing`);
      expect(error.message).toBe(`the parameter ${name} is missing`);
      expect(error.parameter).toBe(name);
    },
  );

  test("others share one row, and name the parameter in detail", () => {
    const error = missingParameter("ticket");
    expect([error.code, error.message, error.parameter]).toEqual([
      "parameter_missing",
      "the parameter ticket is missing",
      "ticket",
    ]);
    expect(malformedParameter("ticket").message).toBe("the parameter ticket is malformed");
  });

  test("a parameter named like another row does not get that row", () => {
    for (const name of ["body", "json", "authorization_header", "__proto__", "parameter"]) {
      expect(malformedParameter(name).code).toBe("parameter_malformed");
      expect(missingParameter(name).code).toBe("parameter_missing");
    }
  });
});

describe("answering()", () => {
  const caught = (run: () => Promise<unknown>) =>
    answering(addressee, run).catch((error: unknown) => error as OAuthError);

  test("passes what succeeds", async () => {
    expect(await answering(addressee, async () => 1)).toBe(1);
  });

  test("tells a refusal whom it is for, once", async () => {
    const refusal = new OAuthError("code_expired");
    expect(await caught(async () => Promise.reject(refusal))).toBe(refusal);
    expect(refusal.addressee).toEqual(addressee);
    const other = { dialect: "oauth", clientId: undefined } as const;
    await answering(other, async () => Promise.reject(refusal)).catch(() => {});
    expect(refusal.addressee).toEqual(addressee);
  });

  test("attack 83: anything else becomes a fault that says nothing of its cause", async () => {
    const fault = (await caught(async () => {
      throw new TypeError("secret detail");
    })) as OAuthError;
    expect([fault.code, fault.row.status]).toEqual(["fault", 500]);
    expect(fault.message).not.toContain("secret");
    expect(fault.addressee).toEqual(addressee);
  });
});

describe("rows of the catalogue", () => {
  test.each(rows)("%s is whole", (_, row) => {
    expect(row.error).toMatch(/^[a-z_]+$/);
    expect(row.description).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/);
    expect([400, 401, 403, 404, 405, 406, 409, 412, 429, 500, 501, 502, 503]).toContain(row.status);
    expect([undefined, 400, 401, 404, 409, 500]).toContain(row.challengerStatus);
    if (row.taler !== undefined) expect(TALER_HINTS[row.taler]).toBeString();
    for (const text of [row.source, row.cause, row.cure]) expect(text.length).toBeGreaterThan(7);
  });

  test("a status of the server's fault has server_error or temporarily_unavailable", () => {
    for (const [name, row] of rows.filter(([, { status }]) => status === 429 || status >= 500)) {
      expect(["server_error", "temporarily_unavailable"], name).toContain(row.error);
    }
  });
});
