import { readKnownBrowser } from "../services/known_browser.ts";
import type { Services } from "../services/services.ts";
import type { Client } from "../store/clients.ts";
import { readCookie } from "./cookies.ts";
import { callerAddress } from "./peer.ts";

/**
 * Counts one authorization request that is about to be stored. Anybody may send them, in the name
 * of any client, so that they count against who sends them and never against the client. A browser
 * in which somebody has signed in counts as its user, wherever it is: strangers behind the same
 * address do not use up what is his. Throws `too_many_requests`.
 */
export async function limitAuthorizationRequests(
  request: Request,
  services: Services,
): Promise<void> {
  const browser = readKnownBrowser(readCookie(request, "device", services), services);
  const [user] = browser?.users ?? [];
  if (user) return services.budgets.spend({ kind: "authorization_user", name: user.id });
  const address = callerAddress(request, services.settings);
  if (address === undefined) return;
  return services.budgets.spend({ kind: "authorization_address", name: address });
}

/**
 * Counts one pushed request. A client that has proved itself has a budget of its own, and its
 * address, from which it speaks for many users, is not looked at; a public client is whoever takes
 * its name, and counts by address. Throws `too_many_requests` (RFC 9126 §2.3).
 */
export async function limitPushedRequests(
  client: Client,
  request: Request,
  services: Services,
): Promise<void> {
  if (client.authMethod !== "none") {
    return services.budgets.spend({ kind: "authorization_client", name: client.id });
  }
  const address = callerAddress(request, services.settings);
  if (address === undefined) return;
  return services.budgets.spend({ kind: "authorization_address", name: address });
}
