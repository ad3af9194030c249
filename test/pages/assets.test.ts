import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { DEFAULT_SETTINGS } from "../../src/protocol/settings.ts";
import { temporaryFolder } from "../support/databases.ts";
import { testServer } from "../support/server.ts";

const SVG = `<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`;
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

async function withLogo(name: string, content: string | Uint8Array) {
  const logoPath = join(temporaryFolder(), name);
  await Bun.write(logoPath, content);
  return testServer({ settings: { brand: { ...DEFAULT_SETTINGS.brand, logoPath } } });
}

describe("/assets/logo", () => {
  test.each([
    ["SVG", "logo.svg", SVG, "image/svg+xml"],
    ["PNG, whatever it is called", "logo.svg", PNG, "image/png"],
  ] as const)("serves a %s under a policy that runs nothing", async (_, name, content, type) => {
    const server = await withLogo(name, content);
    const response = await server.get("/assets/logo");
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe(type);
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(response.headers.get("content-security-policy")).toContain("sandbox");
    expect(Buffer.from(await response.arrayBuffer())).toEqual(Buffer.from(content));
  });

  test.each([
    ["a page", "logo.svg", "<!doctype html><svg></svg>"],
    ["a script", "logo.png", "alert(1)"],
    ["an empty file", "logo.svg", ""],
    ["more than 256 KiB", "logo.svg", `<svg>${" ".repeat(256 * 1024)}</svg>`],
  ])("a server with %s for a logo does not start", async (_, name, content) => {
    await expect(withLogo(name, content)).rejects.toThrow("BRAND_LOGO must be");
  });

  test("is 404 where no logo is configured", async () => {
    const server = await testServer();
    expect((await server.get("/assets/logo")).status).toBe(404);
  });
});

describe("the style sheets", () => {
  test("come as CSS in the configured colour, and pages name their version", async () => {
    const brand = { ...DEFAULT_SETTINGS.brand, name: "Acme", color: "#0055aa" };
    const server = await testServer({ settings: { brand } });
    const page = await (await server.get("/signed-out")).text();
    const [, href = ""] = /<link rel="stylesheet" href="([^"]+)"/.exec(page) ?? [];
    expect(href).toMatch(/^\/assets\/pages\.css\?v=[0-9a-f]{12}$/);
    const styles = await server.get(href);
    expect(styles.headers.get("content-type")).toBe("text/css; charset=utf-8");
    expect(await styles.text()).toContain("--brand: #0055aa;");
    expect(await (await server.get("/assets/tessera.css")).text()).toContain("--accent: #0055aa;");
    const icon = await server.get("/assets/icon.svg");
    expect(icon.headers.get("content-type")).toBe("image/svg+xml");
  });
});
