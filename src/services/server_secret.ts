import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from "node:crypto";
import { hashSecret } from "./ids.ts";

/** Kinds of opaque tokens, by the prefix that tells them apart for readers and secret scanners. */
const PREFIXES = { access: "tsa_", refresh: "tsr_", code: "tsc_", ticket: "tst_" } as const;

/** What an opaque token is. */
export type OpaqueKind = keyof typeof PREFIXES;

/** An opaque token that this server issued: its tag has been verified. */
export interface OpaqueToken {
  readonly kind: OpaqueKind;
  readonly text: string;
  /** The primary key of its row: issue time in hex, then the SHA-256 of the text. */
  readonly key: string;
}

/** Everything that is drawn from the root secret (issue 2, line 9). */
export interface ServerSecret {
  /** Encrypts for the store by AES-256-GCM; key id and `rowId` are associated data. */
  seal(plaintext: string, rowId: string): string;
  /** Reads what {@linkcode seal} wrote, also under the previous secret. Throws `TypeError`. */
  unseal(sealed: string, rowId: string): string;
  /** Whether that was sealed under the current secret, and so needs no previous one. */
  isNewest(sealed: string): boolean;
  /** A MAC in hex over short texts, for what a bare hash would give away by trying all values. */
  mac(label: string, text: string): string;
  /** The same under every secret that is still read, the current one's first. */
  macs(label: string, text: string): readonly string[];
  /** Whether it is the MAC of the text, also under the previous secret; in constant time. */
  isMac(mac: string, label: string, text: string): boolean;
  mintOpaque(kind: OpaqueKind, now: number): OpaqueToken;
  /** The token, if this server issued the text; no look-up is needed to tell a forged one. */
  readOpaque(text: string): OpaqueToken | undefined;
  /** A salt that names the key by which the successor of a refresh token is derived. */
  newSalt(): string;
  /** The one successor of a spent refresh token; whoever asks again gets the same. */
  successorOf(token: OpaqueToken, spent: { salt: string; at: number }): OpaqueToken;
}

/** Bytes of an opaque token: key id, issue time in seconds, random bits, tag. No padding bits remain. */
const LAYOUT = { keyId: 4, time: 5, random: 32, tag: 16 } as const;
const BODY_BYTES = LAYOUT.keyId + LAYOUT.time + LAYOUT.random;
const TEXT = /^(ts[arct]_)([A-Za-z0-9_-]{76})$/;

/** The keys of one root secret, each by HKDF with a label of its own (RFC 5869). */
interface Keys {
  readonly id: Buffer;
  readonly seal: Buffer;
  readonly tag: Buffer;
  readonly successor: Buffer;
  readonly mac: Buffer;
}

/** Draws all keys. `previous` is still read; new seals and tokens use `current`. */
export function createServerSecret(current: Uint8Array, previous?: Uint8Array): ServerSecret {
  const newest = drawKeys(current);
  const all = [newest, ...(previous ? [drawKeys(previous)] : [])];
  const keysById = (id: string) => all.find((keys) => keys.id.toString("hex") === id);

  function build(kind: OpaqueKind, keys: Keys, now: number, random: Buffer): OpaqueToken {
    const time = Buffer.alloc(LAYOUT.time);
    time.writeUIntBE(now, 0, LAYOUT.time);
    const body = Buffer.concat([keys.id, time, random]);
    const text =
      PREFIXES[kind] + Buffer.concat([body, tagOf(kind, keys, body)]).toString("base64url");
    return { kind, text, key: time.toString("hex") + hashSecret(text) };
  }

  return {
    seal(plaintext, rowId) {
      const iv = randomBytes(12);
      const id = newest.id.toString("hex");
      const cipher = createCipheriv("aes-256-gcm", newest.seal, iv).setAAD(
        Buffer.from(`${id}:${rowId}`),
      );
      const sealed = Buffer.concat([iv, cipher.update(plaintext, "utf8"), cipher.final()]);
      return `${id}.${Buffer.concat([sealed, cipher.getAuthTag()]).toString("base64url")}`;
    },
    unseal(sealed, rowId) {
      const [id = "", body = ""] = sealed.split(".");
      const keys = keysById(id);
      if (!keys) throw new TypeError("The value was sealed under another server secret");
      try {
        const bytes = Buffer.from(body, "base64url");
        const decipher = createDecipheriv("aes-256-gcm", keys.seal, bytes.subarray(0, 12), {
          authTagLength: 16,
        })
          .setAAD(Buffer.from(`${id}:${rowId}`))
          .setAuthTag(bytes.subarray(-16));
        const opened = [decipher.update(bytes.subarray(12, -16)), decipher.final()];
        return Buffer.concat(opened).toString();
      } catch {
        throw new TypeError("The sealed value was altered, or belongs to another row");
      }
    },
    isNewest: (sealed) => sealed.split(".")[0] === newest.id.toString("hex"),
    mac: (label, text) => macOf(newest, label, text),
    macs: (label, text) => all.map((keys) => macOf(keys, label, text)),
    isMac: (mac, label, text) =>
      all.some((keys) => isSame(Buffer.from(macOf(keys, label, text)), Buffer.from(mac))),
    mintOpaque: (kind, now) => build(kind, newest, now, randomBytes(LAYOUT.random)),
    readOpaque(text) {
      const [, prefix, encoded] = TEXT.exec(text) ?? [];
      const kind = (Object.keys(PREFIXES) as OpaqueKind[]).find((k) => PREFIXES[k] === prefix);
      if (kind === undefined || encoded === undefined) return undefined;
      const bytes = Buffer.from(encoded, "base64url");
      const body = bytes.subarray(0, BODY_BYTES);
      const keys = keysById(body.toString("hex", 0, LAYOUT.keyId));
      if (!keys || !timingSafeEqual(tagOf(kind, keys, body), bytes.subarray(BODY_BYTES))) {
        return undefined;
      }
      const time = body.toString("hex", LAYOUT.keyId, LAYOUT.keyId + LAYOUT.time);
      return { kind, text, key: time + hashSecret(text) };
    },
    newSalt: () => `${newest.id.toString("hex")}.${randomBytes(16).toString("base64url")}`,
    successorOf(token, { salt, at }) {
      const keys = keysById(salt.split(".")[0] ?? "");
      if (!keys) throw new TypeError("The successor belongs to another server secret");
      const random = hkdfSync("sha256", keys.successor, salt, token.text, LAYOUT.random);
      return build("refresh", keys, at, Buffer.from(random));
    },
  };
}

function drawKeys(secret: Uint8Array): Keys {
  const draw = (label: string, bytes = 32) =>
    Buffer.from(hkdfSync("sha256", secret, "", `tessera ${label} v1`, bytes));
  return {
    id: draw("key id", LAYOUT.keyId),
    seal: draw("seal"),
    tag: draw("token tag"),
    successor: draw("refresh successor"),
    mac: draw("mac"),
  };
}

function macOf(keys: Keys, label: string, text: string): string {
  return createHmac("sha256", keys.mac).update(`${label}\0`).update(text).digest("hex");
}

function isSame(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}

function tagOf(kind: OpaqueKind, keys: Keys, body: Buffer): Buffer {
  return createHmac("sha256", keys.tag)
    .update(PREFIXES[kind])
    .update(body)
    .digest()
    .subarray(0, LAYOUT.tag);
}
