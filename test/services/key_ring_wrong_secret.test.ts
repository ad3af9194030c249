import { describe, expect, test } from "bun:test";
import { createServerSecret } from "../../src/server.ts";
import { openKeyRing } from "../../src/services/key_ring.ts";
import { DATABASES } from "../support/databases.ts";
import { START, testServer } from "../support/server.ts";

describe.each(DATABASES)("decisions D9: opening the keys with a wrong secret on %s", (database) => {
  test("writes nothing, though a rotation is due, and the right secret goes on", async () => {
    const { services } = await testServer({ database });
    const { store, settings, secret } = services;
    const before = await store.listKeys();
    const now = () => START + settings.keyRotationSeconds + 1;
    const wrong = createServerSecret(crypto.getRandomValues(new Uint8Array(32)));
    const refused = openKeyRing({ store, settings, now, secret: wrong });
    expect(refused).rejects.toThrow("TESSERA_SECRET");
    await refused.catch(() => {});
    expect(await store.listKeys()).toEqual(before);
    const ring = await openKeyRing({ store, settings, now, secret });
    expect((await ring.current("ES256")).kid).toBe((await services.keys.current("ES256")).kid);
  });

  test("a key that cannot be read leaves signing to those that can", async () => {
    const { services } = await testServer({ database });
    const { store, settings, secret } = services;
    const good = await services.keys.current("ES256");
    const [stored] = (await store.listKeys()).filter(({ id }) => id === good.kid);
    if (!stored) throw new Error("no key");
    await store.insertKey({ ...stored, id: "unreadable", generation: 99, activatesAt: START + 10 });
    const ring = await openKeyRing({ store, settings, now: () => START, secret }).catch(
      () => undefined,
    );
    // Sealed values are bound to their row, so the copy under another id cannot be unsealed.
    expect(ring).toBeUndefined();
    expect((await services.keys.current("ES256")).kid).toBe(good.kid);
  });
});
