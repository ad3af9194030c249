import { describe, expect, test } from "bun:test";
import { DEFAULT_SETTINGS } from "../../src/protocol/settings.ts";
import { DATABASES } from "../support/databases.ts";
import {
  begin,
  type ChallengerTest,
  challengerServer,
  EXCHANGE,
  enter,
  give,
  setup,
} from "./challenger_fixture.ts";

const HOUR = 10;
const settings = { challengePinsPerHour: HOUR };
const at = (address: string) => ({ CONTACT_EMAIL: address });
const VICTIM = at("victim@mail.example");

/** Begins processes, of both clients in turn, and gives each the address. */
async function flood(t: ChallengerTest, address: Record<string, string>, times: number) {
  const nonces = await Promise.all(
    Array.from({ length: times }, async (_, index) => {
      const { body } = await setup(t, { client: index % 2 ? "2" : EXCHANGE.id });
      return String(body["nonce"]);
    }),
  );
  return Promise.all(nonces.map((nonce) => give(t, nonce, address)));
}

describe.each(DATABASES)("attack 71: a mailbox flooded by many processes, on %s", (database) => {
  test("one address gets its hour's number of PINs, of all clients and instances at once", async () => {
    const one = await challengerServer({ database, settings });
    const two = await challengerServer({ url: one.url, secret: one.secret, settings });
    const given = (await Promise.all([flood(one, VICTIM, 20), flood(two, VICTIM, 20)])).flat();
    expect(given.filter(({ status }) => status === 200)).toHaveLength(HOUR);
    expect(one.messages.length + two.messages.length).toBe(HOUR);
    const refused = given.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(40 - HOUR);
    for (const { body } of refused) expect(body["code"]).toBe(9757);

    // A restart forgets nothing; other addresses go on; and so does this one after the hour.
    const three = await challengerServer({ url: one.url, secret: one.secret, settings });
    const nonce = await begin(three);
    const paused = await three.post(`/challenger/challenge/${nonce}`, VICTIM);
    expect([paused.status, paused.headers.get("retry-after")]).toEqual([429, "3600"]);
    expect((await give(three, nonce, at("other@mail.example"))).status).toBe(200);
    three.advance(3599);
    const later = await begin(three);
    expect((await give(three, later, VICTIM)).status).toBe(429);
    three.advance(1);
    expect((await give(three, later, VICTIM)).status).toBe(200);
  });
});

describe("attack 71: the number of PINs to an address", () => {
  test("is ten an hour unless told", () => {
    expect(DEFAULT_SETTINGS.challengePinsPerHour).toBe(HOUR);
  });

  test("case and what follows a plus make no other mailbox", async () => {
    const t = await challengerServer({ settings: { challengePinsPerHour: 2 } });
    const spellings = ["Victim+1@mail.example", "vICTIM@MAIL.example"];
    for (const address of spellings) {
      expect((await give(t, await begin(t), at(address))).status).toBe(200);
    }
    expect((await give(t, await begin(t), at("victim+x+y@mail.example"))).status).toBe(429);
    expect((await give(t, await begin(t), at("victim2@mail.example"))).status).toBe(200);
  });

  test("who is refused loses nothing: the PIN that came is good, and so is another address", async () => {
    const t = await challengerServer({ settings: { challengePinsPerHour: 1 } });
    const nonce = await begin(t);
    await give(t, nonce, VICTIM);
    const [message] = t.messages;
    expect((await give(t, nonce, VICTIM)).body).toMatchObject({ transmitted: false });
    t.advance(30);
    expect((await give(t, nonce, VICTIM)).status).toBe(429);
    expect((await enter(t, nonce, message?.code)).status).toBe(302);
  });

  test("refused requests do not count, so that nobody can keep an address paused without mailing it", async () => {
    const t = await challengerServer({ settings: { challengePinsPerHour: 4 } });
    const spent = await begin(t);
    for (const name of ["a", "b", "c"]) await give(t, spent, at(`${name}@mail.example`));
    for (let asked = 0; asked < 10; asked++) {
      expect((await give(t, spent, VICTIM)).status).toBe(429);
    }
    expect((await give(t, await begin(t), VICTIM)).status).toBe(200);
  });

  test("a browser is told, in its language, and may use another address or the code that it has", async () => {
    const t = await challengerServer({ settings: { challengePinsPerHour: 1 } });
    const headers = { Accept: "text/html", "Accept-Language": "de" };
    const first = await begin(t);
    await give(t, first, VICTIM);
    t.advance(30);
    const again = await t.post(`/challenger/challenge/${first}`, VICTIM, { headers });
    expect([again.status, again.headers.get("retry-after")]).toEqual([429, "3570"]);
    const text = await again.text();
    expect(text).toContain("zu viele Codes gesendet");
    expect(text).toContain("Ich habe schon einen Code");
    const other = await begin(t);
    const page = await t.post(`/challenger/challenge/${other}`, VICTIM, { headers });
    expect(page.status).toBe(429);
    expect(await page.text()).toContain("zu viele Codes gesendet");
    expect((await give(t, other, at("bob@mail.example"))).status).toBe(200);
  });
});
