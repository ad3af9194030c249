import { describe, expect, test } from "bun:test";
import { type ResourcesView, resourcesPage } from "../../src/pages/resources.ts";
import { timeTag } from "../../src/pages/times.ts";
import { elementsOf } from "../support/html.ts";
import { frameIn } from "../support/page_samples.ts";
import { NOTHING, resourcesSample } from "../support/resources_sample.ts";

const NAMES = { client: "Photo Book", user: "alice" };
const SAMPLE = resourcesSample(NAMES);
const EMPTY = { requests: NOTHING, access: NOTHING, refusals: NOTHING, resources: NOTHING };
const frame = frameIn("en");

const pageWith = (changed: Partial<ResourcesView>) =>
  resourcesPage(frame, { ...SAMPLE, ...changed });

/** The page with one resource of this name and these scopes. */
function pageOf(name: string, scopes: readonly string[] = []): string {
  const keeper = { name: "Album", unchecked: false };
  const unsaid = { description: undefined, kind: undefined };
  const rows = [{ name, scopes, keeper, registeredAt: SAMPLE.now, ...unsaid }];
  return pageWith({ ...EMPTY, resources: { ...NOTHING, rows } });
}

describe("the page of one's resources", () => {
  test("says in words that there is nothing, in each list", () => {
    const html = pageWith(EMPTY);
    for (const key of ["requestsNone", "accessNone", "registeredNone"] as const) {
      expect(html).toContain(frame.texts[key]);
    }
    expect(html).not.toContain("<form");
    expect(html).not.toContain(frame.texts.refusedTitle);
  });

  test("every button is described by the row that it is about, and by no other", () => {
    const html = pageWith({});
    const buttons = elementsOf(html).filter(({ tag }) => tag === "button");
    expect(
      buttons.map(({ attributes }) => [attributes["value"], attributes["aria-describedby"]]),
    ).toEqual([
      ["approve", "requests-0"],
      ["deny", "requests-0"],
      ["approve", "requests-1"],
      ["deny", "requests-1"],
      ["withdraw", "access-0"],
      ["withdraw", "access-1"],
      ["withdraw", "access-2"],
      ["lift", "refused-0"],
      ["lift", "refused-1"],
    ]);
  });

  test("tells who vouches for a person, and that nobody does where nobody is named", () => {
    const html = pageWith({ ...EMPTY, requests: SAMPLE.requests });
    const [, first = "", second = ""] = html.split('class="what"');
    expect(first).toContain("<bdi>id.example.org</bdi></strong> vouches for this person");
    expect(first).not.toContain(frame.texts.requestUnproven);
    expect(second).toContain(frame.texts.requestUnproven);
    expect(second).not.toContain("vouches for this person");
  });

  test("warns of an application that registered itself, and of no other", () => {
    const html = pageWith({ ...EMPTY, requests: SAMPLE.requests });
    const [, first = "", second = ""] = html.split('class="what"');
    expect(first).toContain(frame.texts.applicationUnchecked);
    expect(second).not.toContain(frame.texts.applicationUnchecked);
  });

  test("leads on and back in each list by itself", () => {
    const links = elementsOf(pageWith({}))
      .filter(({ tag, attributes }) => tag === "a" && attributes["aria-describedby"] !== undefined)
      .map(({ attributes }) => [attributes["aria-describedby"], attributes["href"]]);
    expect(links).toEqual([
      ["requests", "/id/account/resources?requests_from=2#requests"],
      ["access", "/id/account/resources?access_from=3#access"],
      ["access", "/id/account/resources#access"],
    ]);
  });
});

describe("names that a resource server chose", () => {
  test.each([
    ["nothing", ""],
    ["spaces", " \u00a0\u2003 "],
    ["what cannot be seen", "\u200b\u202e\u00ad\u3164\u{e0041}\ufe0f"],
  ])("%s is called a resource without a name", (_, name) => {
    expect(pageOf(name)).toContain(`<bdi>${frame.texts.resourceUnnamed}</bdi>`);
  });

  test("cannot fill the page, or be cut within a character", () => {
    const html = pageOf("🦊".repeat(5000));
    expect(html).toContain(`<bdi>${"🦊".repeat(120)}…</bdi>`);
    expect(html).not.toContain("🦊".repeat(121));
  });

  test("cannot turn the line round, or pretend to be several scopes", () => {
    const html = pageOf("a\u202eb", ["view · delete", "\u202etnirp"]);
    expect(html).toContain("<bdi>ab</bdi>");
    expect(html).toContain("<bdi>view · delete</bdi></strong> · <strong><bdi>tnirp</bdi>");
  });
});

describe("timeTag()", () => {
  const now = 1_800_000_000;
  const said = (at: number) => />([^<]+)</.exec(timeTag(at, { frame, now }))?.[1];

  test.each([
    [0, "now"],
    [-59, "now"],
    [59, "now"],
    [-60, "1 minute ago"],
    [119, "in 1 minute"],
    [-7_200, "2 hours ago"],
    [86_400, "tomorrow"],
    [-86_400, "yesterday"],
    [6 * 86_400, "in 6 days"],
    [400 * 86_400, "next year"],
  ])("%i seconds away is %s", (away, words) => {
    expect(said(now + away)).toBe(words);
  });
});
