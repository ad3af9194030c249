/** The pages by which an address is proven, with facts as they come, and with hostile ones. */
import { addressPage } from "../../src/pages/challenge_address.ts";
import { pinPage } from "../../src/pages/challenge_pin.ts";
import { claimPage, claimRefusedPage, provenPage } from "../../src/pages/challenge_proven.ts";
import type { Frame } from "../../src/pages/page.ts";

/** All pages by name. */
export function challengeSamples(
  frame: Frame,
  { client, user }: { readonly client: string; readonly user: string },
): Readonly<Record<string, string>> {
  const asked = {
    target: "/id/challenger/challenge/N",
    client,
    addressType: "email",
    values: {},
    hints: {},
    about: undefined,
    readOnly: false,
    addressesLeft: 3,
    codeHref: undefined,
    policies: { termsUri: "/id/challenger/terms", policyUri: "/id/challenger/privacy" },
  } as const;
  const postal = {
    CONTACT_NAME: user,
    ADDRESS_LINES: `${user}\n3000 Bern`,
    ADDRESS_COUNTRY: "Switzerland",
  };
  const sent = {
    target: "/id/challenger/solve/N",
    resendTarget: "/id/challenger/challenge/N",
    client,
    addressType: "email",
    address: { CONTACT_EMAIL: "ada.lovelace@mail.example" },
    entriesLeft: 3,
    transmissionsLeft: 2,
    waitSeconds: 27,
    changeHref: "/id/challenger/challenge/N?change=1",
  } as const;
  const onward = {
    client,
    redirectUri: "https://app.example/callback",
    href: "https://app.example/callback?code=c&state=s",
  };
  const claim = {
    target: "/id/challenger/claim/N",
    client,
    redirectUri: onward.redirectUri,
    address: "ada.lovelace@mail.example",
    replaced: undefined,
    user,
    proof: "0123",
  };
  return {
    "address email": addressPage(frame, asked),
    "address email, wrong": addressPage(frame, {
      ...asked,
      values: { CONTACT_EMAIL: user },
      fault: { field: "CONTACT_EMAIL", kind: "malformed" },
    }),
    "address phone, again": addressPage(frame, {
      ...asked,
      addressType: "phone",
      values: { CONTACT_PHONE: "+41791234567" },
      hints: { CONTACT_PHONE: "A Swiss number" },
      about: "Only for customers of the bank.",
      addressesLeft: 1,
      codeHref: "/id/challenger/challenge/N",
    }),
    "address postal, missing": addressPage(frame, {
      ...asked,
      addressType: "postal",
      values: { ...postal, ADDRESS_COUNTRY: "" },
      fault: { field: "ADDRESS_COUNTRY", kind: "missing" },
    }),
    "address postal-ch, fixed, undelivered": addressPage(frame, {
      ...asked,
      addressType: "postal-ch",
      values: postal,
      readOnly: true,
      unsent: "undelivered",
    }),
    "address, paused": addressPage(frame, {
      ...asked,
      codeHref: "/id/challenger/challenge/N",
      unsent: "paused",
    }),
    pin: pinPage(frame, sent),
    "pin, wrong, later": pinPage(frame, {
      ...sent,
      entriesLeft: 1,
      waitSeconds: 0,
      fault: "incorrect",
    }),
    "pin, resent, last": pinPage(frame, {
      ...sent,
      transmissionsLeft: 0,
      changeHref: undefined,
      notice: "resent",
    }),
    "pin by letter, recent": pinPage(frame, {
      ...sent,
      addressType: "postal",
      address: postal,
      waitSeconds: 1700,
      notice: "recent",
      fault: "malformed",
    }),
    "pin exhausted": pinPage(frame, { ...sent, entriesLeft: 0, waitSeconds: 0 }),
    "pin exhausted for good": pinPage(frame, {
      ...sent,
      entriesLeft: 0,
      transmissionsLeft: 0,
      waitSeconds: 0,
      changeHref: undefined,
    }),
    proven: provenPage(frame, onward, claim.address),
    claim: claimPage(frame, { ...claim, replaced: "ada@old.example" }),
    "claim taken": claimRefusedPage(frame, onward, "taken"),
    "claim changed": claimRefusedPage(frame, onward, "changed"),
  };
}
