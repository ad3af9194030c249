import { createHmac, randomUUID } from "node:crypto";
import { defineDelivery } from "../../plugin.ts";
import type { AddressType } from "../../protocol/address.ts";
import {
  type OutgoingRequest,
  type OutgoingResponse,
  safeFetch,
} from "../../services/safe_fetch.ts";
import { addressSchema } from "./addresses.ts";
import { DeliveryError } from "./delivery_error.ts";

/** Where codes are posted, and how. */
export interface WebhookOptions {
  readonly url: string;
  /** `whsec_` and base64, as Standard Webhooks has it. */
  readonly secret: string;
  readonly settings: Parameters<typeof safeFetch>[2]["settings"];
}

/** Longest answer that is read; what it says does not matter. */
const ANSWER_BYTES_MAX = 4_096;

/**
 * Posts codes as JSON to the operator's own service, signed as Standard Webhooks 1.0 has it, so that
 * its libraries verify them: an HMAC-SHA-256 over id, time and body. A status of 2xx says that the
 * code is on its way; redirects are not followed.
 */
export const webhookDelivery = (
  addressType: AddressType,
  { url, secret, settings }: WebhookOptions,
) =>
  defineDelivery({
    addressType,
    address: addressSchema(addressType),
    async send({ address, code, language }) {
      const body = JSON.stringify({
        type: "code.deliver",
        timestamp: new Date().toISOString(),
        data: { address_type: addressType, address, code, ...(language && { language }) },
      });
      const { status } = await post(url, body, { secret, settings });
      if (status < 200 || status > 299) {
        throw new DeliveryError("The webhook refused the code", `status ${status}`);
      }
    },
  });

function post(
  url: string,
  body: string,
  { secret, settings }: Pick<WebhookOptions, "secret" | "settings">,
): Promise<OutgoingResponse> {
  const id = `msg_${randomUUID()}`;
  // The receiver compares the time with its own clock, so it is that of the wall.
  const timestamp = String(Math.floor(Date.now() / 1000));
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const mac = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
  const request: OutgoingRequest = {
    method: "POST",
    body,
    headers: {
      "Content-Type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": timestamp,
      "webhook-signature": `v1,${mac}`,
    },
    maxBytes: ANSWER_BYTES_MAX,
  };
  return safeFetch(url, request, { settings });
}
