/** Crowds of passwords for names that nobody has, and whom they keep waiting. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { PASSWORD, signIn, signInTest } from "../support/sign_in.ts";

setDefaultTimeout(240_000);

/** Passwords of the crowd; each costs some 20 ms of a core. */
const CROWD = 120;

/** Patience that no slow machine outlasts, so that order alone decides. */
const SETTINGS = {
  pluginTimeoutSeconds: 600,
  passwordWaitSeconds: 240,
  addressFailuresMax: 100_000,
} as const;

/** Sends a crowd, then one more; how many of the crowd were answered before that one, and it. */
async function behind(
  crowd: (index: number) => Promise<Response>,
  one: () => Promise<Response>,
): Promise<{ readonly before: number; readonly answer: Response }> {
  let before = 0;
  const first = Promise.withResolvers<void>();
  const sent = Array.from({ length: CROWD }, (_, index) =>
    crowd(index).then(({ status }) => {
      before += 1;
      first.resolve();
      return status;
    }),
  );
  // By now the whole crowd is in the line.
  await first.promise;
  const answer = await one();
  const answered = before;
  expect(new Set(await Promise.all(sent))).toEqual(new Set([400]));
  return { before: answered, answer };
}

const server = await signInTest({ settings: SETTINGS });
await server.addPerson({ username: "alice" });
for (const client_id of ["loud", "quiet"]) {
  await server.addClient({
    client_id,
    client_secret: "s",
    grant_types: ["password"],
    scope: "api1",
  });
}
const known = server.openBrowser();
await signIn(known, "alice");
const device = `tessera_device=${known.cookies.get("tessera_device")}`;

/** One sign-in on the page. */
const login = (identifier: string, password: string, address: string, cookie = "") =>
  server.post(
    "/login",
    { identifier, password },
    { headers: { "Sec-Fetch-Site": "same-origin", Cookie: cookie }, peer: { address } },
  );

/** One password grant of a confidential client. */
const grant = (client: string, username: string, password: string) =>
  server.post(
    "/token",
    { grant_type: "password", username, password, scope: "api1" },
    { basic: [client, "s"], peer: { address: "192.0.2.9" } },
  );

describe("attack 85: a crowd of passwords for names that nobody has", () => {
  test("from many addresses keeps nobody waiting in a browser that knows him", async () => {
    const { before, answer } = await behind(
      (index) => login(`nobody${index}`, "x", `198.18.0.${index}`),
      () => login("alice", PASSWORD, "192.0.2.1", device),
    );
    expect(answer.status).toBe(303);
    expect(before).toBeLessThan(CROWD / 2);
  });

  test("from one address keeps nobody waiting elsewhere, nor in a known browser there", async () => {
    for (const [address, cookie] of [
      ["192.0.2.2", ""],
      ["192.0.2.3", device],
    ] as const) {
      const { before, answer } = await behind(
        (index) => login(`${address} ${index}`, "x", "192.0.2.3"),
        () => login("alice", PASSWORD, address, cookie),
      );
      expect(answer.status).toBe(303);
      expect(before).toBeLessThan(CROWD / 2);
    }
  });

  test("through one client keeps no other client waiting, nor the sign-in page", async () => {
    for (const one of [
      () => grant("quiet", "alice", PASSWORD),
      () => login("alice", PASSWORD, "192.0.2.4"),
    ]) {
      const salt = crypto.randomUUID();
      const { before, answer } = await behind(
        (index) => grant("loud", `${salt}${index}`, "x"),
        one,
      );
      expect(answer.status).toBeOneOf([200, 303]);
      expect(before).toBeLessThan(CROWD / 2);
    }
  });
});
