/** One setting that is a whole number. */
export interface NumberSetting {
  /** Name of the environment variable. */
  readonly variable: string;
  readonly unit: "seconds" | "count" | "port";
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly meaning: string;
}

/** Seconds of a day. */
export const DAY = 86_400;

/** A row in seconds. */
export const seconds = (variable: string, value: number, meaning: string, bounds: Bounds = {}) =>
  ({
    variable,
    unit: "seconds",
    default: value,
    min: 1,
    max: 3650 * DAY,
    meaning,
    ...bounds,
  }) as const;

/** A row that counts. */
export const count = (variable: string, value: number, meaning: string, bounds: Bounds = {}) =>
  ({
    variable,
    unit: "count",
    default: value,
    min: 1,
    max: 1_000_000,
    meaning,
    ...bounds,
  }) as const;

interface Bounds {
  readonly min?: number;
  readonly max?: number;
}
