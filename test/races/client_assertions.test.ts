import { describe, expect, test } from "bun:test";
import { SignJWT } from "jose";
import { secretRow } from "../../src/services/client_secrets.ts";
import { formOf, newClientKey, SHARED } from "../support/assertions.ts";
import { DATABASES } from "../support/databases.ts";
import { ISSUER } from "../support/server.ts";
import { inBatches, PROCESSES_MS, startCluster } from "./cluster.ts";

const REPLAYS = 50;

describe.each(DATABASES)("attack 25: an assertion on four processes over %s", (database) => {
  test(
    "of fifty that come at once one is taken, again and again; a late one is refused everywhere",
    async () => {
      const { processes, services, close } = await startCluster(database, { size: 4 });
      const key = await newClientKey("ES256");
      const at = services.now();
      const times = { createdAt: at, updatedAt: at, notBefore: 0 };
      const granted = { grant_types: ["client_credentials"], scope: "api1", default_scope: "api1" };
      const metadata = (token_endpoint_auth_method: string) => ({
        ...granted,
        token_endpoint_auth_method,
      });
      const jwks = { keys: [key.jwk] };
      const keyed = { id: "keyed", metadata: { ...metadata("private_key_jwt"), jwks } };
      const shared = { id: "shared", metadata: metadata("client_secret_jwt") };
      const facts = { clientId: "shared", authMethod: "client_secret_jwt", expiresAt: null };
      await services.store.writeParties({
        clients: [
          { row: { ...keyed, ...times, origin: "admin" }, secrets: [] },
          {
            row: { ...shared, ...times, origin: "admin" },
            secrets: [secretRow(SHARED, facts, services)],
          },
        ],
        users: [],
      });
      const make = (id: string) => {
        const now = services.now();
        const jwt = new SignJWT({ jti: crypto.randomUUID() })
          .setIssuer(id)
          .setSubject(id)
          .setAudience(ISSUER)
          .setIssuedAt(now)
          .setExpirationTime(now + 120);
        return id === "keyed"
          ? jwt.setProtectedHeader({ alg: "ES256" }).sign(key.privateKey)
          : jwt.setProtectedHeader({ alg: "HS256" }).sign(new TextEncoder().encode(SHARED));
      };
      const send = async (index: number, assertion: string) => {
        const { issuer } = processes[index % processes.length] ?? { issuer: "" };
        const response = await fetch(`${issuer}/token`, {
          method: "POST",
          body: new URLSearchParams({ grant_type: "client_credentials", ...formOf(assertion) }),
        });
        const { error_description: text } = (await response.json()) as Record<string, string>;
        return response.status === 200 ? "taken" : `${response.status} ${text}`;
      };
      const replayed = "400 the client assertion has been used before";
      const counts = await inBatches(10, async (round) => {
        const assertion = await make(round % 2 ? "keyed" : "shared");
        const answers = await Promise.all(
          Array.from({ length: REPLAYS }, (_, index) => send(index, assertion)),
        );
        const late = await Promise.all(processes.map((_, index) => send(index, assertion)));
        expect(new Set(late)).toEqual(new Set([replayed]));
        expect(new Set(answers)).toEqual(new Set(["taken", replayed]));
        return answers.filter((answer) => answer === "taken").length;
      });
      expect(counts).toEqual(Array(10).fill(1));
      await close();
    },
    PROCESSES_MS,
  );
});
