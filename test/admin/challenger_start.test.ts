import { expect, setDefaultTimeout, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { readConfig } from "../../src/config.ts";
import { defineDelivery, definePlugin, t } from "../../src/plugin.ts";
import { start } from "../../src/start.ts";
import { startChild } from "../support/child.ts";
import { freePort, freshDatabase } from "../support/databases.ts";

setDefaultTimeout(180_000);

async function environmentOf(more: Readonly<Record<string, string>>) {
  return {
    HOST: "127.0.0.1",
    PORT: String(await freePort()),
    DATABASE_URL: await freshDatabase("sqlite"),
    TESSERA_SECRET: randomBytes(32).toString("base64"),
    ...more,
  };
}

const post = definePlugin({
  name: "post",
  deliveries: [
    defineDelivery({ addressType: "postal-ch", address: t.Object({}), send: async () => {} }),
  ],
});

/** What the start says of a configuration. */
async function warningOf(more: Readonly<Record<string, string>>, own = false) {
  const config = readConfig(await environmentOf(more), "production");
  const started = await start(config, own ? [post] : []);
  await started.stop();
  return started.warning;
}

test("a server whose Challenger can send no PIN says at its start which setting is missing", async () => {
  expect(await warningOf({})).toBe(
    "EMAIL_DELIVERY is off, so that Challenger can send no PIN: choose a delivery, or CHALLENGER_PREFIX=off",
  );
  const phone = { CHALLENGER_ADDRESS_TYPE: "phone", EMAIL_DELIVERY: "console" };
  expect(await warningOf(phone)).toStartWith("PHONE_DELIVERY is off");
  const postal = { CHALLENGER_ADDRESS_TYPE: "postal-ch" };
  expect(await warningOf(postal)).toStartWith("POSTAL_DELIVERY is off");
  expect(await warningOf(postal, true)).toBeUndefined();
  expect(await warningOf({ EMAIL_DELIVERY: "console" })).toBeUndefined();
  expect(await warningOf({ CHALLENGER_PREFIX: "off" })).toBeUndefined();
});

test("the warning is a line of the log; a Challenger that stands alone does not start at all", async () => {
  const child = startChild(["src/main.ts"], await environmentOf({}));
  await child.says("stderr", "server.starting");
  child.kill("SIGTERM");
  const lines = (await child.finished).stderr.trimEnd().split("\n");
  const warnings = lines.map((line) => JSON.parse(line)).filter(({ level }) => level === "warn");
  expect(warnings.map(({ event, reason }) => [event, reason])).toContainEqual([
    "start.incomplete",
    expect.stringContaining("EMAIL_DELIVERY is off"),
  ]);

  const alone = startChild(["src/main.ts"], await environmentOf({ CHALLENGER_PREFIX: "/" }));
  const { exitCode, stderr } = await alone.finished;
  expect(exitCode).toBe(1);
  expect(JSON.parse(stderr.trimEnd())).toMatchObject({
    level: "error",
    event: "start.refused",
    reason: expect.stringContaining("EMAIL_DELIVERY is off"),
  });
});
