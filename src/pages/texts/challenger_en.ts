/** English texts of the pages by which an address is proven; `{0}`, `{1}` are filled when a page is made. */
export const CHALLENGER_EN = {
  addressEmailTitle: "Confirm your e‑mail address",
  addressPhoneTitle: "Confirm your phone number",
  addressPostalTitle: "Confirm your postal address",
  addressEmailLead: "{0} wants to know that you can be reached. We send a code to your address.",
  addressPhoneLead: "{0} wants to know that you can be reached. We send a code to your phone.",
  addressPostalLead: "{0} wants to know that you can be reached. We send you a letter with a code.",
  addressFixed: "{0} has given this address. It cannot be changed here.",
  addressEmail: "E-mail address",
  addressPhone: "Phone number",
  addressPhoneHint: "With the country code, such as +41 79 123 45 67",
  addressName: "First and last name",
  addressLines: "Street and number, postcode and town",
  addressLinesHint: "As on an envelope, one below the other",
  addressCountry: "Country",
  addressMissing: "This is needed.",
  addressEmailMalformed: "Enter one e-mail address, such as ann@example.com.",
  addressPhoneMalformed: "Enter one phone number that begins with + and the country code.",
  addressOtherMalformed: "Check this: it is too long, or holds characters that we cannot print.",
  addressButton: "Send the code",
  addressesLeft: "Addresses that you can still use: {0}",
  addressesNone: "No further address can be used.",
  addressPaused:
    "Too many codes have been sent to this address. Wait an hour and try again, or use another address.",
  addressUndelivered:
    "The code could not be sent. Check what you typed and try again; if that does not help, try later.",

  pinSentEmail: "We sent a code to {0}. Look into the spam folder too.",
  pinSentPhone: "We sent a code to {0}.",
  pinSentPostal: "We sent a letter with a code to {0}. Come back to this page when you have it.",
  pinLabel: "8-digit code",
  pinMissing: "Enter the eight digits of the code.",
  pinMalformed: "The code has eight digits, such as 1234-5678.",
  pinIncorrect: "That code is not right. Use the newest one. Attempts left: {0}",
  pinAttempts: "Attempts left: {0}",
  pinResent: "Another code is on its way. Earlier ones no longer work.",
  pinRecent: "A code was sent a moment ago. Please wait before you ask for another.",
  pinWait: "You can ask for another code {0}.",
  pinTransmissions: "Codes that can still be sent to this address: {0}",
  pinTransmissionsNone: "No further code can be sent to this address.",
  pinChange: "Use another address",
  pinBack: "I have a code already",
  pinExhaustedTitle: "Too many attempts",
  pinExhaustedLead: "The code for {0} has been entered wrongly too often and no longer works.",
  pinExhaustedEnd: "Nothing is left to try. Go back to {0} and begin anew.",

  provenTitle: "Your address is confirmed",
  provenLead: "We know that you can be reached at {0}.",
  provenBack: "Back to {0}",
  claimTitle: "Add it to your account?",
  claimLead: "You have confirmed {0}, and are signed in here as {1}.",
  claimEffect:
    "You can then sign in with it, and applications that you allow to see it know that it is yours.",
  claimReplaces: "It takes the place of {0}.",
  claimEither: "Either way you return to",
  claimAdd: "Add to my account",
  claimSkip: "Don’t add",
  claimTakenTitle: "Nothing was added",
  claimTaken: "This address belongs to another account. Your confirmation for {0} is not affected.",
  claimChanged: "Your account has changed meanwhile. Your confirmation for {0} is not affected.",

  errorChallenge:
    "This confirmation has expired, or was never begun. Go back to the application and start again.",
  errorExhausted:
    "You have tried too often. Go back to the application and start again, or come back later.",
  errorReadOnly: "The application has given the address, and it cannot be changed here.",
} as const;

/** What every language has. */
export type ChallengerTexts = { readonly [K in keyof typeof CHALLENGER_EN]: string };
