import { afterAll, describe, expect, test } from "bun:test";
import { openStore } from "../../src/store/open.ts";
import type { Store } from "../../src/store/store.ts";
import { describeAuthorizations } from "./contract_authorizations.ts";
import { describeChallenges } from "./contract_challenges.ts";
import { describeCodes } from "./contract_codes.ts";
import { describeConsents } from "./contract_consents.ts";
import { describeFrontChannel } from "./contract_front_channel.ts";
import { describeOperations } from "./contract_operations.ts";
import { describeClients, describeUsers } from "./contract_parties.ts";
import { describeSharing } from "./contract_sharing.ts";
import { describeSweep } from "./contract_sweep.ts";
import { describeTokens } from "./contract_tokens.ts";
import { describeUma } from "./contract_uma.ts";
import { describeUmaOwner } from "./contract_uma_owner.ts";

/** Opens a store that is empty and nobody else's; it is closed when the tests end. */
export type OpenStore = () => Promise<Store>;

/** What a store is tested on. */
export interface StoreUnderTest {
  /** URL of a new and empty database. */
  readonly databaseUrl: () => Promise<string>;
  /** Whether a second store may open the same URL and see the same rows. */
  readonly shared: boolean;
}

/** The parts of the contract, each with stores of its own. */
const PARTS: Readonly<Record<string, (open: OpenStore) => void>> = {
  "who may ask": (open) => {
    describeClients(open);
    describeUsers(open);
  },
  "what was granted": (open) => {
    describeAuthorizations(open);
    describeTokens(open);
    describeCodes(open);
    describeConsents(open);
  },
  "the front channel": describeFrontChannel,
  operations: (open) => {
    describeOperations(open);
    describeSweep(open);
  },
  "User-Managed Access": (open) => {
    describeUma(open);
    describeUmaOwner(open);
  },
  Challenger: describeChallenges,
};

/** Opens stores, and closes them as the part ends, so that Postgres has connections for the next. */
function opening(databaseUrl: () => Promise<string>): (url?: string) => Promise<Store> {
  const opened: Store[] = [];
  afterAll(async () => {
    await Promise.all(opened.map((store) => store.close()));
  });
  return async (url) => {
    const store = await openStore(url ?? (await databaseUrl()), { connectionsMax: 4 });
    opened.push(store);
    return store;
  };
}

/** The behaviour that every store must show (decisions D9, design/house.md §7). */
export function describeStore(name: string, { databaseUrl, shared }: StoreUnderTest): void {
  describe(`Store over ${name}`, () => {
    for (const [title, part] of Object.entries(PARTS)) {
      describe(title, () => part(opening(databaseUrl)));
    }
    if (shared) {
      const open = opening(databaseUrl);
      describeSharing(async () => {
        const url = await databaseUrl();
        return [await open(url), await open(url)];
      });
    }

    test("ping() resolves while the database answers, and a closed store refuses everything", async () => {
      const store = await openStore(await databaseUrl());
      await store.ping();
      await store.close();
      await expect(store.ping()).rejects.toMatchObject({
        name: "OAuthError",
        code: "store_read_failed",
      });
      await expect(store.insertRecord({ id: "r", value: 1, expiresAt: 1 })).rejects.toMatchObject({
        code: "store_write_failed",
      });
    });
  });
}
