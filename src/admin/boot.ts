import { type Config, type Environment, readConfig } from "../config.ts";
import { kindOf } from "../services/log.ts";

/** A value, or why there is none: one line that names the variable at fault. */
export type Attempt<T> = { readonly value: T } | { readonly fault: string };

/** Reads the configuration. */
export function tryConfig(env: Environment, mode: "development" | "production"): Attempt<Config> {
  try {
    return { value: readConfig(env, mode) };
  } catch (error) {
    if (error instanceof TypeError) return { fault: error.message };
    return { fault: `DATABASE_URL: no secret can be kept beside the database (${kindOf(error)})` };
  }
}

/** Opens what needs the database: the services, or the whole server. */
export async function tryOpen<T>(open: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { value: await open() };
  } catch (error) {
    // Our own words name the variable; a driver's may hold the password of the URL, so its kind will do.
    if (error instanceof TypeError && !("code" in error)) return { fault: error.message };
    return { fault: `DATABASE_URL: the database cannot be used (${kindOf(error)})` };
  }
}

/** Proves that the address can be listened on. Whoever takes it a moment later still wins. */
export function tryListen({ host, port }: Pick<Config, "host" | "port">): Attempt<undefined> {
  try {
    const probe = { hostname: host, port, reusePort: false, fetch: () => new Response() };
    void Bun.serve(probe).stop(true);
    return { value: undefined };
  } catch (error) {
    return { fault: listenFault(error, { host, port }) };
  }
}

/** Why an address cannot be listened on, and the cure. */
export function listenFault(error: unknown, { host, port }: Pick<Config, "host" | "port">): string {
  const { code } = error as { code?: unknown };
  switch (code) {
    case "EADDRINUSE":
      return `PORT ${port} is taken: end the process that listens there, or choose another port, for example PORT=${port + 1}`;
    case "EACCES":
      return `PORT ${port} is not allowed to this user: choose one above 1023`;
    default:
      return `HOST ${host} cannot be listened on (${kindOf(error)}): give an address of this machine`;
  }
}
