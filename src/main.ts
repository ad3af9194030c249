/** The production server: `bun src/main.ts`, or any host that takes a web-standard default export. */
import { type Attempt, tryConfig, tryListen, tryOpen } from "./admin/boot.ts";
import { isPlainHttp } from "./protocol/redirect_uri.ts";
import { createLog } from "./services/log.ts";
import { start, stopAtSignals } from "./start.ts";

const log = createLog();
const config = orExit(tryConfig(Bun.env, "production"));
orExit(tryListen(config));
const started = orExit(await tryOpen(() => start(config)));
if (await started.services.store.hasDemoData()) {
  orExit({
    fault:
      "the database holds the demo client or user of `bun run dev`, whose secrets everybody knows; delete them: bun run admin client delete demo; bun run admin user delete demo",
  });
}
if (isPlainHttp(config.issuer)) {
  log("warn", "issuer.plain_http", {
    issuer: config.issuer,
    reason: "Tokens and passwords travel in clear; set ISSUER to an https address",
  });
}
if (started.warning !== undefined) log("warn", "start.incomplete", { reason: started.warning });
stopAtSignals(started);
log("info", "server.starting", {
  issuer: config.issuer,
  host: config.host,
  port: config.port,
  ...(started.tls && { tls_port: started.tls.port }),
});

export default started.listener;

/** The value; or the process ends with one line of the log that tells why. */
function orExit<T>(attempt: Attempt<T>): T {
  if ("value" in attempt) return attempt.value;
  log("error", "start.refused", { reason: attempt.fault });
  process.exit(1);
}
