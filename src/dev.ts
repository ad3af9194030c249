/** `bun run dev`: a server with a demo client and user, and lines to try it with. */
import { type Attempt, listenFault, tryConfig, tryOpen } from "./admin/boot.ts";
import { DEMO, type DemoState, seedDemo } from "./admin/demo.ts";
import { demoCallback } from "./admin/demo_callback.ts";
import { authorizeUrl, tryLines } from "./admin/try_lines.ts";
import type { Config } from "./config.ts";
import { type Started, start, stopAtSignals } from "./start.ts";

const NO_DEMO: Readonly<Record<Exclude<DemoState, "usable">, string>> = {
  changed:
    "# The demo client or user of this database was changed or deleted. A fresh demo: DATABASE_URL=sqlite::memory: bun run dev",
  taken: `# Somebody else is called "${DEMO.clientId}" here, so there is no demo. A fresh one: DATABASE_URL=sqlite::memory: bun run dev`,
};

const config = orExit(tryConfig(Bun.env, "development"));
const started = orExit(await tryOpen(() => start(config, [demoCallback])));
const demo = await seedDemo(started.services);
const base = orExit(listen(started, config));
stopAtSignals(started);
const authorize = await authorizeUrl(config.issuer, base);
process.stdout.write(`${welcome({ base, authorize }, config, demo).join("\n")}\n`);

/** Listens, and gives the address at which this machine reaches the server. */
function listen({ listener }: Started, address: Config): Attempt<string> {
  try {
    const { port } = Bun.serve(listener);
    const everywhere = ["localhost", "0.0.0.0", "::"].includes(address.host);
    const host = address.host.includes(":") ? `[${address.host}]` : address.host;
    return { value: `http://${everywhere ? "localhost" : host}:${port}` };
  } catch (error) {
    return { fault: listenFault(error, address) };
  }
}

/** Where this machine reaches the server, and a page of it to begin with. */
interface Addresses {
  readonly base: string;
  readonly authorize: string;
}

/** What a developer sees first. */
function welcome(
  { base, authorize }: Addresses,
  { issuer, databaseUrl }: Config,
  demo: DemoState,
): readonly string[] {
  return [
    "",
    `Tessera listens on ${base}`,
    ...(issuer === base ? [] : [`  issuer    ${issuer}`]),
    `  docs      ${base}/docs`,
    `  database  ${withoutPassword(databaseUrl)}`,
    "",
    ...(demo === "usable" ? demoLines(base, authorize) : [NO_DEMO[demo]]),
    "",
    "# A client of your own; it prints the new secret once",
    "bun run admin client add --name 'My app' --grant-type client_credentials --scope 'api1 api2'",
    "# All commands: clients, users, keys, codes for tests without a browser",
    "bun run admin --help",
    "",
  ];
}

function demoLines(base: string, authorize: string): readonly string[] {
  return [
    `# The demo client is ${DEMO.clientId} with the secret ${DEMO.clientSecret}; the demo user is ${DEMO.username} with the password ${DEMO.password}.`,
    "# Paste these lines into bash:",
    "",
    ...tryLines(base),
    "",
    "# Open this in a browser, and sign in as the demo user; the codes that the server sends are printed here:",
    authorize,
  ];
}

/** The database's address, fit to be shown. */
function withoutPassword(databaseUrl: string): string {
  if (databaseUrl.startsWith("sqlite:")) return databaseUrl;
  const { protocol, host, pathname } = new URL(databaseUrl);
  return `${protocol}//${host}${pathname}`;
}

/** The value; or the process ends with one line that tells why. */
function orExit<T>(attempt: Attempt<T>): T {
  if ("value" in attempt) return attempt.value;
  process.stderr.write(`error: ${attempt.fault}\n`);
  process.exit(1);
}
