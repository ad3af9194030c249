/** The production server: `bun src/main.ts`, or any host that takes a web-standard default export. */
import { readConfig } from "./config.ts";
import { isPlainHttp } from "./protocol/redirect_uri.ts";
import { start, stopAtSignals } from "./start.ts";

const config = readConfig(Bun.env, "production");
const started = await start(config);
const { log, store } = started.services;
if (await store.hasDemoData()) {
  log("error", "start.refused", {
    reason: "The database holds the demo client or user of `bun run dev`",
    cure: "Delete them: bun run admin client delete demo; bun run admin user delete demo",
  });
  process.exit(1);
}
if (isPlainHttp(config.issuer)) {
  log("warn", "issuer.plain_http", {
    issuer: config.issuer,
    reason: "Tokens and passwords travel in clear; set ISSUER to an https address",
  });
}
stopAtSignals(started);
log("info", "server.starting", { issuer: config.issuer, host: config.host, port: config.port });

export default started.listener;
