import { describe, expect, test } from "bun:test";
import { issueTestCode, REDIRECT_URI } from "../support/codes.ts";
import { DATABASES } from "../support/databases.ts";
import { CLIENT, inBatches, PROCESSES_MS, post, startCluster } from "./cluster.ts";

const CODES = 200;

describe.each(DATABASES)("RFC 6749 §4.1.2: a code is redeemed once, on %s", (database) => {
  test(
    "attack 2: of four processes that redeem a code at once, one gets tokens, for each of 200 codes",
    async () => {
      const { processes, services, postToAll, close } = await startCluster(database, { size: 4 });
      const codes = await inBatches(CODES, () =>
        issueTestCode({ services }, { clientId: CLIENT.id }),
      );
      const races = await inBatches(CODES, (index) =>
        postToAll("/token", {
          grant_type: "authorization_code",
          code: codes[index]?.code ?? "",
          redirect_uri: REDIRECT_URI,
        }),
      );
      const losers = races.flat().filter(({ status }) => status !== 200);
      for (const answers of races) {
        expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      }
      expect(losers).toHaveLength(3 * CODES);
      for (const { status, error, error_description } of losers) {
        expect([status, error, error_description]).toEqual([
          400,
          "invalid_grant",
          "the authorization code is not correct",
        ]);
      }

      // A code that comes back takes what it gave with it, the winner's tokens too (decisions D3).
      const winners = races.flat().filter(({ status }) => status === 200);
      const states = await inBatches(winners.length, async (index) => {
        const { access_token = "", refresh_token = "" } = winners[index] ?? {};
        const asked = processes[index % 4];
        if (!asked) throw new RangeError("four processes");
        return Promise.all([
          post(asked, "/introspect", { token: access_token }),
          post(asked, "/introspect", { token: refresh_token }),
        ]);
      });
      for (const state of states.flat()) expect(state).toEqual({ status: 200, active: false });
      await close();
    },
    PROCESSES_MS,
  );
});
