/** What README says is so: its commands, paths, tables and examples are tried. */
import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import packageFile from "../package.json" with { type: "json" };
import { parseCommandLine } from "../src/admin/command_line.ts";
import { COMMANDS } from "../src/admin/commands.ts";
import { seedDemo } from "../src/admin/demo.ts";
import { importEntries } from "../src/admin/import_parties.ts";
import { readEntries } from "../src/admin/party_files.ts";
import { ClientMetadataSchema } from "../src/protocol/client_metadata.ts";
import { DEFAULT_SETTINGS, NUMBER_SETTINGS, TEXT_SETTINGS } from "../src/protocol/settings.ts";
import { pluginsOf } from "../src/start.ts";
import { documentOf, operationsOf } from "./endpoints/openapi_document.ts";
import { temporaryFolder } from "./support/databases.ts";
import { ISSUER, testServer } from "./support/server.ts";

const readme = await Bun.file("README.md").text();

// At the top of the file, where servers stay open until the file ends.
const plugins = pluginsOf(DEFAULT_SETTINGS);
const server = await testServer({ plugins });
await seedDemo(server.services);
const registering = await testServer({ plugins, settings: { registration: "open" } });

/** Code blocks of a language. */
const blocksOf = (language: string) =>
  [...readme.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)]
    .filter(([, name]) => name === language)
    .map(([, , code = ""]) => code);

/** Commands of the shell blocks, without comments; a line that ends in a backslash goes on. */
const commands = blocksOf("sh")
  .flatMap((block) => block.replaceAll("\\\n", " ").split("\n"))
  .map((line) => line.replace(/ +# .*$/, "").trim())
  .filter((line) => line !== "");

/** Cells of the rows of the table below a heading row. */
function tableOf(heading: string): readonly (readonly string[])[] {
  const [, after = ""] = readme.split(`${heading}\n`);
  const [, ...rows] = (after.split("\n\n")[0] ?? "").split("\n");
  return rows.map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** Words of a shell command; quotes group, as far as README uses them. */
const wordsOf = (command: string) =>
  [...command.matchAll(/(?:"[^"]*"|[^\s"])+/g)].map(([word]) => word.replaceAll('"', ""));

describe("README", () => {
  test("has no line longer than 120 characters", () => {
    expect(readme.split("\n").filter((line) => line.length > 120)).toEqual([]);
  });

  test("names scripts of package.json, and the Bun that the project is typed for", () => {
    const scripts = [...readme.matchAll(/(?:bun|bun@[\d.]+) run ([a-z:]+)/g)].map(
      ([, name]) => name,
    );
    expect(Object.keys(packageFile.scripts)).toEqual(expect.arrayContaining(scripts));
    const pinned = [...readme.matchAll(/bun@([\d.]+\d)/g)].map(([, version]) => version);
    expect(new Set(pinned)).toEqual(new Set([packageFile.devDependencies["bun-types"]]));
  });

  test("names files that exist", () => {
    const paths = [...readme.matchAll(/`((?:src|test|drizzle|\.ci|LICENSE)[\w./]*)`/g)];
    expect(paths.length).toBeGreaterThan(8);
    for (const [, path = ""] of paths) expect([path, existsSync(path)]).toEqual([path, true]);
  });

  test("gives admin commands that exist with their options, and names every command", () => {
    const lines = commands.filter((line) => line.startsWith("bun run admin "));
    expect(lines.length).toBeGreaterThan(3);
    for (const line of lines) {
      const parsed = parseCommandLine(wordsOf(line).slice(3), COMMANDS);
      expect("fault" in parsed ? parsed.fault : "").toBe("");
    }
    const names = [...readme.matchAll(/`(challenger|client|user|key|audit) ([a-z|-]+)`/g)].flatMap(
      ([, noun, verbs = ""]) => verbs.split("|").map((verb) => `${noun} ${verb}`),
    );
    const said = COMMANDS.map(({ name }) => name).filter(
      (name) => readme.includes(`bun run admin ${name}`) || readme.includes(`\`${name}\``),
    );
    expect([...new Set([...said, ...names])].sort()).toEqual(COMMANDS.map((c) => c.name).sort());
  });

  test("lists the endpoints of the OpenAPI document, and its page", async () => {
    const listed = tableOf("| endpoint | what | defined by |").flatMap(([names = ""]) =>
      [...names.matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? ""),
    );
    const [always, all] = await Promise.all(
      [server, registering].map(async (each) =>
        operationsOf(await documentOf(each)).map(([method, path]) => `${method} ${path}`),
      ),
    );
    expect([...listed].sort()).toEqual([...(all ?? []), "GET /docs", "GET /docs/json"].sort());
    // What is not there by default says so in its row.
    const absent = (all ?? []).filter((operation) => !always?.includes(operation));
    expect(absent.length).toBeGreaterThan(0);
    const rows = tableOf("| endpoint | what | defined by |");
    for (const [names = "", what = ""] of rows) {
      const off = absent.some((operation) => names.includes(`\`${operation}\``));
      expect([names, /\boff\b/.test(what)]).toEqual([names, off]);
    }
  });

  test("lists the grants and the client authentication methods", () => {
    const { grants, clientAuth } = server.server.registry;
    for (const name of [...grants.keys(), ...clientAuth.keys()]) {
      expect(/^Grants: [\s\S]*?\n\n/m.exec(readme)?.[0]).toContain(`\`${name}\``);
    }
  });

  test("has a row for each setting: name, unit, default and meaning", () => {
    const texts = Object.values(TEXT_SETTINGS).map((row) => ({ ...row, unit: "–" }));
    const rows = [...texts, ...Object.values(NUMBER_SETTINGS)].map((row) => [
      `\`${row.variable}\``,
      row.unit,
      String(row.default),
      row.meaning,
    ]);
    expect(tableOf("| variable | unit | default | meaning |")).toEqual(rows);
  });

  test("has a row for each member of a client that RFC 7591 lacks", () => {
    const registered =
      "redirect_uris token_endpoint_auth_method grant_types response_types client_name client_uri " +
      "logo_uri scope contacts tos_uri policy_uri jwks_uri jwks software_id software_version " +
      "application_type";
    const own = Object.keys(ClientMetadataSchema.properties).filter(
      (name) => !registered.split(" ").includes(name),
    );
    const listed = tableOf("| member | meaning | default |").map(([name]) => name);
    expect(listed).toEqual(own.map((name) => `\`${name}\``));
  });
});

/** Sends what a curl command of README would send. */
function curl(command: string, variables: Record<string, string>): Promise<Response> {
  const words = wordsOf(command).map((word) =>
    word.replace(/\$(\w+)/g, (_, name: string) => variables[name] ?? ""),
  );
  const valuesOf = (flag: string) => words.filter((_, index) => words[index - 1] === flag);
  const [url = ""] = words.filter((word) => word.startsWith("http"));
  const [id = "", secret = ""] = valuesOf("-u").join().split(":");
  expect(url).toStartWith(`${ISSUER}/`);
  return server.post(new URL(url).pathname, valuesOf("-d").join("&"), { basic: [id, secret] });
}

describe("README's examples", () => {
  test("the curl commands work as pasted on what `bun run dev` seeds", async () => {
    const [machine = "", user = "", introspect = "", revoke = "", ...more] = commands.filter(
      (line) => line.startsWith("curl "),
    );
    expect(more).toEqual([]);
    expect((await curl(machine, {})).status).toBe(200);
    const tokens = (await (await curl(user, {})).json()) as Record<string, string>;
    for (const TOKEN of [tokens["access_token"] ?? "", tokens["refresh_token"] ?? ""]) {
      const isActive = async () => (await curl(introspect, { TOKEN })).json();
      expect(await isActive()).toMatchObject({ active: true });
      expect((await curl(revoke, { TOKEN })).status).toBe(200);
      expect(await isActive()).toEqual({ active: false });
    }
  });

  test("the file of clients and users can be imported, and the client gets a token", async () => {
    const [parties = ""] = blocksOf("json");
    const path = join(temporaryFolder(), "parties.json");
    await Bun.write(path, parties);
    const { entries, faults } = await readEntries([path], async () => new Uint8Array());
    const { capabilities } = server.server.registry;
    const imported = await importEntries(entries, { services: server.services, capabilities });
    expect([...faults, ...imported.faults, ...imported.warnings]).toEqual([]);
    expect([imported.clients.length, imported.users.length]).toEqual([2, 1]);
    const response = await server.post(
      "/token",
      { grant_type: "client_credentials" },
      { basic: ["reports", "a secret of any printable characters"] },
    );
    expect(await response.json()).toMatchObject({ scope: "api1" });
  });

  test("the refusal is what the server sends", async () => {
    const [, refusal = ""] = blocksOf("json");
    expect(await (await server.post("/token", {})).json()).toEqual(JSON.parse(refusal));
  });

  test("the server of one's own answers", async () => {
    const [, embedding = ""] = blocksOf("ts");
    const path = join(temporaryFolder(), "embedding.ts");
    const source = new URL("../src/server.ts", import.meta.url).pathname;
    await Bun.write(path, embedding.replace("./src/server.ts", source));
    const { response } = (await import(path)) as { response: Response };
    expect(await response.json()).toEqual({ status: "ready" });
  });
});
