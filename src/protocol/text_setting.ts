/** One setting that is text. */
export interface TextSetting {
  readonly variable: string;
  /** What applies when the variable is not set, in words. */
  readonly default: string;
  readonly meaning: string;
}
