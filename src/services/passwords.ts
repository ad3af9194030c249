/** Password hashing by argon2id (decisions D6). */
export interface Passwords {
  hash(password: string): Promise<string>;
  /** Whether the password has the hash; without a hash it costs the same time and is false. */
  verify(password: string, hash: string | null | undefined): Promise<boolean>;
}

/** Parameters of argon2id: 19,456 KiB and two passes, as OWASP advises. */
const ARGON2 = { algorithm: "argon2id", memoryCost: 19_456, timeCost: 2 } as const;

/** Creates the service. The decoy for unknown users is hashed once, at the first need. */
export function createPasswords(): Passwords {
  let decoy: Promise<string> | undefined;
  return {
    hash: (password) => Bun.password.hash(password, ARGON2),
    async verify(password, hash) {
      decoy ??= Bun.password.hash(crypto.randomUUID(), ARGON2);
      const matches = await Bun.password.verify(password, hash ?? (await decoy));
      return matches && typeof hash === "string";
    },
  };
}
