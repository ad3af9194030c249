import { describe, expect, test } from "bun:test";
import { createServerSecret } from "../../src/server.ts";
import { hashSecret } from "../../src/services/ids.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const KINDS = ["access", "refresh", "code"] as const;
const NOW = 1_800_000_000;

const [first, second, third] = [1, 2, 3].map((byte) => new Uint8Array(32).fill(byte));
const secret = createServerSecret(first ?? new Uint8Array());
const rotated = createServerSecret(second ?? new Uint8Array(), first);
const stranger = createServerSecret(third ?? new Uint8Array());

/** The text with one character replaced by its neighbour in the alphabet. */
function flip(text: string, at: number): string {
  const other = ALPHABET[(ALPHABET.indexOf(text[at] ?? "") + 1) % ALPHABET.length];
  return text.slice(0, at) + other + text.slice(at + 1);
}

describe("MACs", () => {
  test("are those of every secret that is read, the current one's first", () => {
    const old = secret.mac("label", "text");
    expect(secret.macs("label", "text")).toEqual([old]);
    const current = rotated.mac("label", "text");
    expect(current).not.toBe(old);
    expect(rotated.macs("label", "text")).toEqual([current, old]);
    expect(stranger.macs("label", "text")).not.toContain(old);
    expect(secret.mac("label\0te", "xt")).not.toBe(old);
  });
});

describe("decisions D9: sealed values", () => {
  const sealed = secret.seal("a private key é", "key:1");

  test("come back for their own row, and say nothing by themselves", () => {
    expect(secret.unseal(sealed, "key:1")).toBe("a private key é");
    expect(Buffer.from(sealed.split(".")[1] ?? "", "base64url").toString()).not.toContain(
      "private",
    );
    expect(secret.seal("a private key é", "key:1")).not.toBe(sealed);
  });

  test("do not come back for another row", () => {
    for (const rowId of ["key:2", "key:", "", "key:1 ", "KEY:1"]) {
      expect(() => secret.unseal(sealed, rowId)).toThrow(TypeError);
    }
  });

  test("do not come back when a character is altered, cut off, or the whole is missing", () => {
    for (let at = 0; at < sealed.length; at++) {
      // Bits that the last character has beyond the last byte decode to nothing.
      if (sealed[at] === "." || at === sealed.length - 1) continue;
      expect(() => secret.unseal(flip(sealed, at), "key:1")).toThrow(TypeError);
    }
    for (let end = 0; end < sealed.length; end++) {
      expect(() => secret.unseal(sealed.slice(0, end), "key:1")).toThrow(TypeError);
    }
  });

  test("are read under the previous secret, written under the current, and no other opens them", () => {
    expect(rotated.unseal(sealed, "key:1")).toBe("a private key é");
    const fresh = rotated.seal("new", "key:2");
    expect(createServerSecret(second ?? new Uint8Array()).unseal(fresh, "key:2")).toBe("new");
    expect(() => secret.unseal(fresh, "key:2")).toThrow("another server secret");
    expect(() => stranger.unseal(sealed, "key:1")).toThrow("another server secret");
  });
});

test("MACs are judged under the previous secret too, whole, and for one label and text", () => {
  const mac = secret.mac("label", "text");
  for (const judge of [secret, rotated]) {
    expect(judge.isMac(mac, "label", "text")).toBe(true);
    for (const wrong of ["", mac.slice(1), `${mac}0`, mac.toUpperCase(), "é".repeat(32)]) {
      expect(judge.isMac(wrong, "label", "text")).toBe(false);
    }
    expect(judge.isMac(mac, "label", "other")).toBe(false);
    expect(judge.isMac(mac, "other", "text")).toBe(false);
  }
  expect(rotated.mac("label", "text")).not.toBe(mac);
  expect(secret.isMac(rotated.mac("label", "text"), "label", "text")).toBe(false);
  expect(stranger.isMac(mac, "label", "text")).toBe(false);
});

describe("decisions D5: opaque tokens", () => {
  test.each(KINDS)("a token of kind %s is recognized, with the key of its row", (kind) => {
    const token = secret.mintOpaque(kind, NOW);
    expect(secret.readOpaque(token.text)).toEqual(token);
    expect(token.key).toBe(NOW.toString(16).padStart(10, "0") + hashSecret(token.text));
    expect(rotated.readOpaque(token.text)).toEqual(token);
    expect(stranger.readOpaque(token.text)).toBeUndefined();
  });

  test("keys of rows grow with the time of issue, beyond 2038 too", () => {
    const times = [0, 1, NOW, NOW + 1, 2 ** 31, 2 ** 32, 2 ** 40 - 1];
    const keys = times.map((now) => secret.mintOpaque("access", now).key);
    expect(keys).toEqual([...keys].sort());
    expect(new Set(keys.map(({ length }) => length)).size).toBe(1);
  });

  test("no two tokens are alike", () => {
    const texts = Array.from({ length: 1000 }, () => secret.mintOpaque("access", NOW).text);
    expect(new Set(texts).size).toBe(1000);
  });

  test.each(KINDS)("attack 39: a cut, padded or altered %s token is unknown", (kind) => {
    const { text } = secret.mintOpaque(kind, NOW);
    for (let length = 0; length < text.length; length++) {
      expect(secret.readOpaque(text.slice(0, length))).toBeUndefined();
      expect(secret.readOpaque(text.slice(text.length - length))).toBeUndefined();
      expect(secret.readOpaque(flip(text, length))).toBeUndefined();
    }
    const padded = ["A", "=", "==", " ", "\n", "\0", ".", "%00", text].map((tail) => text + tail);
    for (const altered of [...padded, ` ${text}`, `\n${text}`, text.toUpperCase()]) {
      expect(secret.readOpaque(altered)).toBeUndefined();
    }
  });

  test("kinds are not interchangeable: another prefix is another token, which nobody issued", () => {
    for (const kind of KINDS) {
      const body = secret.mintOpaque(kind, NOW).text.slice(4);
      const recognized = ["tsa_", "tsr_", "tsc_"].map((prefix) => secret.readOpaque(prefix + body));
      expect(recognized.flatMap((token) => token?.kind ?? [])).toEqual([kind]);
    }
  });
});

describe("decisions D5: the successor of a refresh token", () => {
  const token = secret.mintOpaque("refresh", NOW);
  const spent = { salt: secret.newSalt(), at: NOW + 5 };

  test("is one and the same for everybody who asks, and a token like any other", () => {
    const successor = secret.successorOf(token, spent);
    expect(secret.successorOf(token, spent)).toEqual(successor);
    expect(secret.readOpaque(successor.text)).toEqual(successor);
    expect(successor.key.slice(0, 10)).toBe((NOW + 5).toString(16).padStart(10, "0"));
  });

  test("is another for another token, salt or server secret", () => {
    const successors = [
      secret.successorOf(token, spent),
      secret.successorOf(token, { ...spent, salt: secret.newSalt() }),
      secret.successorOf(secret.mintOpaque("refresh", NOW), spent),
      rotated.successorOf(token, { ...spent, salt: rotated.newSalt() }),
    ];
    expect(new Set(successors.map(({ text }) => text)).size).toBe(4);
  });

  test("stays the same after the server secret was replaced", () => {
    expect(rotated.successorOf(token, spent)).toEqual(secret.successorOf(token, spent));
    expect(() => stranger.successorOf(token, spent)).toThrow(TypeError);
  });
});
