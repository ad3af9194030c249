import { TypeCompiler } from "@sinclair/typebox/compiler";
import {
  type ClientImport,
  ClientImportSchema,
  type ClientMetadata,
  ClientMetadataSchema,
  clientView,
} from "../protocol/client_metadata.ts";
import { isUsableText, UNUSABLE } from "../protocol/identifier.ts";
import { translatedMember } from "../protocol/language_tag.ts";
import {
  type Capabilities,
  type FieldFault,
  metadataFaults,
  metadataWarnings,
} from "../protocol/metadata_faults.ts";
import { schemaFaults } from "../protocol/schema_faults.ts";
import {
  type SecondFactor,
  type UserAddresses,
  type UserImport,
  UserImportSchema,
  userFaults,
} from "../protocol/user_metadata.ts";
import { secretFault } from "../services/client_secrets.ts";
import type { Entry } from "./party_files.ts";
import { SHOWN_CLIENT_MEMBERS, SHOWN_USER_MEMBERS } from "./show.ts";

/** A client that is fit to be written. */
export interface ClientEntry {
  readonly label: string;
  readonly id: string;
  readonly metadata: ClientMetadata;
  readonly secret: string | undefined;
  /** Unix seconds, null for never; undefined when the entry does not say. */
  readonly secretExpiresAt: number | null | undefined;
  readonly disabled: boolean;
}

/** A user who is fit to be written. */
export interface UserEntry {
  readonly label: string;
  readonly user: UserAddresses;
  readonly password: string | undefined;
  /** Undefined when the entry does not say. */
  readonly secondFactor: SecondFactor | undefined;
  readonly disabled: boolean;
}

/** What entries say, and lines for the operator. */
export interface Checked {
  readonly clients: readonly ClientEntry[];
  readonly users: readonly UserEntry[];
  readonly faults: readonly string[];
  readonly warnings: readonly string[];
}

const clientSchema = TypeCompiler.Compile(ClientImportSchema);
const userSchema = TypeCompiler.Compile(UserImportSchema);

/** Checks each entry on its own: its members, their meaning, and what this server can do. */
export function checkEntries(entries: readonly Entry[], can: Capabilities): Checked {
  const clients: ClientEntry[] = [];
  const users: UserEntry[] = [];
  const faults: string[] = [];
  const warnings: string[] = [];
  for (const entry of entries) {
    const { label } = entry;
    const value = withoutPrototypes(entry.value);
    const found = entry.kind === "client" ? checkClient(value, can) : checkUser(value);
    faults.push(...found.faults.map(({ field, fault }) => `${label}: ${field} ${fault}`));
    warnings.push(...found.warnings.map(({ field, fault }) => `${label}: ${field} ${fault}`));
    if (hasPrototypes(entry.value)) warnings.push(`${label}: __proto__ is ignored`);
    if (found.faults.length > 0) continue;
    if (entry.kind === "client") clients.push(clientEntry(label, value));
    else users.push(userEntry(label, value));
  }
  return { clients, users, faults, warnings };
}

interface Found {
  readonly faults: readonly FieldFault[];
  readonly warnings: readonly FieldFault[];
}

type Value = Readonly<Record<string, unknown>>;

function checkClient(value: Value, can: Capabilities): Found {
  if (!clientSchema.Check(value)) {
    return { faults: schemaFaults(clientSchema, value), warnings: [] };
  }
  const faults = [...metadataFaults(value, can), ...translationFaults(value)];
  for (const field of ["client_id", "client_secret"] as const) {
    const text = value[field];
    if (text !== undefined && !isUsableText(text)) {
      faults.push({ field, fault: UNUSABLE });
    }
  }
  const short = value.client_secret && secretFault(value.client_secret, value);
  if (short) faults.push({ field: "client_secret", fault: short });
  const { authMethod } = clientView(value);
  const warnings = [...unknownMembers(value, CLIENT_MEMBERS), ...metadataWarnings(value)];
  if (value.client_secret !== undefined && authMethod === "none") {
    warnings.push({ field: "client_secret", fault: "is of no use to the method none" });
  }
  return { faults, warnings };
}

function checkUser(value: Value): Found {
  if (!userSchema.Check(value)) return { faults: schemaFaults(userSchema, value), warnings: [] };
  return { faults: userFaults(value), warnings: unknownMembers(value, USER_MEMBERS) };
}

/** What is wrong with a new password of a user, in lines. */
export function passwordFaults(username: string, password: string): readonly string[] {
  return checkUser({ username, password }).faults.map(({ field, fault }) => `${field} ${fault}`);
}

const CLIENT_MEMBERS: ReadonlySet<string> = new Set([
  ...Object.keys(ClientImportSchema.properties),
  ...SHOWN_CLIENT_MEMBERS,
]);
const USER_MEMBERS: ReadonlySet<string> = new Set([
  ...Object.keys(UserImportSchema.properties),
  ...SHOWN_USER_MEMBERS,
]);

/** Members that nobody asked for are ignored (RFC 7591 §2), but the operator may have misspelt one. */
function unknownMembers(value: Value, known: ReadonlySet<string>): FieldFault[] {
  return Object.keys(value)
    .filter((name) => !known.has(name) && translatedMember(name) === undefined)
    .map((name) => ({ field: JSON.stringify(name), fault: "is not known and ignored" }));
}

/** Translations obey the rules of the member that they translate (RFC 7591 §2.2). */
function translationFaults(value: Value): FieldFault[] {
  return Object.entries(value).flatMap(([field, text]) => {
    const member = translatedMember(field);
    if (member === undefined) return [];
    const alone = { client_id: "x", [member]: text };
    const faults = clientSchema.Check(alone)
      ? metadataFaults({ ...alone, grant_types: [] }, NO_CAPABILITIES)
      : schemaFaults(clientSchema, alone);
    return faults.filter((found) => found.field === member).map(({ fault }) => ({ field, fault }));
  });
}

const NO_CAPABILITIES: Capabilities = {
  grantTypes: new Map(),
  authMethods: new Set(),
  privateHosts: [],
};

function clientEntry(label: string, value: Value): ClientEntry {
  const {
    client_id: id,
    client_secret: secret,
    client_secret_expires_at: end,
  } = value as ClientImport;
  const members = Object.entries(value).filter(
    ([name]) =>
      Object.hasOwn(ClientMetadataSchema.properties, name) || translatedMember(name) !== undefined,
  );
  return {
    label,
    id,
    metadata: Object.fromEntries(members),
    secret,
    secretExpiresAt: end === 0 ? null : end,
    disabled: typeof value["disabled_at"] === "number",
  };
}

function userEntry(label: string, value: Value): UserEntry {
  const { username, password, phone_number, email, claims, second_factor } = value as UserImport;
  return {
    label,
    user: {
      username,
      phoneNumber: phone_number ?? null,
      email: email ?? null,
      claims: claims ?? {},
    },
    password,
    secondFactor: second_factor === "none" ? null : second_factor,
    disabled: typeof value["disabled_at"] === "number",
  };
}

/** A copy without `__proto__`, at any depth: whoever assigns such a member somewhere changes a prototype. */
function withoutPrototypes(value: Value): Value {
  return JSON.parse(JSON.stringify(value), (name, member) =>
    name === "__proto__" ? undefined : member,
  );
}

function hasPrototypes(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.hasOwn(value, "__proto__") || Object.values(value).some(hasPrototypes);
}
