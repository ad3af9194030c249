import { describe, expect, test } from "bun:test";
import { Glob } from "bun";

/** Layers, lowest first. A module imports its own layer or a lower one; peers in a row never meet. */
const layers = [
  ["protocol"],
  ["store"],
  ["services"],
  ["contracts.ts", "registry.ts"],
  ["http", "pages"],
  ["plugin.ts"],
  ["plugins", "endpoints"],
  ["server.ts"],
  ["secret_file.ts", "tls_config.ts", "environment.ts"],
  ["config.ts", "delivery_config.ts"],
  ["start.ts"],
  ["main.ts", "dev.ts", "cli.ts", "admin"],
];

/** The row whose members never meet: plugins and endpoints. */
const PEERS = layers.findIndex((row) => row.includes("plugins"));

const rankOf = (name: string) => layers.findIndex((row) => row.includes(name));

describe("src imports point down", () => {
  const files = [...new Glob("**/*.ts").scanSync("src")].sort();
  test.each(files)("%s", async (file) => {
    const from = file.split("/")[0] ?? "";
    expect(rankOf(from), `${from} has a layer`).toBeGreaterThanOrEqual(0);
    const source = await Bun.file(`src/${file}`).text();
    for (const [, specifier = ""] of source.matchAll(/from "(\.[^"]+)"/g)) {
      const target = new URL(specifier, `file:///${file}`).pathname.split("/")[1] ?? "";
      const peer = rankOf(target) === rankOf(from) && target !== from && rankOf(from) === PEERS;
      expect(rankOf(target) <= rankOf(from) && !peer, `${file} imports ${specifier}`).toBe(true);
    }
  });
});
