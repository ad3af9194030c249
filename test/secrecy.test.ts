import { describe, expect, test } from "bun:test";
import { runAssertions, SIGNING_CLIENT } from "./secrecy_assertions.ts";
import { REDIRECT_URI, RFC7636 } from "./support/codes.ts";
import { DATABASES } from "./support/databases.ts";
import { dpopKey, proofOf } from "./support/dpop.ts";
import { importParties, orderCode, type ServerProcess, serverProcess } from "./support/process.ts";
import { basicHeader } from "./support/server.ts";
import { dumpOf, filesOf, tracesOf } from "./support/traces.ts";
import { runUmaSession } from "./support/uma_session.ts";

const PROCESSES_MS = 180_000;
const CLIENT = { id: "app", secret: "recognizable-client-secret-9f1" } as const;
const PASSWORD = "recognizable-password-7c3";
const FORMATS = ["opaque", "at+jwt"] as const;

/** A session's answer, as far as it matters here. */
interface Body {
  readonly access_token?: string;
  readonly refresh_token?: string;
}

/** A DPoP proof for the token endpoint. */
async function proofFor({ issuer }: ServerProcess, jti: string): Promise<string> {
  const iat = Math.floor(Date.now() / 1000);
  return proofOf(await dpopKey(), { claims: { jti, iat, htu: `${issuer}/token` } });
}

/** Everything that a session shows to the server, or gets from it, and must stay between the two. */
async function runSession(server: ServerProcess, client: string): Promise<readonly string[]> {
  const shown = [CLIENT.secret, basicHeader(client, CLIENT.secret), PASSWORD];
  const post = async (
    path: string,
    form: Record<string, string>,
    { secret = CLIENT.secret, proof }: { secret?: string; proof?: string } = {},
  ) => {
    const response = await fetch(server.issuer + path, {
      method: "POST",
      body: new URLSearchParams(form),
      headers: {
        Authorization: basicHeader(client, secret),
        ...(proof !== undefined && { DPoP: proof }),
      },
    });
    const text = await response.text();
    const body: Body = text === "" ? {} : JSON.parse(text);
    for (const token of [body.access_token, body.refresh_token]) if (token) shown.push(token);
    return { status: response.status, body };
  };
  const expectStatus = async (status: number, answer: ReturnType<typeof post>) => {
    const { status: got, body } = await answer;
    expect([got, JSON.stringify(body)]).toEqual([status, JSON.stringify(body)]);
    return body;
  };
  const { verifier, challenge } = RFC7636;
  const order = { client, user: "ada", redirectUri: REDIRECT_URI, scope: "api1", challenge };
  const codes = [await orderCode(server, order), await orderCode(server, order)] as const;
  const wrong = [
    "wrong-password-5aa",
    "wrong-secret-6bb",
    "wrong-verifier-7cc".padEnd(43, "x"),
  ] as const;
  shown.push(...codes, verifier, ...wrong);
  const redeem = (code: string, code_verifier: string = verifier) => ({
    grant_type: "authorization_code",
    code,
    redirect_uri: REDIRECT_URI,
    code_verifier,
  });
  const login = (password: string) => ({
    grant_type: "password",
    username: "ada",
    password,
    scope: "api1",
  });
  const refreshing = ({ refresh_token = "" }: Body) => ({
    grant_type: "refresh_token",
    refresh_token,
  });

  await expectStatus(200, post("/token", { grant_type: "client_credentials", scope: "api1" }));
  await expectStatus(401, post("/token", login(PASSWORD), { secret: wrong[1] }));
  await expectStatus(400, post("/token", login(wrong[0])));
  const first = await expectStatus(200, post("/token", login(PASSWORD)));
  const second = await expectStatus(200, post("/token", refreshing(first)));
  await expectStatus(200, post("/token", refreshing(first)));
  await expectStatus(400, post("/token", redeem(codes[0], wrong[2])));
  const third = await expectStatus(200, post("/token", redeem(codes[0])));
  await expectStatus(400, post("/token", redeem(codes[0])));
  const fourth = await expectStatus(200, post("/token", redeem(codes[1])));
  for (const { access_token = "", refresh_token = "" } of [second, third, fourth]) {
    await expectStatus(200, post("/introspect", { token: access_token }));
    await expectStatus(200, post("/introspect", { token: refresh_token }));
  }
  await expectStatus(200, post("/token/revoke", { token: fourth.access_token ?? "" }));
  await expectStatus(200, post("/token/revoke", { token: second.refresh_token ?? "" }));
  await expectStatus(400, post("/token/revoke", { token: `${second.refresh_token}x` }));
  const machine = { grant_type: "client_credentials", scope: "api1" };
  const proof = await proofFor(server, `recognizable-jti-3dd-${client}`);
  shown.push(proof, `recognizable-jti-3dd-${client}`);
  await expectStatus(200, post("/token", machine, { proof }));
  await expectStatus(400, post("/token", machine, { proof }));
  const inUrl = new URLSearchParams({
    client_id: client,
    client_secret: CLIENT.secret,
    password: PASSWORD,
  });
  await expectStatus(400, post(`/token?${inUrl}`, login(PASSWORD)));
  await expectStatus(400, post(`/token/revoke?token=${third.refresh_token}`, {}));
  await fetch(`${server.issuer}/nowhere?access_token=${third.access_token}`);
  return shown;
}

/** Both kinds of sessions of one client. */
async function runSessions(server: ServerProcess, client: string): Promise<readonly string[]> {
  const ada = { username: "ada", password: PASSWORD };
  const party = { issuer: server.issuer, client, secret: CLIENT.secret, ...ada };
  return [...(await runSession(server, client)), ...(await runUmaSession(party))];
}

describe.each(DATABASES)("attacks 82 and 84: after a full session over %s", (database) => {
  test(
    "no secret, password, code or token is in the log or the database, and keys are sealed",
    async () => {
      // No step of the session may fail because the machine is slow.
      const environment = { REFRESH_GRACE_SECONDS: "600", CODE_LIFETIME_SECONDS: "600" };
      const server = await serverProcess({ database, environment });
      const registration = {
        grant_types: [
          "authorization_code",
          "refresh_token",
          "client_credentials",
          "password",
          "uma_ticket",
        ],
        redirect_uris: [REDIRECT_URI],
        scope: "api1 openid uma_protection",
      };
      await importParties(server, {
        clients: [
          SIGNING_CLIENT,
          ...FORMATS.map((access_token_format) => ({
            ...registration,
            client_id: `${CLIENT.id}-${access_token_format}`,
            client_secret: CLIENT.secret,
            access_token_format,
          })),
        ],
        users: [{ username: "ada", password: PASSWORD }],
      });
      const shown = new Set(await runAssertions(server));
      for (const format of FORMATS) {
        for (const text of await runSessions(server, `${CLIENT.id}-${format}`)) shown.add(text);
      }
      expect(shown.size).toBeGreaterThan(20);
      const dump = await dumpOf(server.url);
      const files = filesOf(server.url);
      const { stdout, stderr } = await server.stop();

      expect(stderr).toContain("token.issued");
      for (const table of ["clients", "client_secrets", "users", "codes", "access_tokens"]) {
        expect(dump).toMatch(new RegExp(`^${table}: \\[\\{`, "m"));
      }
      for (const secret of [...shown, server.secret]) {
        for (const trace of tracesOf(secret)) {
          expect(dump.includes(trace), `the database holds ${trace}`).toBe(false);
          expect(files.includes(trace), `the database's files hold ${trace}`).toBe(false);
          expect((stdout + stderr).includes(trace), `the log holds ${trace}`).toBe(false);
        }
      }
      expect(dump).toMatch(/"sealed_private_key":"[0-9a-f]{8}\.[A-Za-z0-9_-]{100,}"/);
      expect(dump).toMatch(/"sealed":"[0-9a-f]{8}\.[A-Za-z0-9_-]{60,}"/);
      expect(dump).not.toMatch(/"(d|p|q|dp|dq|qi)\\?":\\?"/);
      expect(dump).toMatch(/"password_hash":"\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    },
    PROCESSES_MS,
  );
});
