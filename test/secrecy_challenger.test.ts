import { describe, expect, test } from "bun:test";
import PostalMime from "postal-mime";
import { hashSecret } from "../src/services/ids.ts";
import { DATABASES } from "./support/databases.ts";
import { mailServer } from "./support/mail_server.ts";
import { type ServerProcess, serverProcess } from "./support/process.ts";
import { dumpOf, filesOf, tracesOf } from "./support/traces.ts";

const PROCESSES_MS = 180_000;
const REDIRECT_URI = "https://exchange.example/kyc-proof/mail";
const SECRET = "secret-token:recognizable-challenger-secret-9f1";
const ADDRESS = "recognizable-ada@mail.example";
const post = await mailServer();

/** What a walk shows: `secrets` are for nobody else, `pins` are secrets too short to be unlike all else. */
interface Shown {
  readonly secrets: readonly string[];
  readonly pins: readonly string[];
}

async function walk({ origin }: ServerProcess, client: string): Promise<Shown> {
  const base = `${origin}/challenger`;
  const send = async (path: string, form: Record<string, string>) => {
    const response = await fetch(base + path, {
      method: "POST",
      body: new URLSearchParams(form),
      headers: { Authorization: `Bearer ${SECRET}` },
      redirect: "manual",
    });
    const text = await response.text();
    const body: Record<string, unknown> = text === "" ? {} : JSON.parse(text);
    return { status: response.status, location: response.headers.get("location") ?? "", body };
  };
  const setup = await fetch(`${base}/setup/${client}`, {
    method: "POST",
    headers: { Authorization: `Bearer ${SECRET}` },
  });
  const { nonce } = (await setup.json()) as { nonce: string };
  expect((await send(`/challenge/${nonce}`, { CONTACT_EMAIL: ADDRESS })).status).toBe(200);
  const { text = "" } = await PostalMime.parse(post.mails.at(-1)?.raw ?? "");
  const pin = /\b\d{4}-\d{4}\b/.exec(text)?.[0] ?? "";
  const wrong = pin.replace(/^\d/, (digit) => String((Number(digit) + 1) % 10));
  expect((await send(`/solve/${nonce}`, { pin: wrong })).status).toBe(403);
  const { location } = await send(`/solve/${nonce}`, { pin });
  const code = new URL(location).searchParams.get("code") ?? "";
  const form = { grant_type: "authorization_code", code, redirect_uri: REDIRECT_URI };
  const redeeming = { ...form, client_id: client, client_secret: SECRET };
  const wrongSecret = "secret-token:wrong-secret-6bb";
  expect((await send("/token", { ...redeeming, client_secret: wrongSecret })).status).toBe(401);
  const { body } = await send("/token", redeeming);
  const token = String(body["access_token"]);
  const info = await fetch(`${base}/info`, { headers: { Authorization: `Bearer ${token}` } });
  expect(await info.json()).toMatchObject({ address: { CONTACT_EMAIL: ADDRESS } });
  expect((await send("/token", redeeming)).status).toBe(401);
  return {
    secrets: [nonce, code, code.split("-")[1] ?? "", token, SECRET, wrongSecret],
    pins: [pin, wrong],
  };
}

describe.each(DATABASES)("attacks 82 and 84: after a Challenger walk over %s", (database) => {
  test(
    "no PIN, nonce, code, secret or token is in the log or the database, and no address in the log",
    async () => {
      const environment = {
        EMAIL_DELIVERY: "smtp",
        SMTP_URL: post.url,
        MAIL_FROM: "challenger@tessera.example",
      };
      const server = await serverProcess({ database, environment });
      const { stdout: id } = await server.admin(
        "challenger",
        "add",
        `--secret=${SECRET}`,
        `--redirect-uri=${REDIRECT_URI}`,
      );
      const { secrets, pins } = await walk(server, id.trim());
      const dump = await dumpOf(server.url);
      const files = filesOf(server.url);
      const { stdout, stderr } = await server.stop();
      expect(dump).toMatch(/^challenges: \[\{/m);
      for (const trace of [...secrets, server.secret].flatMap(tracesOf)) {
        expect(dump.includes(trace), `the database holds ${trace}`).toBe(false);
        expect(files.includes(trace), `the database's files hold ${trace}`).toBe(false);
        expect((stdout + stderr).includes(trace), `the log holds ${trace}`).toBe(false);
      }
      for (const pin of pins) {
        const digits = pin.replace("-", "");
        for (const trace of [pin, digits, hashSecret(pin), hashSecret(digits)]) {
          expect(dump.includes(trace), `the database holds ${trace}`).toBe(false);
          expect((stdout + stderr).includes(trace), `the log holds ${trace}`).toBe(false);
        }
      }
      expect(stdout + stderr).not.toContain(ADDRESS);
      // The address is what the service is for; the audit log gets none of it.
      const auditRows = dump.split("\n").find((line) => line.startsWith("audit_log: "));
      expect(auditRows).toContain("challenge.solved");
      expect(auditRows).not.toContain(ADDRESS);
    },
    PROCESSES_MS,
  );
});
