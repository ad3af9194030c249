/** One line of the log: what happened, and facts without secrets. */
export type Log = (
  level: "info" | "warn" | "error",
  event: string,
  facts?: Readonly<Record<string, unknown>>,
) => void;

/** A log that writes one JSON object a line to standard error. */
export function createLog(): Log {
  return (level, event, facts = {}) => {
    const line = { time: new Date().toISOString(), level, event, ...facts };
    process.stderr.write(`${JSON.stringify(line)}\n`);
  };
}

/** The kind of a failure, fit for the log: class names and driver codes, never messages. */
export function kindOf(error: unknown): string {
  const kinds: string[] = [];
  for (let at = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth++) {
    const { code, errno } = at as { code?: unknown; errno?: unknown };
    const detail = [code, errno].find((value) => typeof value === "string" && value !== "");
    kinds.push(detail === undefined ? at.constructor.name : `${at.constructor.name}(${detail})`);
  }
  return kinds.join(" < ") || typeof error;
}
