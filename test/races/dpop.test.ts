import { describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { DATABASES } from "../support/databases.ts";
import { dpopKey, proofOf } from "../support/dpop.ts";
import { basicHeader } from "../support/server.ts";
import { CLIENT, inBatches, PROCESSES_MS, startCluster } from "./cluster.ts";

const PROOFS = 50;
const FORM = "grant_type=client_credentials&scope=api1";
const AUTHORIZATION = basicHeader(CLIENT.id, CLIENT.secret);

/** Sends the client's request with a proof. */
async function send(issuer: string, DPoP: string) {
  const response = await fetch(`${issuer}/token`, {
    method: "POST",
    body: FORM,
    headers: {
      Authorization: AUTHORIZATION,
      DPoP,
      "Content-Type": "application/x-www-form-urlencoded",
    },
  });
  const { error } = (await response.json()) as { error?: string };
  return { status: response.status, error };
}

/** The status line of a request with two `DPoP` headers, which no client library sends. */
function sendTwo(issuer: string, [first, second]: readonly [string, string]): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const lines = [
    "POST /token HTTP/1.1",
    "Host: localhost",
    `Authorization: ${AUTHORIZATION}`,
    "Content-Type: application/x-www-form-urlencoded",
    `Content-Length: ${FORM.length}`,
    `DPoP: ${first}`,
    `DPoP: ${second}`,
    "Connection: close",
  ];
  const socket = connect(Number(new URL(issuer).port), "127.0.0.1", () => {
    socket.write(`${lines.join("\r\n")}\r\n\r\n${FORM}`);
  });
  let received = "";
  socket.setEncoding("utf8");
  socket.on("data", (data: string) => {
    received += data;
  });
  socket.on("close", () => resolve(received));
  socket.on("error", reject);
  return promise;
}

describe.each(DATABASES)("RFC 9449 §11.1: a proof is used once, on %s", (database) => {
  test(
    "attack 60: of three processes that get one proof at once, one issues a token",
    async () => {
      const { processes, close } = await startCluster(database, { size: 3 });
      const key = await dpopKey();
      // All processes state one issuer, and the clock is the real one.
      const iat = () => Math.floor(Date.now() / 1000);
      const make = () => proofOf(key, { claims: { iat: iat() } });
      const races = await inBatches(PROOFS, async () => {
        const proof = await make();
        return Promise.all(processes.map(({ issuer }) => send(issuer, proof)));
      });
      for (const answers of races) {
        expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
        const lost = answers.filter(({ error }) => error === "invalid_dpop_proof");
        expect(lost).toHaveLength(processes.length - 1);
      }

      const [one] = processes;
      if (!one) throw new RangeError("three processes");
      const two = await sendTwo(one.issuer, [await make(), await make()]);
      expect(two).toStartWith("HTTP/1.1 400 ");
      expect(two).toContain("invalid_dpop_proof");
      await close();
    },
    PROCESSES_MS,
  );
});
