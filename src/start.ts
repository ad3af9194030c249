import type { Config } from "./config.ts";
import type { Plugin } from "./contracts.ts";
import { BODY_BYTES_MAX } from "./http/read_form.ts";
import { listenTls, type TlsListener } from "./http/tls_listener.ts";
import { challenger } from "./plugins/challenger/plugin.ts";
import { core } from "./plugins/core.ts";
import { configuredDeliveries } from "./plugins/deliveries/deliveries.ts";
import { uma } from "./plugins/uma/plugin.ts";
import type { AddressType } from "./protocol/address.ts";
import { DELIVERY_TEXT_SETTINGS } from "./protocol/delivery_settings.ts";
import type { Settings } from "./protocol/settings.ts";
import { createServer, type Server } from "./server.ts";
import { kindOf } from "./services/log.ts";
import { createServerSecret } from "./services/server_secret.ts";
import { openServices, type Services } from "./services/services.ts";
import { startSweep } from "./services/sweep.ts";
import { openStore } from "./store/open.ts";
import { readPem } from "./tls_config.ts";

/** What every Tessera process runs; an embedder adds plugins of his own here. */
export const pluginsOf = (settings: Settings, issuer?: string): readonly Plugin[] => [
  core,
  uma(),
  configuredDeliveries(settings, issuer),
  ...(settings.challengerPrefix === undefined ? [] : [challenger(settings.challengerPrefix)]),
];

/** Settings that choose a delivery, by the type of address. */
const DELIVERY_VARIABLES = {
  email: DELIVERY_TEXT_SETTINGS.emailDelivery.variable,
  phone: DELIVERY_TEXT_SETTINGS.phoneDelivery.variable,
  postal: DELIVERY_TEXT_SETTINGS.postalDelivery.variable,
  "postal-ch": DELIVERY_TEXT_SETTINGS.postalDelivery.variable,
} as const satisfies Record<AddressType, string>;

/** Why Challenger can send nobody a PIN; undefined when it can, or is not there. */
function undeliverable(plugins: readonly Plugin[], settings: Settings): string | undefined {
  const { challengerPrefix, challengerAddressType: type } = settings;
  const delivered = plugins.flatMap(({ deliveries = [] }) => deliveries);
  const carries = delivered.some(({ addressType }) => addressType === type);
  if (challengerPrefix === undefined || carries) return undefined;
  return `${DELIVERY_VARIABLES[type]} is off, so that Challenger can send no PIN: choose a delivery, or CHALLENGER_PREFIX=off`;
}

/** A server that is ready to be listened for. */
export interface Started {
  readonly services: Services;
  readonly server: Server;
  /** What `Bun.serve`, and Bun's default export, take. */
  readonly listener: Listener;
  /** The TLS listener of our own, which listens already; undefined without TLS_PORT. */
  readonly tls: TlsListener | undefined;
  /** What the operator should know: something that is offered cannot work as it is configured. */
  readonly warning: string | undefined;
  /** Finishes open requests, then closes the database. */
  stop(): Promise<void>;
}

/** The web-standard face of the server. */
export interface Listener {
  readonly port: number;
  readonly hostname: string;
  readonly maxRequestBodySize: number;
  /** Bun's own error page, which shows source text, is never wanted. */
  readonly development: false;
  /** Without it, Bun lets two processes share a port whenever `development` is off. */
  readonly reusePort: false;
  readonly fetch: (request: Request, connection?: Connection) => Promise<Response>;
}

/** The part of Bun's server that knows who sent a request. */
interface Connection {
  requestIP(request: Request): { readonly address: string } | null;
}

/** Opens store and services by the configuration: what the server and the `admin` command share. */
export async function openFromConfig(config: Config): Promise<Services> {
  const store = await openStore(config.databaseUrl, {
    connectionsMax: config.settings.postgresConnectionsMax,
  });
  const secret = createServerSecret(config.secret, config.previousSecret);
  return openServices({ issuer: config.issuer, store, secret, settings: config.settings });
}

/**
 * Migrates, opens everything and builds the server, with further plugins where they are given.
 * Throws `TypeError` that names the variable at fault.
 */
export async function start(config: Config, more: readonly Plugin[] = []): Promise<Started> {
  const plugins = [...pluginsOf(config.settings, config.issuer), ...more];
  const warning = undeliverable(plugins, config.settings);
  // Nothing else is served there.
  if (warning !== undefined && config.settings.challengerPrefix === "/") {
    throw new TypeError(warning);
  }
  const services = await openFromConfig(config);
  const server = createServer(plugins, services);
  const stopSweep = startSweep(services);
  const listener: Listener = {
    port: config.port,
    hostname: config.host,
    maxRequestBodySize: BODY_BYTES_MAX,
    development: false,
    reusePort: false,
    fetch: (request, connection) =>
      server.handle(request, connection?.requestIP(request) ?? undefined),
  };
  const tls = await openTls(config, server);
  return {
    services,
    server,
    listener,
    tls,
    warning,
    async stop() {
      await server.drain();
      await tls?.close();
      await stopSweep();
      await services.secretUses.flush();
      await services.store.close();
    },
  };
}

/** Throws `TypeError` that names the variable at fault. */
async function openTls(
  { host, tls }: Config,
  { handle }: Server,
): Promise<TlsListener | undefined> {
  if (!tls) return undefined;
  const cert = readPem("TLS_CERT_FILE", tls.certFile);
  const key = readPem("TLS_KEY_FILE", tls.keyFile);
  try {
    return await listenTls({ host, port: tls.port, cert, key, handle });
  } catch (error) {
    if (error instanceof TypeError && !("code" in error)) throw error;
    throw new TypeError(`TLS_PORT ${tls.port} cannot be listened on (${kindOf(error)})`);
  }
}

/** Ends the process gently at SIGTERM or SIGINT: open requests are answered, nothing new is taken. */
export function stopAtSignals({ services, stop }: Started): void {
  let stopping = false;
  const end = async (signal: string) => {
    if (stopping) return;
    stopping = true;
    services.log("info", "server.draining", { signal });
    await stop();
    services.log("info", "server.stopped");
    process.exit(0);
  };
  process.on("SIGTERM", () => void end("SIGTERM"));
  process.on("SIGINT", () => void end("SIGINT"));
}
