import { callerNetwork } from "../protocol/network.ts";
import { knownBrowserId, readKnownBrowser } from "../services/known_browser.ts";
import type { Services } from "../services/services.ts";
import type { Client } from "../store/clients.ts";
import { readCookie } from "./cookies.ts";
import { isWithinPage } from "./navigation.ts";
import { callerAddress } from "./peer.ts";

/**
 * Counts one authorization request that is about to be stored. Anybody may send them, in the name
 * of any client, so that they count against who sends them and never against the client. A browser
 * in which a user has signed in counts apart, wherever it is: strangers behind the same address do
 * not use up what is his. So do frames, by address, since any web page can open as many as it likes,
 * without a sight of them. Throws `too_many_requests`.
 */
export async function limitAuthorizationRequests(
  request: Request,
  services: Services,
): Promise<void> {
  const browser = await knownBrowserOf(request, services);
  if (browser !== undefined) {
    return services.budgets.spend({ kind: "authorization_browser", name: browser });
  }
  return limitAddress(request, services);
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
  return limitAddress(request, services);
}

async function limitAddress(request: Request, services: Services): Promise<void> {
  const address = callerAddress(request, services.settings);
  if (address === undefined) return;
  const kind = isWithinPage(request) ? "authorization_framed" : "authorization_address";
  return services.budgets.spend({ kind, name: callerNetwork(address) });
}

/** The browser and the user who signed in there last, while it still knows him. */
async function knownBrowserOf(request: Request, services: Services): Promise<string | undefined> {
  const browser = readKnownBrowser(readCookie(request, "device", services), services);
  const [latest] = browser?.users ?? [];
  const user = latest && (await services.store.findUser(latest.id));
  if (user?.disabledAt !== null) return undefined;
  const id = knownBrowserId(browser, user, services.now());
  return id === undefined ? undefined : `${id} ${user.id}`;
}
