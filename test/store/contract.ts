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

/** The behaviour that every store must show (decisions D9, design/house.md §7). */
export function describeStore(name: string, { databaseUrl, shared }: StoreUnderTest): void {
  describe(`Store over ${name}`, () => {
    const opened: Store[] = [];
    const openUrl = async (url: string) => {
      const store = await openStore(url, { connectionsMax: 4 });
      opened.push(store);
      return store;
    };
    const open: OpenStore = async () => openUrl(await databaseUrl());
    afterAll(async () => {
      for (const store of opened) await store.close();
    });

    describeClients(open);
    describeUsers(open);
    describeAuthorizations(open);
    describeTokens(open);
    describeOperations(open);
    describeSweep(open);
    describeFrontChannel(open);
    describeConsents(open);
    describeCodes(open);
    describeUma(open);
    describeUmaOwner(open);
    describeChallenges(open);
    if (shared) {
      describeSharing(async () => {
        const url = await databaseUrl();
        return [await openUrl(url), await openUrl(url)];
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
