import { CHALLENGER_EN } from "./challenger_en.ts";
import { RESOURCES_EN } from "./resources.ts";

/** English, and the list of all keys; `{0}`, `{1}` are filled when a page is made. */
export const EN = {
  language: "English",
  errorPrefix: "Error",
  youAreOn: "You are on",
  otherLanguages: "Language",

  signInTitle: "Sign in",
  continueTo: "to continue to {0}",
  identifierLabel: "Username, e-mail or phone number",
  passwordLabel: "Password",
  signInButton: "Sign in",
  signInAgainTitle: "Confirm that it is you",
  signInAgainLead: "You are signed in as {0}. Enter your password once more.",
  useAnotherAccount: "Use another account",
  credentialsIncorrect: "These do not match. Check what you typed and try again.",
  identifierMissing: "Enter your username, e-mail or phone number.",
  passwordMissing: "Enter your password.",
  tooManyTitle: "Too many attempts",
  tooManyLead: "Sign-in is paused to protect this account. You can try again {0}.",
  tooManyElsewhere: "A browser in which you have signed in before is not affected.",
  tooManyBack: "Back to sign-in",

  codeTitle: "Enter the code",
  codeSentSms: "We sent a code to your phone {0}.",
  codeSentEmail: "We sent a code to {0}.",
  codeLabel: "6-digit code",
  codeButton: "Continue",
  codeMissing: "Enter the six digits of the code.",
  codeIncorrect: "That code is not right or no longer valid. Use the newest one.",
  codeResend: "Send another code",
  codeResent: "Another code is on its way. Earlier ones no longer work.",
  startAgain: "Start again",

  selectTitle: "Choose an account",
  selectContinue: "Continue as {0}",

  consentTitle: "Allow access?",
  consentLead: "{0} asks for access to your account {1}.",
  consentWishes: "It would like to",
  consentKnown: "You have already let it",
  consentResources: "It will use this access at",
  consentUnchecked:
    "This application registered itself. We do not know who runs it: allow it only if you have just come from there.",
  consentReturn: "Either way you return to",
  consentReturnApp: "an application on this device",
  consentRemembered: "Your answer is remembered. You can withdraw it at any time under {0}.",
  consentAllow: "Allow",
  consentRefuse: "Don’t allow",
  termsOfService: "Terms of service",
  privacyPolicy: "Privacy policy",

  scopeOpenid: "know that it is you",
  scopeProfile: "see your name and profile",
  scopeEmail: "see your e-mail address",
  scopePhone: "see your phone number",
  scopeAddress: "see your postal address",
  scopeOfflineAccess: "keep this access while you are away",
  scopeUmaProtection: "register resources that you own",
  scopeOther: "use “{0}”",

  accountTitle: "Your account",
  devicesTitle: "Where you are signed in",
  deviceOn: "{0} on {1}",
  unknownBrowser: "A browser",
  unknownSystem: "an unknown system",
  thisDevice: "this browser",
  signedInSince: "Signed in {0}",
  lastUsed: "last used {0}",
  signOut: "Sign out",
  signOutAll: "Sign out everywhere",
  signOutAllHint: "Ends every session above, this one too.",
  consentsTitle: "Applications with access",
  consentsNone: "No application has access to your account.",
  consentSince: "Access granted {0}",
  mayDo: "It may: {0}",
  withdraw: "Withdraw access",
  unknownApplication: "an application that no longer exists",
  doneSignedOut: "That browser is signed out.",
  doneWithdrawn: "Access is withdrawn.",

  ...RESOURCES_EN,

  signOutTitle: "Sign out?",
  signOutLead: "{0} asks to sign you out here.",
  signOutLeadPlain: "You will be signed out in this browser.",
  signOutReturn: "Then you go to",
  signOutCancel: "Stay signed in",
  signedOutTitle: "You are signed out",
  signedOutLead: "On a shared computer, close the browser too.",
  signedOutAllLead: "All your sessions have ended, in every browser.",
  signInAgain: "Sign in again",

  continueTitle: "One moment",
  continueLead: "You are being taken back to {0}.",
  continueButton: "Continue",

  leaveTitle: "Go on to another site?",
  leaveLead:
    "{0} sent you here with a request that could not be met, and wants to take you to {1}.",
  leaveUnchecked:
    "This application registered itself. We do not know who runs it: go on only if you have just come from there.",
  leaveButton: "Continue to {0}",
  leaveStay: "If you did not expect this, close this page.",

  errorTitle: "This did not work",
  errorOther:
    "The application asked for something that cannot be done. Go back to it and try again; if that does not help, tell those who run it.",
  errorInteraction:
    "This sign-in has expired, is finished, or was begun in another browser. Go back to the application and start again.",
  errorForeign: "The form did not come from a page of ours. Open the page again and repeat it.",
  errorClient: "We do not know the application that sent you here.",
  errorRedirect:
    "The application wants to send you to an address that it has not registered. We stopped for your safety.",
  errorNotFound: "There is no page at this address.",
  errorBusy: "There is too much to do at the moment. Please try again in a minute.",
  errorFault: "The fault is on our side. Please try again in a moment.",
  errorDetails: "Details for those who run the application",

  ...CHALLENGER_EN,
} as const;

/** What every language has. */
export type Texts = { readonly [K in keyof typeof EN]: string };
