import { type Static, Type as t } from "@sinclair/typebox";
import { type FieldFault, PRINTABLE } from "./client_metadata.ts";
import {
  IDENTIFIER_LENGTH_MAX,
  isEmailAddress,
  isPhoneNumber,
  isUsableText,
  normalizeIdentifier,
  UNUSABLE,
} from "./identifier.ts";

/** Longest password, in characters. */
export const PASSWORD_LENGTH_MAX = 1024;

/** Most characters of a user's claims, written as JSON. */
export const CLAIMS_LENGTH_MAX = 65_536;

/** What a form can carry (RFC 6749 App. A), so that no password is stored which nobody can send. */
const SENDABLE = "^[^\\u0000-\\u0008\\u000a-\\u001f\\u007f]+$";

/** One user of an import file. */
export const UserImportSchema = t.Object({
  /** What the user signs in with; compared as `normalizeIdentifier` says. */
  username: t.String({ minLength: 1, maxLength: IDENTIFIER_LENGTH_MAX, pattern: PRINTABLE }),
  /** In clear; it is stored as argon2id. Absent, the stored one stays. */
  password: t.Optional(
    t.String({ minLength: 1, maxLength: PASSWORD_LENGTH_MAX, pattern: SENDABLE }),
  ),
  /** E.164; identifies the user unless `claims.phone_number_verified` is false. */
  phone_number: t.Optional(t.String()),
  /** One addr-spec; identifies the user unless `claims.email_verified` is false. */
  email: t.Optional(t.String()),
  /** Further claims about the user (OpenID Connect Core §5.1). */
  claims: t.Optional(t.Record(t.String(), t.Unknown())),
});

/** One user of an import file. */
export type UserImport = Static<typeof UserImportSchema>;

/** The part of a user that says what he signs in with. */
export interface UserAddresses {
  readonly username: string;
  readonly phoneNumber: string | null;
  readonly email: string | null;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Normalized names that lead to the user: phone number and e-mail only while verified (decisions D6). */
export function identifiersOf({
  username,
  phoneNumber,
  email,
  claims,
}: UserAddresses): readonly string[] {
  const phone = claims["phone_number_verified"] === false ? null : phoneNumber;
  const address = claims["email_verified"] === false ? null : email;
  const names = [username, phone, address].filter((name) => name !== null);
  return [...new Set(names.map(normalizeIdentifier))];
}

/** What no schema can say about a user; empty when all is well. */
export function userFaults(user: UserImport): readonly FieldFault[] {
  const { username, password, phone_number: phoneNumber, email, claims = {} } = user;
  const flags = ["phone_number_verified", "email_verified"].map((name) => ({
    field: `claims.${name}`,
    holds: !Object.hasOwn(claims, name) || typeof claims[name] === "boolean",
    fault: "must be true or false",
  }));
  const rules = [
    {
      field: "username",
      holds: username.trim() === username,
      fault: "begins or ends with white space",
    },
    { field: "username", holds: isUsableText(username), fault: UNUSABLE },
    { field: "password", holds: isUsableText(password ?? "absent"), fault: UNUSABLE },
    {
      field: "phone_number",
      holds: phoneNumber === undefined || isPhoneNumber(phoneNumber),
      fault: "is not an E.164 number such as +4930123456",
    },
    {
      field: "email",
      holds: email === undefined || isEmailAddress(email),
      fault: "is not one e-mail address such as ann@example.com",
    },
    ...flags,
    {
      field: "claims",
      holds: JSON.stringify(claims).length <= CLAIMS_LENGTH_MAX,
      fault: `is longer than ${CLAIMS_LENGTH_MAX} characters of JSON`,
    },
  ];
  return rules.filter(({ holds }) => !holds).map(({ field, fault }) => ({ field, fault }));
}
