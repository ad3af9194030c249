import { describe, expect, test } from "bun:test";
import PostalMime from "postal-mime";
import { DATABASES } from "../support/databases.ts";
import { mailServer } from "../support/mail_server.ts";
import { type ServerProcess, serverProcess } from "../support/process.ts";
import { type ExchangeConfiguration, startExchange } from "./exchange.ts";

const PROCESSES_MS = 180_000;
const SECRET = "secret-token:exchange-kyc-9f1";
const post = await mailServer();
const exchange = await startExchange();

/** Servers on one database with the mail server as their delivery, and the client of the exchange. */
async function startServers(
  database: (typeof DATABASES)[number],
  { size, prefix }: { size: number; prefix: string },
) {
  const environment = {
    EMAIL_DELIVERY: "smtp",
    SMTP_URL: post.url,
    MAIL_FROM: "Challenger <challenger@tessera.example>",
    CHALLENGER_PREFIX: prefix,
  };
  const first = await serverProcess({ database, environment });
  const { url, secret, issuer } = first;
  const more = await Promise.all(
    Array.from({ length: size - 1 }, () =>
      serverProcess({ url, secret, environment: { ...environment, ISSUER: issuer } }),
    ),
  );
  // As Taler's setup script registers: what is printed is the id.
  const added = await first.admin(
    "challenger",
    "add",
    `--secret=${SECRET}`,
    `--redirect-uri=${exchange.redirectUri}`,
  );
  expect([added.exitCode, added.stderr]).toEqual([0, ""]);
  const clientId = added.stdout.trim();
  expect(clientId).toMatch(/^[1-9]\d*$/);
  return { servers: [first, ...more], clientId };
}

/** Where each next request goes: round the instances. */
function rounds(servers: readonly ServerProcess[], prefix: string) {
  let turn = 0;
  return () => {
    const { origin } = servers[turn++ % servers.length] ?? {};
    return `${origin}${prefix === "/" ? "" : prefix}`;
  };
}

/** Every PIN that was mailed. */
const pins: string[] = [];

const PIN = /\b\d{4}-\d{4}\b/;

/** The user: fills in the address and the PIN from the mail, and follows where he is sent. */
async function walk(authorizeUrl: string, next: () => string, address: string): Promise<Response> {
  const arrived = await fetch(authorizeUrl);
  expect([arrived.status, await arrived.json()]).toMatchObject([200, { solved: false }]);
  const nonce = /authorize\/([^?]+)/.exec(authorizeUrl)?.[1] ?? "";
  const send = (path: string, form: Record<string, string>) =>
    fetch(`${next()}${path}/${nonce}`, { method: "POST", body: new URLSearchParams(form) });
  const sent = await send("/challenge", { CONTACT_EMAIL: address });
  expect([sent.status, await sent.json()]).toMatchObject([200, { transmitted: true }]);
  const mail = post.mails.at(-1);
  expect(mail?.recipients).toEqual([address]);
  const { text = "" } = await PostalMime.parse(mail?.raw ?? "");
  const [pin = ""] = PIN.exec(text) ?? [];
  expect(pin).toMatch(PIN);
  pins.push(pin);
  const wrong = await send("/solve", {
    pin: pin.replace(/\d/, (d) => String((Number(d) + 1) % 10)),
  });
  expect(wrong.status).toBe(403);
  await wrong.body?.cancel();
  return send("/solve", { pin });
}

/** Stops a server, which must have told its log neither PINs nor addresses. */
async function stopSilent(server: ServerProcess): Promise<void> {
  const { exitCode, stdout, stderr } = await server.stop();
  expect(exitCode).toBe(0);
  expect(stdout + stderr).not.toContain("mail.example");
  for (const pin of pins) expect(stdout + stderr).not.toContain(pin);
}

describe.each(DATABASES)("challenger.md B.6, the exchange's walk on a port, on %s", (database) => {
  test.each([
    [1, "/challenger"],
    [1, "/"],
    [2, "/challenger"],
  ])(
    "steps 1 to 6 with %d instances under %s, with mails through a real mail server",
    async (size, prefix) => {
      const { servers, clientId } = await startServers(database, { size, prefix });
      const next = rounds(servers, prefix);
      const ids: string[] = [];
      for (let user = 0; user < 2; user++) {
        const configuration: ExchangeConfiguration = {
          clientId,
          clientSecret: SECRET,
          authorizeUrl: `${next()}/authorize#setup`,
          tokenUrl: `${next()}/token`,
          infoUrl: `${next()}/info`,
        };
        const account = crypto.randomUUID();
        const address = `user${user}@mail.example`;
        const url = await exchange.begin(configuration, account, user === 0 ? undefined : {});
        const before = Math.floor(Date.now() / 1000);
        const ended = await walk(url, next, address);
        expect([ended.status, await ended.text()]).toEqual([200, "done"]);
        const outcome = exchange.outcomeOf(account);
        expect(outcome).toEqual({
          id: expect.stringMatching(/^\d+$/),
          email: address,
          expiration: expect.any(Number),
        });
        if (!outcome || !("id" in outcome)) throw new TypeError("just expected");
        expect(outcome.expiration).toBeGreaterThanOrEqual(before + 365 * 86_400);
        ids.push(outcome.id);
        // The user comes back by his history: the exchange shows why it cannot go on.
        await fetch(ended.url);
        expect(exchange.outcomeOf(account)).toEqual({
          failure: "invalid_grant: the authorization code is not correct",
        });
      }
      expect(new Set(ids).size).toBe(2);
      for (const server of servers) await stopSilent(server);
    },
    PROCESSES_MS,
  );
});
