/** Several server processes on one database, and this process beside them to provision it. */
import { afterAll } from "bun:test";
import { join } from "node:path";
import { SQL } from "bun";
import type { ClientMetadata } from "../../src/protocol/client_metadata.ts";
import { createServerSecret, openServices, openStore, type Services } from "../../src/server.ts";
import { hashSecret, newId } from "../../src/services/ids.ts";
import { newAuthorization, refreshTokenRow } from "../../src/services/issue_tokens.ts";
import { type DatabaseName, freshDatabase, temporaryFolder } from "../support/databases.ts";
import { type ServerProcess, serverProcess } from "../support/process.ts";
import { basicHeader, ISSUER } from "../support/server.ts";

/** How long a test with processes may take, in milliseconds; generous, since machines are busy. */
export const PROCESSES_MS = 180_000;

/** The confidential client of every cluster. */
export const CLIENT = { id: "c", secret: "client-secret" } as const;

/** Servers that share a database, a secret and an issuer. */
export interface Cluster {
  readonly url: string;
  readonly processes: readonly ServerProcess[];
  /** The same database, opened here with the same secret. */
  readonly services: Services;
  /** Sends a form as the client to every process at once. */
  postToAll(path: string, form: Record<string, string>): Promise<readonly Answer[]>;
  close(): Promise<void>;
}

/** Status and members of an answer. */
export interface Answer {
  readonly status: number;
  readonly access_token?: string;
  readonly refresh_token?: string;
  readonly active?: boolean;
  readonly error?: string;
  readonly error_description?: string;
}

/** Settings under which no race is lost to a slow machine. */
export const PATIENT = { REFRESH_GRACE_SECONDS: "600", CODE_LIFETIME_SECONDS: "600" } as const;

/** Starts processes on a new database and registers the client. */
export async function startCluster(
  database: DatabaseName,
  { size }: { size: number },
): Promise<Cluster> {
  const url = await freshDatabase(database);
  const secret = newSecret();
  const options = { url, secret, environment: { ISSUER, ...PATIENT } };
  // First, so that the keys are made once; what becomes of many that make them is start_up.test.ts's.
  const services = await openBeside(url, secret);
  await registerClient(services);
  const processes = await Promise.all(Array.from({ length: size }, () => serverProcess(options)));
  return {
    url,
    processes,
    services,
    postToAll: (path, form) => Promise.all(processes.map((process) => post(process, path, form))),
    async close() {
      await Promise.all(processes.map((process) => process.stop()));
      await services.store.close();
    },
  };
}

/** Runs something for every index, some at a time, as a busy server has them. */
export async function inBatches<T>(
  count: number,
  run: (index: number) => Promise<T>,
): Promise<readonly T[]> {
  const outcomes: T[] = [];
  for (let start = 0; start < count; start += BATCH) {
    const indexes = Array.from({ length: Math.min(BATCH, count - start) }, (_, i) => start + i);
    outcomes.push(...(await Promise.all(indexes.map(run))));
  }
  return outcomes;
}

/** How many races run at a time. */
const BATCH = 10;

/** URL of a database in which nothing is, not even tables. */
export async function emptyDatabase(database: DatabaseName): Promise<string> {
  if (database === "sqlite")
    return `sqlite:${join(temporaryFolder(), "deep", "new", "tessera.db")}`;
  const url = await freshDatabase("postgres");
  const name = `empty_${crypto.randomUUID().replaceAll("-", "")}`;
  const admin = new SQL(url, { max: 1 });
  await admin.unsafe(`CREATE DATABASE ${name}`);
  await admin.close();
  return url.replace(/[^/]+$/, name);
}

/** A root secret as the environment carries it. */
export function newSecret(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64");
}

/** Opens the database of running processes in this one, on the real clock. */
export async function openBeside(url: string, secret: string): Promise<Services> {
  const store = await openStore(url, { connectionsMax: 4 });
  afterAll(() => store.close());
  return openServices({
    issuer: ISSUER,
    store,
    secret: createServerSecret(Buffer.from(secret, "base64")),
    settings: { codeLifetimeSeconds: Number(PATIENT.CODE_LIFETIME_SECONDS) },
    log: () => {},
  });
}

/** Registers the client for codes, refreshing and its own tokens, which are opaque unless told. */
export async function registerClient(
  { store, now }: Services,
  changes: ClientMetadata = {},
): Promise<void> {
  const createdAt = now();
  const metadata: ClientMetadata = {
    token_endpoint_auth_method: "client_secret_basic",
    grant_types: ["authorization_code", "refresh_token", "client_credentials"],
    redirect_uris: ["https://app.example/callback"],
    scope: "api1",
    access_token_format: "opaque",
    ...changes,
  };
  const secret = {
    id: newId(),
    clientId: CLIENT.id,
    hash: hashSecret(CLIENT.secret),
    sealed: null,
    createdAt,
    expiresAt: null,
    lastUsedAt: null,
  };
  const times = { createdAt, updatedAt: createdAt, notBefore: 0 };
  const row = { id: CLIENT.id, metadata, origin: "admin", ...times } as const;
  await store.writeParties({ clients: [{ row, secrets: [secret] }], users: [] });
}

/** Sends a form to a running server as the client. */
export async function post(
  { issuer }: Pick<ServerProcess, "issuer">,
  path: string,
  form: Record<string, string>,
): Promise<Answer> {
  const response = await fetch(issuer + path, {
    method: "POST",
    body: new URLSearchParams(form),
    headers: { Authorization: basicHeader(CLIENT.id, CLIENT.secret) },
  });
  const text = await response.text();
  return { ...(text === "" ? {} : JSON.parse(text)), status: response.status };
}

/** Writes an authorization of its own and the first refresh token of it. */
export async function issueRefreshToken(services: Services) {
  const { store, secret, settings, now } = services;
  const client = await store.findClient(CLIENT.id);
  if (!client) throw new TypeError("The client is registered first");
  const issuance = { subject: "alice", scope: ["api1"], refresh: true };
  const authorization = newAuthorization(client, issuance, { resource: [], services });
  const token = secret.mintOpaque("refresh", now());
  await store.insertAuthorization(authorization);
  await store.insertRefreshToken(
    refreshTokenRow(token.key, authorization, { settings, now: now() }),
  );
  return { text: token.text, authorizationId: authorization.id };
}

/** The form of a refresh request. */
export const refreshing = (token: string) => ({
  grant_type: "refresh_token",
  refresh_token: token,
});
