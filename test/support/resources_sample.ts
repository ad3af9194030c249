/** A page of resources as full as it may come. */
import type { Listed, ResourcesView } from "../../src/pages/resources.ts";
import type { Names } from "./page_samples.ts";

/** A list without rows. */
export const NOTHING: Listed<never> = { rows: [], moreHref: undefined, startHref: undefined };

/** Requests, access and resources, with names that others chose. */
export function resourcesSample({ client, user }: Names): ResourcesView {
  const now = 1_800_000_000;
  const stranger = {
    application: { name: client, unchecked: true },
    person: { name: `${user}@example.org`, voucher: "id.example.org" },
    resource: { name: "Holiday photos", scopes: ["view", "print", client] },
  };
  const alone = {
    application: { name: "Print Shop", unchecked: false },
    person: undefined,
    resource: { name: client, scopes: [] },
  };
  const keeper = { name: client, unchecked: false };
  const listHref = "/id/account/resources";
  return {
    target: listHref,
    accountHref: "/id/account",
    now,
    name: user,
    requests: {
      rows: [
        { ...stranger, requestId: "r1", version: "v1", askedAt: now - 7_200, lapsesAt: now + 6e5 },
        { ...alone, requestId: "r2", version: "v2", askedAt: now - 9e4, lapsesAt: now + 9e4 },
      ],
      moreHref: `${listHref}?requests_from=2`,
      startHref: undefined,
    },
    access: {
      rows: [
        { ...stranger, accessId: "a1", since: now - 9e5, by: "owner", keeper },
        { ...alone, accessId: "a2", since: now, by: "rule", keeper },
        { ...alone, accessId: "a3", since: now - 60, by: "himself", keeper },
      ],
      moreHref: `${listHref}?access_from=3`,
      startHref: listHref,
    },
    refusals: {
      rows: [
        { ...stranger, refusalId: "f1", withdrawn: true, at: now - 86_400 },
        { ...alone, refusalId: "f2", withdrawn: false, at: now },
      ],
      moreHref: undefined,
      startHref: undefined,
    },
    resources: {
      rows: [
        {
          name: user,
          description: `Kept for ${user}`,
          scopes: ["view", "print", client],
          kind: "http://photos.example/types/album",
          keeper: { name: client, unchecked: true },
          registeredAt: now - 4e6,
        },
        {
          name: "\u202e\u200b",
          description: undefined,
          scopes: [],
          kind: undefined,
          keeper,
          registeredAt: now,
        },
      ],
      moreHref: undefined,
      startHref: undefined,
    },
    done: "approved",
  };
}
