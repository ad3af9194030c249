import { freshDatabase } from "../support/databases.ts";
import { describeStore } from "./contract.ts";

describeStore("Postgres", { databaseUrl: () => freshDatabase("postgres"), shared: true });
