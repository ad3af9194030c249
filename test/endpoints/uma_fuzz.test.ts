/** Whatever JSON comes to the protection API, the answer is never a fault of ours. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { umaServer } from "../support/uma.ts";

setDefaultTimeout(60_000);

const uma = await umaServer();
const token = await uma.pat();
const resource = await uma.resource(token);

const PATHS = [
  "/rs/resource_set",
  "/rs/resource_set/.search",
  "/perm",
  "/perm/bulk",
  "/policies",
  "/policies/.search",
] as const;

const leaf = fc.oneof(
  fc.constantFrom(resource, "view", "", "__proto__", "constructor", null, true, -1, 1e308),
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.integer(),
);
const value = fc.oneof(
  leaf,
  fc.array(leaf, { maxLength: 3 }),
  fc.json().map((text) => JSON.parse(text)),
);
const member = fc.constantFrom(
  ...["_id", "name", "type", "uri", "icon_uri", "description", "scopes", "resource_scopes"],
  ...["owner", "resource_set_id", "resource_id", "resource_set_ids", "resource_ids", "rules"],
  ...["policy", "ids", "names", "types", "start_index", "count", "__proto__", "toString"],
);
const rule = fc.dictionary(
  fc.constantFrom("clients", "scopes", "claims", "consent_needed", "script", "provider"),
  value,
  { maxKeys: 4 },
);
const body = fc
  .record({
    members: fc.dictionary(member, value, { maxKeys: 6 }),
    rules: fc.option(fc.array(rule, { maxLength: 2 })),
  })
  .map(({ members, rules }) => (rules === null ? members : { ...members, rules }));

describe("any JSON at the protection API", () => {
  test.each(PATHS)("%s refuses it in order, or takes it", async (path) => {
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(fc.oneof(body, fc.array(body, { maxLength: 3 }), value), async (sent) => {
        const answer = await uma.call("POST", path, { token, body: JSON.stringify(sent) });
        expect([200, 201, 400, 403, 404]).toContain(answer.status);
        if (answer.status >= 400) {
          refused += 1;
          expect(answer.body.error_description).not.toMatch(/\{\d\}/);
        }
      }),
      { numRuns: 250 },
    );
    expect(refused).toBeGreaterThan(50);
  });
});
