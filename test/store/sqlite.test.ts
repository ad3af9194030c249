import { freshDatabase } from "../support/databases.ts";
import { describeStore } from "./contract.ts";

describeStore("an SQLite file", { databaseUrl: () => freshDatabase("sqlite"), shared: true });
describeStore("SQLite in memory", { databaseUrl: async () => "sqlite::memory:", shared: false });
