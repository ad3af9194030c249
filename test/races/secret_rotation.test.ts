import { describe, expect, test } from "bun:test";
import { issueTestCode, REDIRECT_URI } from "../support/codes.ts";
import { DATABASES, freshDatabase } from "../support/databases.ts";
import { serverProcess } from "../support/process.ts";
import { ISSUER } from "../support/server.ts";
import {
  CLIENT,
  newSecret,
  openBeside,
  PATIENT,
  PROCESSES_MS,
  post,
  registerClient,
} from "./cluster.ts";

describe.each(DATABASES)(
  "decisions D9: a restart with another TESSERA_SECRET on %s",
  (database) => {
    test(
      "fails with the variable's name alone, and goes on with TESSERA_SECRET_PREVIOUS",
      async () => {
        const url = await freshDatabase(database);
        const [old, fresh] = [newSecret(), newSecret()];
        const before = await serverProcess({ url, secret: old, environment: { ISSUER } });
        const services = await openBeside(url, old);
        await registerClient(services);
        const { code } = await issueTestCode({ services }, { clientId: CLIENT.id });
        const pending = await issueTestCode({ services }, { clientId: CLIENT.id });
        const redeem = (text: string) => ({
          grant_type: "authorization_code",
          code: text,
          redirect_uri: REDIRECT_URI,
        });
        const first = await post(before, "/token", redeem(code));
        expect(first.status).toBe(200);
        await before.stop();

        const wrong = serverProcess({ url, secret: fresh, environment: { ISSUER } });
        const failure = await wrong.then(String, ({ message }: Error) => message);
        expect(failure).toContain("TESSERA_SECRET");
        for (const secret of [old, fresh]) expect(failure).not.toContain(secret);

        const environment = { ISSUER, ...PATIENT, TESSERA_SECRET_PREVIOUS: old };
        const after = await serverProcess({ url, secret: fresh, environment });
        const isActive = async (token = "") => (await post(after, "/introspect", { token })).active;
        expect(await isActive(first.access_token)).toBe(true);
        expect(await isActive(first.refresh_token)).toBe(true);
        const form = { grant_type: "refresh_token", refresh_token: first.refresh_token ?? "" };
        const second = await post(after, "/token", form);
        expect(second.status).toBe(200);
        expect(await isActive(second.access_token)).toBe(true);
        const again = await post(after, "/token", form);
        expect(again.refresh_token).toBe(second.refresh_token ?? "");
        const third = await post(after, "/token", redeem(pending.code));
        expect(third.status).toBe(200);
        const revoked = await post(after, "/token/revoke", { token: first.refresh_token ?? "" });
        expect(revoked.status).toBe(200);
        expect(await isActive(second.access_token)).toBe(false);
        await after.stop();
      },
      PROCESSES_MS,
    );
  },
);
