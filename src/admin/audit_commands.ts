import type { Services } from "../services/services.ts";
import { sweep } from "../services/sweep.ts";
import { type ChainReport, verifiedCheckpoints, verifyChain } from "./audit_chain.ts";
import {
  type AdminContext,
  type Command,
  DONE,
  failed,
  type Input,
  type Outcome,
} from "./command.ts";
import { readWholeNumber } from "./numbers.ts";

/** How long a row that a server is writing may be on its way, in milliseconds. */
const ON_THE_WAY_MS = 1_000;

/** `audit …`, and what else an operator does to the database. */
export const OPERATION_COMMANDS: readonly Command[] = [
  {
    name: "audit list",
    parameters: "",
    summary: "Print the newest rows of the audit log, one JSON object a line",
    options: { limit: { type: "string", value: "N", help: "How many; 100 without it" } },
    run: list,
  },
  {
    name: "audit verify",
    parameters: "",
    summary: "Verify every chain of the audit log",
    details: [
      "A chain is one process's rows, each with the hash of the one before. A row that was changed,",
      "or is gone from the middle, shows; rows cut off at the end of a chain do not.",
    ],
    options: {},
    run: (_input, context) => verify(context),
  },
  {
    name: "sweep",
    parameters: "",
    summary: "Delete what has expired, as every server does once a minute",
    options: {},
    async run(_input, { services }) {
      await sweep(services);
      return DONE;
    },
  },
  {
    name: "migrate",
    parameters: "",
    summary: "Apply pending migrations, as every server does when it starts",
    options: {},
    // Opening the database has applied them.
    run: async () => DONE,
  },
];

async function list(input: Input, { services, terminal }: AdminContext): Promise<Outcome> {
  const limit = readWholeNumber(input, "limit", { default: 100, min: 1, max: 1_000_000 });
  if ("fault" in limit) return failed(limit.fault);
  for (const row of await services.store.listAuditRows(limit.number)) {
    const { id, at, event, clientId, userId, count, details } = row;
    terminal.out(
      JSON.stringify({ id, at, event, client_id: clientId, user_id: userId, count, details }),
    );
  }
  return DONE;
}

async function verify({ services, terminal }: AdminContext): Promise<Outcome> {
  const hasFault = ({ fault }: ChainReport) => fault !== undefined;
  let reports = await verifyAll(services);
  if (reports.some(hasFault)) {
    // Servers write while we read, and rows of one chain may arrive out of order.
    await Bun.sleep(ON_THE_WAY_MS);
    reports = await verifyAll(services);
  }
  for (const report of reports) terminal.out(JSON.stringify(report));
  return failed(
    ...reports.filter(hasFault).map(({ chain, fault }) => `audit chain ${chain}: ${fault}`),
  );
}

async function verifyAll({ store, keys }: Services): Promise<readonly ChainReport[]> {
  const chains = await store.listChains();
  const all = await Promise.all(
    chains.map(async (chain) => ({ chain, rows: await store.readChain(chain) })),
  );
  const checkpoints = await verifiedCheckpoints(
    all.flatMap(({ rows }) => rows),
    keys,
  );
  return all.map(({ chain, rows }) => verifyChain(chain, rows, checkpoints));
}
