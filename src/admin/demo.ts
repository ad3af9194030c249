/** The demo client and user of `bun run dev`, and what can be tried with them. */
import type { ClientMetadata } from "../protocol/client_metadata.ts";
import { isLiveSecret } from "../services/client_secrets.ts";
import type { Services } from "../services/services.ts";
import type { Client } from "../store/clients.ts";
import { outpacedOf } from "../store/database.ts";
import type { User } from "../store/users.ts";
import { writeChanges } from "./import_parties.ts";
import { clientWrite, userWrite } from "./party_writes.ts";

/** What everybody knows of the demo; `bun run start` refuses a database that holds it. */
export const DEMO = {
  clientId: "demo",
  clientSecret: "demo-secret",
  username: "demo",
  password: "demo-password",
  email: "demo@example.com",
  /** With any port (RFC 8252 §7.3), so that it may lead back to this very server. */
  redirectUri: "http://127.0.0.1/callback",
  /** Nothing secret, as it is for one's own machine. */
  codeVerifier: "demo-verifier-demo-verifier-demo-verifier-demo",
} as const;

const METADATA: ClientMetadata = {
  client_name: "Demo",
  token_endpoint_auth_method: "client_secret_basic",
  grant_types: ["client_credentials", "password", "refresh_token", "authorization_code"],
  redirect_uris: [DEMO.redirectUri],
  scope: "openid profile email offline_access api1 api2",
  confirmation_codes: true,
};

/** The demo user's id is fixed, so that two first starts at once write one user. */
const USER_ID = "01970000-0000-7000-8000-000000000001";

/** Remembers that the demo was seeded, so that a deleted one stays deleted. */
const SEEDED = { id: "demo:seeded", value: {}, expiresAt: 253_402_300_799 } as const;

/** Whether the demo can be tried: it is there as it was seeded, it was changed since, or names are taken. */
export type DemoState = "usable" | "changed" | "taken";

/** Seeds the demo once in the life of a database, and tells how it stands. */
export async function seedDemo(services: Services): Promise<DemoState> {
  const { store } = services;
  if (await store.findRecord(SEEDED.id)) return demoState(services);
  const [client, ...users] = await findDemo(services);
  const others = users.filter((user) => user !== undefined && user.id !== USER_ID);
  if ((client && client.origin !== "demo") || others.length > 0) return "taken";
  try {
    await writeDemo(services, { client, user: users.find((user) => user !== undefined) });
  } catch (error) {
    // Another first start was faster; what it wrote is the demo, or whatever was made of it.
    if (!outpacedOf(error)) throw error;
    return demoState(services);
  }
  await store.insertRecord(SEEDED);
  return "usable";
}

/** What is there already when an earlier first start ended halfway. */
interface Found {
  readonly client: Client | undefined;
  readonly user: User | undefined;
}

async function findDemo({ store }: Services) {
  return Promise.all([
    store.findClient(DEMO.clientId),
    store.findUserByIdentifier(DEMO.username),
    store.findUserByIdentifier(DEMO.email),
  ]);
}

async function writeDemo(services: Services, found: Found): Promise<void> {
  const entry = {
    label: "demo client",
    id: DEMO.clientId,
    metadata: METADATA,
    secret: DEMO.clientSecret,
    secretExpiresAt: null,
    disabled: false,
  };
  const user = {
    username: DEMO.username,
    phoneNumber: null,
    email: DEMO.email,
    claims: { name: "Demo" },
  };
  const person = {
    label: "demo user",
    user,
    password: DEMO.password,
    secondFactor: undefined,
    disabled: false,
  };
  const written = await userWrite({ entry: person, stored: found.user }, services, "demo");
  const row = { ...written.write.row, id: USER_ID };
  await writeChanges(
    {
      clients: [clientWrite({ entry, stored: found.client }, services, "demo")],
      users: [{ ...written, write: { ...written.write, row } }],
    },
    services,
  );
}

/** Whether the printed lines would work, with the least that they need. */
async function demoState(services: Services): Promise<DemoState> {
  const [client, user] = await findDemo(services);
  const isClient =
    client?.disabledAt === null &&
    client.authMethod === "client_secret_basic" &&
    METADATA.grant_types?.every((type) => client.grantTypes.includes(type)) &&
    ["openid", "api1"].every((scope) => client.scopes.includes(scope)) &&
    client.redirectUris.includes(DEMO.redirectUri) &&
    client.metadata.confirmation_codes === true &&
    isLiveSecret(DEMO.clientSecret, client, services.now());
  if (!isClient || user?.disabledAt !== null || user.email !== DEMO.email) return "changed";
  const same = await services.passwords.verify(DEMO.password, user.passwordHash);
  return same ? "usable" : "changed";
}
