/** A real Chromium for tests of pages: Debian's, driven by playwright-core. */
import { expect } from "bun:test";
import { existsSync } from "node:fs";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

/** Where Debian and Ubuntu put it; another place by `CHROMIUM_PATH`. */
const EXECUTABLE = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";

/** It shall neither show a window nor speak to anybody but the test's server. */
const ARGUMENTS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * Whether the browser tests can run. Without a browser they are skipped with a loud line; where
 * `CI` is `true` that is a failure. Throws `Error` then.
 */
export function hasChromium(): boolean {
  if (existsSync(EXECUTABLE)) return true;
  const line = `No Chromium at ${EXECUTABLE}: the browser tests DO NOT RUN. Install chromium, or set CHROMIUM_PATH.`;
  if (process.env["CI"] === "true") throw new Error(line);
  process.stderr.write(`\n!!! ${line}\n\n`);
  return false;
}

/** Starts the browser; whoever starts it closes it. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: EXECUTABLE, args: ARGUMENTS });
}

/** Runs steps in a browser of their own; the content security policy must not have been violated meanwhile. */
export async function browsing(
  chromium: Browser,
  options: BrowserContextOptions,
  steps: (page: Page) => Promise<void>,
): Promise<void> {
  const context = await chromium.newContext(options);
  const page = await context.newPage();
  const violations: string[] = [];
  page.on("console", (message) => {
    if (message.text().includes("Content Security Policy")) violations.push(message.text());
  });
  try {
    await steps(page);
  } finally {
    await context.close();
  }
  expect(violations).toEqual([]);
}
