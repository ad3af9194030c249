import { escapeHtml } from "./layout.ts";
import { type Frame, type Html, phraseHtml } from "./page.ts";

/** For whom a time is told, and when: Unix seconds. */
export interface TimeReader {
  readonly frame: Frame;
  readonly now: number;
}

/** Units of times, the largest first, in seconds. */
const UNITS = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
] as const;

/** A sentence with how long ago something was, or how soon it will be; see {@linkcode timeTag}. */
export function timePhrase(text: string, at: number, reader: TimeReader): Html {
  return phraseHtml(text, timeTag(at, reader));
}

/**
 * How far away a time is, in words, since the server does not know its reader's clock. `at` is in
 * Unix seconds.
 */
export function timeTag(at: number, { frame, now }: TimeReader): Html {
  const format = new Intl.RelativeTimeFormat(frame.locale, { numeric: "auto" });
  const away = at - now;
  const [unit, seconds] = UNITS.find(([, length]) => Math.abs(away) >= length) ?? ["second", 0];
  const told =
    seconds === 0 ? format.format(0, "second") : format.format(Math.trunc(away / seconds), unit);
  return `<time datetime="${new Date(at * 1000).toISOString()}">${escapeHtml(told)}</time>`;
}
