import { OAuthError } from "../protocol/oauth_error.ts";

/**
 * Lets through what a browser navigates to, in a window or a frame, and what no browser sends. Images
 * and scripts of any web page could ask for our pages in the name of their reader, to no use but
 * using up what he may ask for. Throws `navigation_missing` (Fetch Metadata §2.2).
 */
export async function requireNavigation({ headers }: Request): Promise<void> {
  const mode = headers.get("sec-fetch-mode") ?? "navigate";
  if (mode === "navigate") return;
  // Runtimes of programs, such as Node.js, tell this mode; a browser never does without the site.
  if (mode === "cors" && !headers.has("sec-fetch-site")) return;
  throw new OAuthError("navigation_missing");
}

/** Whether the answer goes into a frame; scripts cannot set the header (Fetch Metadata §2.1). */
export function isFramed({ headers }: Request): boolean {
  return ["iframe", "frame"].includes(headers.get("sec-fetch-dest") ?? "");
}

/**
 * Whether a page sent the request from within itself: for a frame, for what is like one, such as an
 * `object`, or by a script. Its reader sees nothing of it in the address bar (Fetch Metadata §2.1).
 */
export function isWithinPage({ headers }: Request): boolean {
  return (headers.get("sec-fetch-dest") ?? "document") !== "document";
}
