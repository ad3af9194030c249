import { describe, expect, test } from "bun:test";
import { LOCALES } from "../../src/pages/texts/all.ts";
import { elementsOf, faultsOf } from "../support/html.ts";
import { frameIn, samplePages } from "../support/page_samples.ts";

const NAMES = { client: "Photo Book", user: "alice" };

describe.each([...LOCALES])("pages in %s", (locale) => {
  const pages = samplePages(frameIn(locale), NAMES);

  test.each(Object.entries(pages))(
    "%s can be read by everybody and runs under our policy",
    (_, html) => {
      expect(faultsOf(html)).toEqual([]);
      expect(elementsOf(html)[0]).toEqual({ tag: "html", attributes: { lang: locale } });
    },
  );

  test.each(Object.entries(pages))("%s loads and links below the issuer's path", (_, html) => {
    const own = elementsOf(html).flatMap(({ tag, attributes }) =>
      tag === "link" || tag === "img" || tag === "script"
        ? [attributes["href"] ?? attributes["src"]]
        : [],
    );
    expect(own.length).toBeGreaterThan(0);
    for (const url of own) expect(url).toStartWith("/id/assets/");
  });
});

describe("names that others choose", () => {
  const hostile = {
    client: `</title><script>alert(1)</script>"'&<img src=x onerror=y>`,
    user: `"><b onclick=z>\u202eecila\u202c`,
  };
  const pages = samplePages(frameIn("en"), hostile);

  test.each(Object.entries(pages))("stay text on the page %s", (_, html) => {
    expect(faultsOf(html)).toEqual([]);
    expect(elementsOf(html).some(({ tag }) => tag === "b")).toBe(false);
    // What a field holds must come back as it was typed; it is shown in a box of its own.
    const around = html.replace(/ value="[^"]*"|<textarea[\s\S]*?<\/textarea>/g, "");
    expect(around).not.toContain("\u202e");
  });
});

describe("the sign-in page", () => {
  test("says the same fault of name and password, beside the password", () => {
    const html = samplePages(frameIn("en"), NAMES)["sign-in, wrong"] ?? "";
    const password = elementsOf(html).find(({ attributes }) => attributes["id"] === "password");
    expect(password?.attributes).toMatchObject({
      "aria-invalid": "true",
      "aria-describedby": "password-fault",
      autofocus: "",
    });
    expect(html).toContain("<title>Error: Sign in · Acme &amp; Sons</title>");
  });

  test("puts the cursor where typing begins", () => {
    const focused = (html = "") =>
      elementsOf(html).filter(({ attributes }) => "autofocus" in attributes);
    const pages = samplePages(frameIn("en"), NAMES);
    expect(focused(pages["sign-in"]).map(({ attributes }) => attributes["id"])).toEqual([
      "identifier",
    ]);
    expect(focused(pages["sign-in again"]).map(({ attributes }) => attributes["id"])).toEqual([
      "password",
    ]);
  });
});
