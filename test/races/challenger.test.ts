import { describe, expect, test } from "bun:test";
import PostalMime from "postal-mime";
import { DATABASES, type DatabaseName } from "../support/databases.ts";
import { mailServer } from "../support/mail_server.ts";
import { type ServerProcess, serverProcess } from "../support/process.ts";
import { inBatches, newSecret, PROCESSES_MS } from "./cluster.ts";

const PROCESSES = 4;
const ROUNDS = 20;
const REDIRECT_URI = "https://exchange.example/kyc-proof/mail";
const SECRET = "secret-token:race";
const post = await mailServer();

/** Members of answers, as far as they matter here. */
interface Answer {
  readonly status: number;
  readonly location: string | null;
  readonly body: Readonly<Record<string, unknown>>;
}

async function startServers(database: DatabaseName): Promise<readonly ServerProcess[]> {
  const environment = {
    EMAIL_DELIVERY: "smtp",
    SMTP_URL: post.url,
    MAIL_FROM: "challenger@tessera.example",
    CHALLENGE_RESEND_SECONDS: "600",
  };
  const secret = newSecret();
  const first = await serverProcess({ database, secret, environment });
  const others = Array.from({ length: PROCESSES - 1 }, () =>
    serverProcess({ url: first.url, secret, environment }),
  );
  return [first, ...(await Promise.all(others))];
}

async function ask(
  { origin }: ServerProcess,
  path: string,
  form: Record<string, string>,
): Promise<Answer> {
  const response = await fetch(`${origin}/challenger${path}`, {
    method: "POST",
    body: new URLSearchParams(form),
    headers: { Authorization: `Bearer ${SECRET}` },
    redirect: "manual",
  });
  const text = await response.text();
  const { status, headers } = response;
  return { status, location: headers.get("location"), body: text === "" ? {} : JSON.parse(text) };
}

async function begin(server: ServerProcess, client: string): Promise<string> {
  const response = await fetch(`${server.origin}/challenger/setup/${client}`, {
    method: "POST",
    headers: { Authorization: `Bearer ${SECRET}` },
  });
  return String(((await response.json()) as { nonce?: string }).nonce);
}

const mailsTo = (address: string) =>
  post.mails.filter(({ recipients }) => recipients[0] === address);

/** The PIN of the one mail to an address. */
async function pinOf(address: string): Promise<string> {
  const mails = mailsTo(address);
  expect(mails).toHaveLength(1);
  const { text = "" } = await PostalMime.parse(mails[0]?.raw ?? "");
  return /\b\d{4}-\d{4}\b/.exec(text)?.[0] ?? "";
}

const statusesOf = (answers: readonly Answer[]) => answers.map(({ status }) => status).sort();

describe.each(DATABASES)("attack 71: four processes share one Challenger, on %s", (database) => {
  test(
    "every counter, the one code and the numbers of clients hold",
    async () => {
      const servers = await startServers(database);
      const [first] = servers;
      if (!first) throw new RangeError("four processes");

      // `challenger add` by four operators at once: four numbers.
      const added = await Promise.all(
        servers.map((server) =>
          server.admin("challenger", "add", `--secret=${SECRET}`, `--redirect-uri=${REDIRECT_URI}`),
        ),
      );
      for (const { exitCode, stderr } of added) expect([exitCode, stderr]).toEqual([0, ""]);
      const ids = added.map(({ stdout }) => stdout.trim());
      expect([...ids].sort()).toEqual(["1", "2", "3", "4"]);
      const [client = ""] = ids;
      const toAll = (path: string, forms: (index: number) => Record<string, string>, times = 1) =>
        Promise.all(
          Array.from({ length: PROCESSES * times }, (_, index) =>
            ask(servers[index % PROCESSES] ?? first, path, forms(index)),
          ),
        );

      await inBatches(ROUNDS, async (round) => {
        // Eight addresses at once: three get a mail.
        const crowded = await begin(first, client);
        const name = (index: number) => `${database}${round}n${index}@mail.example`;
        const given = await toAll(`/challenge/${crowded}`, (i) => ({ CONTACT_EMAIL: name(i) }), 2);
        expect(statusesOf(given)).toEqual([200, 200, 200, 429, 429, 429, 429, 429]);
        const mailed = given.filter((_, index) => mailsTo(name(index)).length > 0);
        expect(statusesOf(mailed)).toEqual([200, 200, 200]);

        // One address by all at once: one mail.
        const nonce = await begin(first, client);
        const address = `${database}${round}@mail.example`;
        const sent = await toAll(`/challenge/${nonce}`, () => ({ CONTACT_EMAIL: address }));
        expect(statusesOf(sent)).toEqual([200, 200, 200, 200]);
        expect(sent.filter(({ body }) => body["transmitted"] === true)).toHaveLength(1);
        const pin = await pinOf(address);

        // Guesses beside the right PIN: at most three entries are judged, and who solves solves once.
        const wrong = pin.replace(/^\d/, (digit) => String((Number(digit) + 1) % 10));
        const entered = await toAll(
          `/solve/${nonce}`,
          (index) => ({ pin: round % 2 === 0 && index === 5 ? pin : wrong }),
          3,
        );
        const solved = entered.some(({ status }) => status === 302);
        const judged = entered.filter(({ status }) => status === 403).length;
        expect(judged).toBeLessThanOrEqual(solved ? 2 : 3);
        if (round % 2 === 1) {
          expect([solved, judged]).toEqual([false, 3]);
          expect((await ask(first, `/solve/${nonce}`, { pin })).status).toBe(429);
        }
      });

      // All enter the right PIN: one place to go, one code, one token, which the replays end.
      await inBatches(ROUNDS, async (round) => {
        const nonce = await begin(first, client);
        const address = `${database}solved${round}@mail.example`;
        await ask(first, `/challenge/${nonce}`, { CONTACT_EMAIL: address });
        const pin = await pinOf(address);
        const entered = await toAll(`/solve/${nonce}`, () => ({ pin }));
        expect(statusesOf(entered)).toEqual([302, 302, 302, 302]);
        const places = new Set(entered.map(({ location }) => location));
        expect(places.size).toBe(1);
        const code = new URL([...places][0] ?? "").searchParams.get("code") ?? "";
        const tokens = await redeemByAll(servers, { client, code });
        expect(statusesOf(tokens)).toEqual([200, 401, 401, 401]);
        const winner = tokens.find(({ status }) => status === 200);
        const told = await fetch(`${first.origin}/challenger/info`, {
          headers: { Authorization: `Bearer ${winner?.body["access_token"]}` },
        });
        expect(told.status).toBe(404);
        await told.body?.cancel();
      });
      await Promise.all(servers.map((server) => server.stop()));
    },
    PROCESSES_MS,
  );
});

function redeemByAll(
  servers: readonly ServerProcess[],
  { client, code }: { client: string; code: string },
): Promise<readonly Answer[]> {
  return Promise.all(
    servers.map(async ({ origin }) => {
      const form = {
        grant_type: "authorization_code",
        client_id: client,
        client_secret: SECRET,
        redirect_uri: REDIRECT_URI,
        code,
      };
      const response = await fetch(`${origin}/challenger/token`, {
        method: "POST",
        body: new URLSearchParams(form),
      });
      const body = (await response.json()) as Record<string, unknown>;
      return { status: response.status, location: null, body };
    }),
  );
}
