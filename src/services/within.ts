import { OAuthError } from "../protocol/oauth_error.ts";

/** Runs a plugin's function and waits no longer than `seconds` for it. Throws `fault` past that. */
export async function within<T>(seconds: number, run: () => Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new OAuthError("fault", { cause: new Error("A plugin took too long") })),
    seconds * 1000,
  );
  try {
    return await Promise.race([run(), late]);
  } finally {
    clearTimeout(timer);
  }
}
