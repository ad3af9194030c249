/**
 * Column kits: the column and table builders that the tables use, once per dialect. The Postgres
 * kit is typed as the SQLite one; `test/store/contract.ts` is the proof that both hold the same
 * values.
 */
import {
  bigint,
  customType as pgCustom,
  index as pgIndex,
  pgTable,
  text as pgText,
  uniqueIndex as pgUniqueIndex,
} from "drizzle-orm/pg-core";
import {
  customType,
  index,
  integer,
  sqliteTable,
  text,
  uniqueIndex,
} from "drizzle-orm/sqlite-core";

const jsonText = {
  dataType: () => "text",
  toDriver: (value: unknown) => JSON.stringify(value),
  fromDriver: (value: unknown) => JSON.parse(value as string) as unknown,
} as const;

/** Builders for SQLite. */
export const sqliteKit = {
  table: sqliteTable,
  text,
  /** Whole numbers up to 2^53; times are Unix seconds. */
  int: (name: string) => integer(name),
  /** JSON kept as text, so that both dialects round-trip the same bytes. */
  json: customType<{ data: unknown; driverData: string }>(jsonText),
  index,
  uniqueIndex,
};

/** What a dialect offers to the tables. */
export type Kit = typeof sqliteKit;

/** Builders for Postgres; `int` is int8, so that times beyond 2038 fit. */
export const postgresKit = {
  table: pgTable,
  text: pgText,
  int: (name: string) => bigint(name, { mode: "number" }),
  json: pgCustom<{ data: unknown; driverData: string }>(jsonText),
  index: pgIndex,
  uniqueIndex: pgUniqueIndex,
} as unknown as Kit;
