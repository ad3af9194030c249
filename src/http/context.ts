import type { Registry } from "../registry.ts";
import type { Services } from "../services/services.ts";

/** What an endpoint works with. */
export interface Context {
  readonly registry: Registry;
  readonly services: Services;
}
