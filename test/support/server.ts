/** A server over a real database with a clock that stands still until a test moves it. */
import { afterAll } from "bun:test";
import type { Plugin } from "../../src/contracts.ts";
import type { Peer } from "../../src/http/peer.ts";
import type { ClientMetadata } from "../../src/protocol/client_metadata.ts";
import { normalizeIdentifier } from "../../src/protocol/identifier.ts";
import type { Settings } from "../../src/protocol/settings.ts";
import {
  core,
  createServer,
  createServerSecret,
  openServices,
  openStore,
  type Server,
  type Services,
  uma,
} from "../../src/server.ts";
import { secretRow } from "../../src/services/client_secrets.ts";
import { newId } from "../../src/services/ids.ts";
import { type DatabaseName, freshDatabase } from "./databases.ts";

/** The issuer of every test server. */
export const ISSUER = "http://localhost:3000";

/** Where the clock stands when a test begins: 2027-01-15. */
export const START = 1_800_000_000;

/** One line of the log, as a test sees it. */
export interface LogLine {
  readonly level: string;
  readonly event: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** A client to register; a `client_secret` makes it confidential by Basic unless it says otherwise. */
export type TestClient = ClientMetadata & {
  readonly client_id: string;
  readonly client_secret?: string;
  readonly client_secret_expires_at?: number;
};

/** A user to add; phone number and e-mail address count as verified. */
export interface TestUser {
  readonly username: string;
  readonly password?: string;
  /** A hash of the password instead, where many sign in and passwords are not what is tested. */
  readonly passwordHash?: string;
  readonly phone_number?: string;
  readonly email?: string;
}

/** What a test may choose. */
export interface TestServerOptions {
  readonly database?: DatabaseName;
  /** A database that exists already, for a second instance or a restart. */
  readonly url?: string;
  readonly settings?: Partial<Settings>;
  readonly plugins?: readonly Plugin[];
  readonly issuer?: string;
  /** The root secret, for a second instance or a restart. */
  readonly secret?: Uint8Array;
  /** The root secret before, for a rotation. */
  readonly previousSecret?: Uint8Array;
  /** How long a statement may wait for a lock, in milliseconds. */
  readonly statementTimeoutMs?: number;
}

/** A running server and what tests do with it. */
export interface TestServer {
  readonly server: Server;
  readonly services: Services;
  readonly url: string;
  readonly secret: Uint8Array;
  readonly log: readonly LogLine[];
  /** Moves the clock forward. */
  advance(seconds: number): void;
  addClient(client: TestClient): Promise<void>;
  /** Adds a user and returns his id. */
  addUser(user: TestUser): Promise<string>;
  /** Sends a form by POST. A string is sent as it is; a record is encoded. */
  post(path: string, form: Form, options?: PostOptions): Promise<Response>;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  close(): Promise<void>;
}

/** A form as text, as pairs, or as a record. */
export type Form = string | Record<string, string> | [string, string][];

/** Credentials and headers of one request. */
export interface PostOptions {
  /** Sent as HTTP Basic, each half form-encoded. */
  readonly basic?: readonly [id: string, secret: string];
  readonly headers?: Record<string, string>;
  readonly peer?: Peer;
}

/**
 * Opens a server. Awaited at the top of a test file, it stays open until the file ends; in a test
 * or a hook, until that ends.
 */
export async function testServer(options: TestServerOptions = {}): Promise<TestServer> {
  const url = options.url ?? (await freshDatabase(options.database ?? "sqlite"));
  const secret = options.secret ?? crypto.getRandomValues(new Uint8Array(32));
  const { statementTimeoutMs } = options;
  const store = await openStore(url, {
    connectionsMax: 4,
    ...(statementTimeoutMs !== undefined && { statementTimeoutMs }),
  });
  const log: LogLine[] = [];
  let clock = START;
  const services = await openServices({
    issuer: options.issuer ?? ISSUER,
    store,
    secret: createServerSecret(secret, options.previousSecret),
    now: () => clock,
    log: (level, event, facts = {}) => void log.push({ level, event, facts }),
    ...(options.settings && { settings: options.settings }),
  });
  const server = createServer(options.plugins ?? [core, uma()], services);
  let closed = false;
  const close = async () => {
    if (closed) return;
    closed = true;
    await store.close();
  };
  afterAll(close);
  return {
    server,
    services,
    url,
    secret,
    log,
    close,
    advance(seconds) {
      clock += seconds;
    },
    addClient: (client) => addClient(services, client),
    addUser: (user) => addUser(services, user),
    post(path, form, { basic, headers, peer } = {}) {
      const body = typeof form === "string" ? form : new URLSearchParams(form).toString();
      const request = new Request(`http://localhost${path}`, {
        method: "POST",
        body,
        headers: {
          "Content-Type": "application/x-www-form-urlencoded",
          ...(basic && { Authorization: basicHeader(...basic) }),
          ...headers,
        },
      });
      return server.handle(request, peer);
    },
    get: (path, headers = {}) => server.handle(new Request(`http://localhost${path}`, { headers })),
  };
}

/** The header of HTTP Basic, each half form-encoded (RFC 6749 §2.3.1). */
export function basicHeader(id: string, secret: string): string {
  const encode = (text: string) => encodeURIComponent(text).replaceAll("%20", "+");
  return `Basic ${Buffer.from(`${encode(id)}:${encode(secret)}`).toString("base64")}`;
}

async function addClient(services: Services, client: TestClient): Promise<void> {
  const { client_id: id, client_secret: secret, client_secret_expires_at: end, ...given } = client;
  const createdAt = services.now();
  const method = secret === undefined ? "none" : "client_secret_basic";
  const metadata = { token_endpoint_auth_method: method, ...given };
  const facts = {
    clientId: id,
    authMethod: metadata.token_endpoint_auth_method,
    expiresAt: end || null,
  };
  const secrets = secret === undefined ? [] : [secretRow(secret, facts, services)];
  const row = {
    id,
    metadata,
    origin: "admin",
    createdAt,
    updatedAt: createdAt,
    notBefore: createdAt - 1,
  } as const;
  const seenAt = (await services.store.findClient(id))?.updatedAt;
  await services.store.writeParties({ clients: [{ row, seenAt, secrets }], users: [] });
}

async function addUser(services: Services, user: TestUser): Promise<string> {
  const id = newId();
  const createdAt = services.now();
  const identifiers = [user.username, user.phone_number, user.email].flatMap((text) =>
    text === undefined ? [] : [normalizeIdentifier(text)],
  );
  const row = {
    id,
    username: user.username,
    passwordHash:
      user.passwordHash ??
      (user.password === undefined ? null : await services.passwords.hash(user.password)),
    phoneNumber: user.phone_number ?? null,
    email: user.email ?? null,
    claims: {},
    origin: "admin",
    createdAt,
    updatedAt: createdAt,
    notBefore: createdAt - 1,
  } as const;
  await services.store.writeParties({
    clients: [],
    users: [{ row, identifiers, passwordChanged: false }],
  });
  return id;
}
