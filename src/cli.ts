/** `bun run admin`: provisioning and operations, on the database that the environment names. */
import { tryConfig, tryOpen } from "./admin/boot.ts";
import { type Opened, runAdmin, SETTLE_MS } from "./admin/run.ts";
import { processTerminal } from "./admin/terminal.ts";
import { createRegistry } from "./registry.ts";
import { openFromConfig, pluginsOf } from "./start.ts";

/** Opens the database by the configuration, or tells why not. */
async function open(): Promise<Opened | { fault: string }> {
  const config = tryConfig(Bun.env, "production");
  if ("fault" in config) return config;
  const opened = await tryOpen(async () => ({ services: await openFromConfig(config.value) }));
  if ("fault" in opened) return opened;
  const { services } = opened.value;
  const { capabilities } = createRegistry(pluginsOf(services.settings), services.settings);
  return { services, capabilities, close: () => services.store.close() };
}

const code = await runAdmin(Bun.argv.slice(2), {
  terminal: processTerminal(),
  open,
  settleMs: SETTLE_MS,
});
// Once all is written; a connection that was not closed must not keep the process.
process.stdout.write("", () => process.exit(code));
