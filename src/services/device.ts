/** Browsers by the mark that only they have; the first that fits is meant. */
const BROWSERS = [
  [/\bEdgA?\/|\bEdgiOS\//, "Edge"],
  [/\bOPR\/|\bOPT\//, "Opera"],
  [/\bSamsungBrowser\//, "Samsung Internet"],
  [/\bVivaldi\//, "Vivaldi"],
  [/\bFirefox\/|\bFxiOS\//, "Firefox"],
  [/\bCriOS\/|\bChrome\/|\bHeadlessChrome\/|\bChromium\//, "Chrome"],
  [/\bVersion\/[\d.]+.*\bSafari\//, "Safari"],
] as const;

/** Systems likewise. */
const SYSTEMS = [
  [/\biPhone\b/, "iPhone"],
  [/\biPad\b/, "iPad"],
  [/\bAndroid\b/, "Android"],
  [/\bWindows\b/, "Windows"],
  [/\bMac OS X\b|\bMacintosh\b/, "macOS"],
  [/\bCrOS\b/, "ChromeOS"],
  [/\bLinux\b|\bX11\b/, "Linux"],
] as const;

/** What a browser and its system are called; undefined for what is not known. */
export interface Device {
  readonly browser: string | undefined;
  readonly system: string | undefined;
}

/** Longest `User-Agent` that is looked at, in characters. */
const USER_AGENT_LENGTH_MAX = 512;

/** The device of a `User-Agent`, as a session keeps it: browser and system around a slash. */
export function describeDevice(userAgent: string | null): string {
  const text = (userAgent ?? "").slice(0, USER_AGENT_LENGTH_MAX);
  const find = (rows: readonly (readonly [RegExp, string])[]) =>
    rows.find(([mark]) => mark.test(text))?.[1] ?? "";
  return `${find(BROWSERS)}/${find(SYSTEMS)}`;
}

/** Reads what {@linkcode describeDevice} wrote. */
export function readDevice(device: string): Device {
  const [browser = "", system = ""] = device.split("/");
  return { browser: browser || undefined, system: system || undefined };
}
