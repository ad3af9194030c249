import { describe, expect, test } from "bun:test";
import { DATABASES, type DatabaseName } from "../support/databases.ts";
import {
  ADA,
  authorize,
  begin,
  type ChallengerTest,
  challengerServer,
  earnCode,
  enter,
  give,
  redeem,
  redeeming,
  setup,
  wrongPin,
} from "./challenger_fixture.ts";

const PAUSE = 30;
const at = (name: string) => ({ CONTACT_EMAIL: `${name}@mail.example` });
const lastPin = (t: ChallengerTest) => t.messages.at(-1)?.code ?? "";

/** The same database under a process that has just started. */
const restarted = ({ url, secret }: ChallengerTest) => challengerServer({ url, secret });

describe.each(DATABASES)("attack 71: the limits of a Challenger process, on %s", (database) => {
  const open = () => challengerServer({ database });

  test("attack 71: three addresses a process, the first included; a restart forgets none", async () => {
    const t = await open();
    const nonce = await begin(t);
    for (const name of ["a", "b"]) expect((await give(t, nonce, at(name))).status).toBe(200);
    const later = await restarted(t);
    expect((await give(later, nonce, at("c"))).status).toBe(200);
    const refused = await give(later, nonce, at("d"));
    expect([refused.status, refused.body["code"]]).toEqual([429, 9757]);
    expect(refused.body["hint"]).toBe(
      "Too many attempts have been made, validation is temporarily disabled for this address.",
    );
    expect((await authorize(later, nonce)).body).toMatchObject({
      changes_left: 0,
      fix_address: true,
      last_address: at("c"),
    });
    // Going back is a change too.
    expect((await give(later, nonce, at("a"))).status).toBe(429);
  });

  test("attack 71: three PINs an address, each another, after a pause that is told", async () => {
    const t = await open();
    const nonce = await begin(t);
    const pins = new Set<string>();
    for (let sent = 1; sent <= 3; sent++) {
      const first = await give(t, nonce);
      expect(first.body).toMatchObject({ transmitted: true, attempts_left: 3 });
      pins.add(lastPin(t));
      const soon = await give(t, nonce);
      expect(soon).toMatchObject({ status: 200, body: { transmitted: false } });
      expect(soon.body["retransmission_time"]).toEqual(first.body["retransmission_time"] ?? null);
      expect(t.messages).toHaveLength(sent);
      t.advance(PAUSE);
    }
    expect(pins.size).toBe(3);
    const later = await challengerServer({ url: t.url, secret: t.secret });
    later.advance(3 * PAUSE);
    const refused = await give(later, nonce);
    expect([refused.status, refused.body["code"]]).toEqual([429, 9757]);
    expect(later.messages).toHaveLength(0);
    // Another address begins anew.
    expect((await give(later, nonce, at("b"))).body).toMatchObject({ transmitted: true });
    expect((await authorize(later, nonce)).body["pin_transmissions_left"]).toBe(2);
  });

  test("attack 71: three entries a PIN, then even the right one is not looked at", async () => {
    const t = await open();
    const nonce = await begin(t);
    await give(t, nonce);
    const right = lastPin(t);
    for (const left of [2, 1, 0]) {
      const { status, body } = await enter(t, nonce, wrongPin(right));
      expect([status, body["auth_attempts_left"], body["exhausted"]]).toEqual([403, left, false]);
    }
    const later = await restarted(t);
    const refused = await enter(later, nonce, right);
    expect(refused).toMatchObject({
      status: 429,
      body: { type: "pending", code: 9757, ec: 9757, exhausted: true, auth_attempts_left: 0 },
    });
    // A new PIN brings new entries, and the old one is worth nothing.
    later.advance(PAUSE);
    await give(later, nonce);
    if (lastPin(later) !== right) expect((await enter(later, nonce, right)).status).toBe(403);
    expect((await enter(later, nonce)).status).toBe(302);
  });

  test("attack 71: of 60 guesses sent at once three are judged", async () => {
    const t = await open();
    const nonce = await begin(t);
    await give(t, nonce);
    const wrong = wrongPin(lastPin(t));
    const answers = await Promise.all(Array.from({ length: 60 }, () => enter(t, nonce, wrong)));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 403)).toHaveLength(3);
    expect(statuses.filter((status) => status === 429)).toHaveLength(57);
  });

  test("attack 71: of 40 addresses sent at once three are mailed, of 40 repeats one", async () => {
    const t = await open();
    const nonce = await begin(t);
    const many = Array.from({ length: 40 }, (_, index) => give(t, nonce, at(`n${index}`)));
    const statuses = (await Promise.all(many)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(3);
    expect(statuses.filter((status) => status === 429)).toHaveLength(37);
    expect(t.messages).toHaveLength(3);

    const other = await begin(t);
    const repeats = await Promise.all(Array.from({ length: 40 }, () => give(t, other)));
    expect(repeats.filter(({ body }) => body["transmitted"] === true)).toHaveLength(1);
    expect(repeats.filter(({ body }) => body["transmitted"] === false)).toHaveLength(39);
    expect(t.messages).toHaveLength(4);
  });

  test("attack 71: a PIN is good for the address it was sent to, not for one given since", async () => {
    const t = await open();
    const nonce = await begin(t);
    await give(t, nonce, at("mine"));
    const mine = lastPin(t);
    await give(t, nonce, at("victim"));
    if (lastPin(t) !== mine) expect((await enter(t, nonce, mine)).status).toBe(403);
    const other = await begin(t);
    await give(t, other, at("mine"));
    if (lastPin(t) !== mine) expect((await enter(t, other, mine)).status).toBe(403);
  });

  test("attack 71: the code of one process is none of another's", async () => {
    const t = await open();
    const [one, other] = [await earnCode(t), await earnCode(t)];
    const [, mac] = one.code.split("-");
    const swapped = await redeem(t, redeeming(`${other.nonce}-${mac}`));
    expect([swapped.status, swapped.body["code"]]).toEqual([401, 9753]);
  });

  test("a failed delivery is 502 / 9752 and gives its transmission back three times a process", async () => {
    const t = await open();
    const nonce = await begin(t);
    t.carrierFails = true;
    for (const left of [3, 3, 3, 2]) {
      const { status, body } = await give(t, nonce);
      expect([status, body["code"], body["error"]]).toEqual([502, 9752, "server_error"]);
      const now = (await authorize(t, nonce)).body;
      expect([now["pin_transmissions_left"], now["changes_left"]]).toEqual([left, 2]);
    }
    // The fourth is gone for good, so that its pause holds too.
    expect((await give(t, nonce)).body).toMatchObject({ transmitted: false });
    t.advance(PAUSE);
    expect((await give(t, nonce)).status).toBe(502);
    t.advance(PAUSE);
    t.carrierFails = false;
    expect((await give(t, nonce)).body).toMatchObject({ transmitted: true });
    t.advance(PAUSE);
    expect((await give(t, nonce)).status).toBe(429);
    expect((await enter(t, nonce)).status).toBe(302);
  });

  test("a process ends with its lifetime, at every step", async () => {
    const t = await challengerServer({ database, settings: { challengeLifetimeSeconds: 100 } });
    const nonce = await begin(t);
    await give(t, nonce);
    t.advance(99);
    expect((await authorize(t, nonce)).status).toBe(200);
    t.advance(1);
    for (const { status, body } of [
      await authorize(t, nonce),
      await give(t, nonce),
      await enter(t, nonce),
    ]) {
      expect([status, body["code"]]).toEqual([404, 9755]);
    }
  });

  test("ending a client's tokens, disabling or deleting it ends its processes", async () => {
    const t = await open();
    const nonce = await begin(t);
    await t.services.store.setClientDisabled("1", t.services.now());
    expect((await authorize(t, nonce)).status).toBe(404);
    expect((await setup(t)).status).toBe(404);
    await t.services.store.setClientDisabled("1", null);
    expect((await authorize(t, nonce)).status).toBe(200);
    await t.services.store.setClientNotBefore("1", t.services.now());
    expect((await authorize(t, nonce)).status).toBe(404);
    await t.services.store.deleteClient("1");
    expect((await give(t, nonce, ADA)).status).toBe(404);
  });

  test("a rotated TESSERA_SECRET ends no process: PIN and code of the one before are good", async () => {
    const t = await open();
    const [waiting, solved] = [await begin(t), await earnCode(t)];
    await give(t, waiting);
    const pin = lastPin(t);
    const { url, secret: previousSecret } = t;
    const rotated = await challengerServer({ url, previousSecret });
    expect((await enter(rotated, waiting, wrongPin(pin))).status).toBe(403);
    expect((await enter(rotated, waiting, pin)).status).toBe(302);
    expect((await redeem(rotated, redeeming(solved.code))).status).toBe(200);
  });

  test("two instances share every counter", async () => {
    const [one, two] = await instances(database);
    const nonce = await begin(one);
    await give(one, nonce);
    const right = lastPin(one);
    const wrong = wrongPin(right);
    const guesses = Array.from({ length: 20 }, (_, index) =>
      enter(index % 2 ? one : two, nonce, wrong),
    );
    const statuses = (await Promise.all(guesses)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 403)).toHaveLength(3);
    one.advance(PAUSE);
    two.advance(PAUSE);
    const resent = await Promise.all([give(one, nonce), give(two, nonce)]);
    expect(resent.filter(({ body }) => body["transmitted"] === true)).toHaveLength(1);
    const pin = one.messages.length > 1 ? lastPin(one) : lastPin(two);
    const solved = await Promise.all([enter(one, nonce, pin), enter(two, nonce, pin)]);
    // Who comes second is told the same place: there is one code.
    expect(solved.map(({ status }) => status)).toEqual([302, 302]);
    expect(solved[0]?.location).toBe(solved[1]?.location ?? "");
  });
});

async function instances(database: DatabaseName) {
  const one = await challengerServer({ database });
  return [one, await restarted(one)] as const;
}
