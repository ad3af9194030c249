import type { Services } from "../services/services.ts";
import { findLiveSession, type LiveSession } from "../services/sessions.ts";
import { readCookie } from "./cookies.ts";

/** The live session of the browser that sent the request, by its cookie. */
export function currentSession(
  request: Request,
  services: Services,
): Promise<LiveSession | undefined> {
  return findLiveSession(readCookie(request, "session", services), services);
}
