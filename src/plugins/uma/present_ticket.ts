import { type Client, OAuthError, type Services } from "../../plugin.ts";
import type { UmaTicket } from "../../store/uma_tickets.ts";
import type { GrantAnswers, Presented } from "./grant_answers.ts";

/** A request with a ticket, which nobody has looked at. */
export type TicketRequest = Pick<Presented, "client" | "shown" | "now" | "services">;

/**
 * The ticket that a text is, as long as it is this client's to use; what is another's is nobody's
 * (attack 65). Throws the rows of `answers` for a ticket that is unknown or expired.
 */
export async function presentTicket(
  text: string,
  answers: GrantAnswers,
  request: TicketRequest,
): Promise<Presented> {
  const ticket = await findTicket(text, answers, request);
  const keeper = await keeperOf(ticket, answers, request.services);
  return { ...request, ticket, keeper };
}

async function findTicket(
  text: string,
  answers: GrantAnswers,
  { client, now, services }: TicketRequest,
): Promise<UmaTicket> {
  const opaque = services.secret.readOpaque(text);
  const ticket =
    opaque?.kind === "ticket" ? await services.store.findUmaTicket(opaque.key) : undefined;
  const bound = ticket?.clientId ?? client.id;
  if (!ticket || bound !== client.id) {
    const cause = ticket ? "another client's" : opaque ? "unknown" : "forged";
    throw new OAuthError(answers.unknownTicket, { cause });
  }
  if (ticket.expiresAt <= now) throw new OAuthError(answers.expiredTicket);
  return ticket;
}

/** The resource server that asked for the ticket; without it there is nothing to be had. */
async function keeperOf(
  { resourceServerId }: UmaTicket,
  answers: GrantAnswers,
  { store }: Services,
): Promise<Client> {
  const keeper = await store.findClient(resourceServerId);
  if (!keeper || keeper.disabledAt !== null) {
    throw new OAuthError(answers.unknownTicket, { cause: "no resource server" });
  }
  return keeper;
}
