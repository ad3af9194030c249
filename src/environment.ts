/** Environment variables, as `Bun.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A variable's value; an empty one counts as not set. */
export function value(env: Environment, variable: string): string | undefined {
  const text = env[variable]?.trim();
  return text === "" ? undefined : text;
}

/** One of the values; the first where the variable is not set. Throws `TypeError` with its name. */
export function choice<const V extends string>(
  env: Environment,
  variable: string,
  values: readonly [V, ...V[]],
): V {
  const text = value(env, variable) ?? values[0];
  const chosen = values.find((known) => known === text);
  if (chosen === undefined) {
    throw new TypeError(`${variable} must be ${[...new Set(values)].join(", ")}`);
  }
  return chosen;
}

/** Values separated by commas; empty ones are left out. */
export function list(env: Environment, variable: string): readonly string[] {
  return (value(env, variable) ?? "").split(/ *, */).filter((text) => text !== "");
}
