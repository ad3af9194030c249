import { KEY_ALGORITHMS } from "../services/key_ring.ts";
import {
  type AdminContext,
  type Command,
  DONE,
  failed,
  type Input,
  type Outcome,
} from "./command.ts";

/** `key …`. */
export const KEY_COMMANDS: readonly Command[] = [
  {
    name: "key list",
    parameters: "",
    summary: "Print the keys and where each stands, one JSON object a line",
    options: {},
    run: (_input, context) => list(context),
  },
  {
    name: "key rotate",
    parameters: "",
    summary: "Make new keys that sign, or that clients encrypt to",
    details: ["They are in use after KEY_PUBLISH_SECONDS; those that sign are published at once."],
    options: {
      algorithm: {
        type: "string",
        value: "ALG",
        help: `${KEY_ALGORITHMS.join(" or ")}; all without it`,
      },
    },
    run: rotate,
  },
];

async function list({ services, terminal }: AdminContext): Promise<Outcome> {
  for (const { key, state } of await services.keys.list()) {
    const { id: kid, algorithm, generation, createdAt, activatesAt } = key;
    terminal.out(
      JSON.stringify({
        kid,
        algorithm,
        generation,
        state,
        created_at: createdAt,
        activates_at: activatesAt,
      }),
    );
  }
  return DONE;
}

async function rotate(input: Input, context: AdminContext): Promise<Outcome> {
  const { keys, audit } = context.services;
  const wanted = input.text("algorithm");
  const algorithms = KEY_ALGORITHMS.filter((name) => wanted === undefined || name === wanted);
  if (algorithms.length === 0) {
    return failed(`--algorithm must be one of ${KEY_ALGORITHMS.join(", ")}`);
  }
  for (const algorithm of algorithms) {
    const made = await keys.rotate(algorithm);
    if (made) await audit.record("key.created", { details: { algorithm } });
    else context.terminal.err(`another process has just made a ${algorithm} key`);
  }
  return list(context);
}
