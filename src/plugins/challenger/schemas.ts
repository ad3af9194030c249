import { type TSchema, Type as t } from "@sinclair/typebox";
import { ADDRESS_TYPE_NAMES } from "../../protocol/address.ts";
import { TOKEN_TYPES } from "../../protocol/token_claims.ts";

/** A Taler timestamp. */
const Timestamp = t.Object({ t_s: t.Integer({ description: "Unix seconds" }) });

/** An object whose members may have any name. */
const named = (members: TSchema, description: string) =>
  t.Object({}, { additionalProperties: members, description });

const Address = named(t.String(), "Fields by name");

const left = (what: string) => t.Integer({ minimum: 0, description: `${what} that are left` });

/** `ChallengerConfigurationResponse`. */
export const Configuration = t.Object({
  name: t.String({ enum: ["challenger"] }),
  version: t.String({ description: "libtool's current:revision:age" }),
  implementation: t.String({ description: "URN of this implementation" }),
  restrictions: named(
    t.Object({
      regex: t.String({
        description: "POSIX extended regular expression that must match somewhere",
      }),
      hint: t.String(),
      hint_i18n: t.Optional(named(t.String(), "The hint by language")),
    }),
    "What single fields must match",
  ),
  address_type: t.String({ enum: [...ADDRESS_TYPE_NAMES] }),
  address_hint: t.String(),
});

/** `ChallengeSetupResponse`. */
export const SetupResponse = t.Object({
  nonce: t.String({ description: "Names the process; Crockford base-32 of 32 bytes" }),
});

/** `ChallengeStatus`. */
export const Status = t.Object({
  fix_address: t.Boolean({ description: "The address can no longer be changed" }),
  last_address: t.Optional(Address),
  changes_left: left("Addresses"),
  solved: t.Boolean(),
  retransmission_time: t.Optional(Timestamp),
  pin_transmissions_left: t.Optional(left("PINs to this address")),
  auth_attempts_left: t.Optional(left("Entries of this PIN")),
});

/** `ChallengeRedirect`. */
export const Redirect = t.Object({
  type: t.String({ enum: ["completed"] }),
  redirect_url: t.String({ format: "uri" }),
});

/** `ChallengeCreateResponse`. */
export const Created = t.Object({
  type: t.String({ enum: ["created"] }),
  attempts_left: left("Entries of this PIN"),
  address: Address,
  transmitted: t.Boolean({ description: "False when a PIN was sent a moment ago" }),
  retransmission_time: Timestamp,
});

/** Members of every refusal, and those of `InvalidPinResponse` where a PIN was refused. */
export const PinRefusal = t.Object({
  error: t.String(),
  error_description: t.String(),
  error_uri: t.String({ format: "uri" }),
  code: t.Optional(t.Integer({ description: "Registered GNU Taler error number" })),
  hint: t.Optional(t.String()),
  detail: t.Optional(t.String()),
  type: t.Optional(t.String({ enum: ["pending"] })),
  ec: t.Optional(t.Integer({ description: "The number again" })),
  addresses_left: t.Optional(left("Addresses")),
  pin_transmissions_left: t.Optional(left("PINs to this address")),
  auth_attempts_left: t.Optional(left("Entries of this PIN")),
  exhausted: t.Optional(t.Boolean({ description: "The PIN was not looked at" })),
  no_challenge: t.Optional(t.Boolean({ description: "No PIN was ever sent" })),
});

/** A refusal as an example, with what is left. */
export function pinRefusalExample(
  refusal: object,
  { code, exhausted }: { readonly code: number; readonly exhausted: boolean },
) {
  return {
    type: "pending",
    ec: code,
    addresses_left: 2,
    pin_transmissions_left: 2,
    auth_attempts_left: exhausted ? 0 : 2,
    exhausted,
    no_challenge: false,
    ...refusal,
  };
}

/** What `/token` answers under the mount, and nothing else. */
export const TokenResponse = t.Object({
  access_token: t.String(),
  token_type: t.String({ enum: [...TOKEN_TYPES] }),
  expires_in: t.Integer({ description: "Seconds" }),
});

/** `ChallengerInfoResponse`. */
export const Info = t.Object({
  id: t.Integer({ description: "Number of the process" }),
  address: Address,
  address_type: t.String({ enum: [...ADDRESS_TYPE_NAMES] }),
  expires: Timestamp,
  address_expiration: Timestamp,
});

/** A nonce as it looks. */
export const NONCE_EXAMPLE = "91JPRV3F5GG7EXVJDHJPRV3F5GG4Y0S5CSM6YRKED5S66TK5E9J0";

/** Values of the fields. */
export const ADDRESS_EXAMPLES: Readonly<Record<string, string>> = {
  CONTACT_EMAIL: "ada@mail.example",
  CONTACT_PHONE: "+41791234567",
  CONTACT_NAME: "Ada Lovelace",
  ADDRESS_LINES: "12 St. James's Square",
  ADDRESS_COUNTRY: "United Kingdom",
};

const address = { CONTACT_EMAIL: "ada@mail.example" };
const soon = { t_s: 1_800_000_030 };
const nextYear = { t_s: 1_831_536_000 };

/** A process under way. */
export const STATUS_EXAMPLE = {
  fix_address: false,
  last_address: address,
  changes_left: 2,
  solved: false,
  retransmission_time: soon,
  pin_transmissions_left: 2,
  auth_attempts_left: 3,
};

/** A solved process. */
export const REDIRECT_EXAMPLE = {
  type: "completed",
  redirect_url: `https://exchange.example/kyc-proof/mail?code=${NONCE_EXAMPLE}-D1JPRV3F&state=st`,
};

/** A PIN on its way. */
export const CREATED_EXAMPLE = {
  type: "created",
  attempts_left: 3,
  address,
  transmitted: true,
  retransmission_time: soon,
};

/** A redeemed code. */
export const TOKEN_EXAMPLE = {
  access_token: "tsa_CkhwVqcA",
  token_type: "Bearer",
  expires_in: 3600,
};

/** What the token stands for. */
export const INFO_EXAMPLE = {
  id: 1,
  address,
  address_type: "email",
  expires: nextYear,
  address_expiration: nextYear,
};
