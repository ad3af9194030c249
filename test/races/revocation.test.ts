import { describe, expect, test } from "bun:test";
import { DATABASES, type DatabaseName } from "../support/databases.ts";
import { type TestServer, testServer } from "../support/server.ts";
import {
  type Answer,
  CLIENT,
  inBatches,
  issueRefreshToken,
  PROCESSES_MS,
  post,
  refreshing,
  registerClient,
  startCluster,
} from "./cluster.ts";

/** Every token that the answers gave. */
function tokensOf(answers: readonly Answer[]): readonly string[] {
  return answers.flatMap(({ access_token, refresh_token }) =>
    [access_token, refresh_token].flatMap((token) => token ?? []),
  );
}

/** An instance for each format of access tokens; both formats die the same way. */
async function openInstances(database: DatabaseName) {
  const opaque = await testServer({ database });
  await registerClient(opaque.services);
  const jwt = await testServer({ database });
  await registerClient(jwt.services, { access_token_format: "at+jwt" });
  return { opaque, "at+jwt": jwt } as const;
}

const instances = {
  sqlite: await openInstances("sqlite"),
  postgres: await openInstances("postgres"),
};

const matrix = DATABASES.flatMap((database) =>
  (["opaque", "at+jwt"] as const).map((format) => [database, format] as const),
);

/** Lets others run for a number of turns: some of the event loop, else of the microtask queue. */
async function pause(turns: number): Promise<void> {
  if (turns % 5 === 4) await new Promise<void>((resume) => void setImmediate(resume));
  for (let turn = 0; turn < turns; turn++) await Promise.resolve();
}

/** Sends a form as the client to a server in this process. */
async function send(server: TestServer, path: string, form: Record<string, string>) {
  const response = await server.post(path, form, { basic: [CLIENT.id, CLIENT.secret] });
  const text = await response.text();
  const answer: Answer = { ...(text === "" ? {} : JSON.parse(text)), status: response.status };
  return answer;
}

/** Refreshes twice at once and revokes amid it; every third family has been refreshed before. */
async function interleave(server: TestServer, index: number) {
  const { text } = await issueRefreshToken(server.services);
  const before = index % 3 === 0 ? [await send(server, "/token", refreshing(text))] : [];
  const head = before[0]?.refresh_token ?? text;
  const running = [head, head].map((token) => send(server, "/token", refreshing(token)));
  await pause(index % 60);
  // An older token of the family ends it as well as the newest one.
  const revoked = await send(server, "/token/revoke", { token: index % 2 ? text : head });
  const late = await send(server, "/token", refreshing(head));
  const answers = [...before, ...(await Promise.all(running))];
  return { answers, revoked, late, tokens: new Set([text, ...tokensOf(answers)]) };
}

describe.each(matrix)(
  "RFC 7009 §2.1: revoking while refreshing on %s, %s tokens",
  (database, format) => {
    const server = instances[database][format];

    test(
      "attack 52: after 250 interleavings in one process no token is live once both have answered",
      async () => {
        let refreshed = 0;
        await inBatches(250, async (index) => {
          const { answers, revoked, late, tokens } = await interleave(server, index);
          refreshed += answers.filter(({ status }) => status === 200).length;
          expect([revoked.status, late.status]).toEqual([200, 400]);
          for (const token of tokens) {
            expect(await send(server, "/introspect", { token })).toEqual({
              status: 200,
              active: false,
            });
          }
        });
        // Interleavings in which every refresh came too late would prove nothing.
        expect(refreshed).toBeGreaterThan(50);
      },
      PROCESSES_MS,
    );
  },
);

describe.each(DATABASES)(
  "RFC 7009 §2.1: revoking while refreshing on two processes over %s",
  (database) => {
    test(
      "attack 52: after 200 interleavings no token is live at either process",
      async () => {
        const { processes, services, close } = await startCluster(database, { size: 2 });
        const [one, other] = processes;
        if (!one || !other) throw new RangeError("two processes");
        let refreshed = 0;
        await inBatches(200, async (index) => {
          const { text } = await issueRefreshToken(services);
          const running = [one, other, one].map((at) => post(at, "/token", refreshing(text)));
          await pause(index % 20);
          const revoked = await post(other, "/token/revoke", { token: text });
          const late = await post(one, "/token", refreshing(text));
          const answers = await Promise.all(running);
          refreshed += answers.filter(({ status }) => status === 200).length;
          expect([revoked.status, late.status]).toEqual([200, 400]);
          const states = await Promise.all(
            [text, ...tokensOf(answers)].flatMap((token) =>
              [one, other].map((at) => post(at, "/introspect", { token })),
            ),
          );
          for (const state of states) expect(state).toEqual({ status: 200, active: false });
        });
        expect(refreshed).toBeGreaterThan(40);
        await close();
      },
      PROCESSES_MS,
    );
  },
);
