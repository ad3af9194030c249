import { OAuthError } from "../protocol/oauth_error.ts";
import type { User } from "../store/users.ts";
import {
  type CodeBinding,
  checkConfirmationCode,
  countSending,
  makeConfirmationCode,
  spendConfirmationCode,
} from "./confirmation_codes.ts";
import { type Destination, deliver } from "./deliveries.ts";
import type { Services } from "./services.ts";

/**
 * Counts one code that is to be sent for a second factor. Throws `too_many_attempts` past the
 * hour's number, and `delivery_failed` when the user has no address.
 */
export async function countSecondFactor(user: User, services: Services): Promise<void> {
  await countSending({ purpose: "second_factor", ...destinationOf(user) }, services);
}

/**
 * Sends the code of a sign-in's second step to the user's own address, when it has been counted by
 * {@linkcode countSecondFactor}. Throws `delivery_failed` when the code cannot be sent.
 */
export async function sendSecondFactor(
  user: User,
  signInId: string,
  services: Services,
): Promise<void> {
  const destination = destinationOf(user);
  const binding = bindingOf(destination, signInId);
  const code = await makeConfirmationCode(binding, user.id, services);
  await deliver(destination, code, services);
}

/** Whether the code is the live one of this sign-in; a right one is spent. */
export async function verifySecondFactor(
  user: User,
  signInId: string,
  code: string,
  services: Services,
): Promise<boolean> {
  const binding = bindingOf(destinationOf(user), signInId);
  const checked = await checkConfirmationCode(binding, code.replace(/[\s-]/g, ""), services);
  return (
    checked !== undefined &&
    checked.userId === user.id &&
    (await spendConfirmationCode(checked, services))
  );
}

function bindingOf({ address }: Destination, party: string): CodeBinding {
  return { purpose: "second_factor", party, address };
}

function destinationOf({ secondFactor, phoneNumber, email }: User): Destination {
  const [kind, address] =
    secondFactor === "sms" ? (["phone", phoneNumber] as const) : (["email", email] as const);
  if (address === null)
    throw new OAuthError("delivery_failed", { cause: "the user has no address" });
  return { kind, address };
}
