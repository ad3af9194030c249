import { type Static, Type as t } from "@sinclair/typebox";
import { choice, PRINTABLE } from "./client_metadata.ts";
import {
  IDENTIFIER_LENGTH_MAX,
  isEmailAddress,
  isPhoneNumber,
  isUsableText,
  normalizeIdentifier,
  UNUSABLE,
} from "./identifier.ts";
import type { FieldFault } from "./metadata_faults.ts";

/** Longest password, in characters. */
export const PASSWORD_LENGTH_MAX = 1024;

/** Most characters of a user's claims, written as JSON. */
export const CLAIMS_LENGTH_MAX = 65_536;

/** What may be asked for beside the password; `none` asks for nothing. */
export const SECOND_FACTORS = ["sms", "email", "none"] as const;

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
  /** Where the code of his second step goes when he signs in. Absent, the stored one stays. */
  second_factor: t.Optional(choice(SECOND_FACTORS)),
  /** Further claims about the user (OpenID Connect Core §5.1). */
  claims: t.Optional(t.Record(t.String(), t.Unknown())),
});

/** One user of an import file. */
export type UserImport = Static<typeof UserImportSchema>;

/** What is stored of a second factor; null asks for none. */
export type SecondFactor = "sms" | "email" | null;

/** The part of a user that says what he signs in with. */
export interface UserAddresses {
  readonly username: string;
  readonly phoneNumber: string | null;
  readonly email: string | null;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Normalized names that lead to the user: phone number and e-mail only while verified (decisions D6). */
export function identifiersOf(user: UserAddresses): readonly string[] {
  const { phone, email } = verifiedAddresses(user);
  const names = [user.username, phone, email].filter((name) => name !== null);
  return [...new Set(names.map(normalizeIdentifier))];
}

/** Why the user cannot have this second factor; undefined when he can. */
export function secondFactorFault(user: UserAddresses, factor: SecondFactor): string | undefined {
  const { phone, email } = verifiedAddresses(user);
  if (factor === "sms" && phone === null) return "sms needs a verified phone number";
  return factor === "email" && email === null ? "email needs a verified e-mail address" : undefined;
}

/** An address counts as verified unless the claims say otherwise. */
function verifiedAddresses({ phoneNumber, email, claims }: UserAddresses) {
  return {
    phone: claims["phone_number_verified"] === false ? null : phoneNumber,
    email: claims["email_verified"] === false ? null : email,
  };
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
