import { CHALLENGER_DE } from "./challenger_de.ts";
import type { Texts } from "./en.ts";
import { RESOURCES_DE } from "./resources.ts";

/** German. */
export const DE = {
  language: "Deutsch",
  errorPrefix: "Fehler",
  youAreOn: "Sie sind auf",
  otherLanguages: "Sprache",

  signInTitle: "Anmelden",
  continueTo: "um mit {0} fortzufahren",
  identifierLabel: "Benutzername, E-Mail oder Telefonnummer",
  passwordLabel: "Passwort",
  signInButton: "Anmelden",
  signInAgainTitle: "Bitte bestätigen Sie, dass Sie es sind",
  signInAgainLead: "Sie sind als {0} angemeldet. Geben Sie Ihr Passwort noch einmal ein.",
  useAnotherAccount: "Anderes Konto verwenden",
  credentialsIncorrect:
    "Die Angaben passen nicht zusammen. Prüfen Sie die Eingabe und versuchen Sie es erneut.",
  identifierMissing: "Geben Sie Benutzername, E-Mail oder Telefonnummer ein.",
  passwordMissing: "Geben Sie Ihr Passwort ein.",
  tooManyTitle: "Zu viele Versuche",
  tooManyLead: "Die Anmeldung ruht zum Schutz dieses Kontos. Sie können es {0} wieder versuchen.",
  tooManyElsewhere:
    "Ein Browser, in dem Sie sich schon einmal angemeldet haben, ist nicht betroffen.",
  tooManyBack: "Zurück zur Anmeldung",

  codeTitle: "Code eingeben",
  codeSentSms: "Wir haben einen Code an Ihr Telefon {0} gesendet.",
  codeSentEmail: "Wir haben einen Code an {0} gesendet.",
  codeLabel: "6-stelliger Code",
  codeButton: "Weiter",
  codeMissing: "Geben Sie die sechs Ziffern des Codes ein.",
  codeIncorrect:
    "Der Code stimmt nicht oder gilt nicht mehr. Verwenden Sie den zuletzt gesendeten.",
  codeResend: "Neuen Code senden",
  codeResent: "Ein neuer Code ist unterwegs. Frühere gelten nicht mehr.",
  startAgain: "Von vorn beginnen",

  selectTitle: "Konto auswählen",
  selectContinue: "Als {0} fortfahren",

  consentTitle: "Zugriff erlauben?",
  consentLead: "{0} bittet um Zugriff auf Ihr Konto {1}.",
  consentWishes: "Die Anwendung möchte",
  consentKnown: "Bereits erlaubt haben Sie ihr",
  consentResources: "Sie wird diesen Zugriff hier nutzen",
  consentUnchecked:
    "Diese Anwendung hat sich selbst registriert. Wir wissen nicht, wer sie betreibt: Stimmen Sie nur zu, wenn Sie gerade von dort kommen.",
  consentReturn: "In beiden Fällen kehren Sie zurück zu",
  consentReturnApp: "einer Anwendung auf diesem Gerät",
  consentRemembered:
    "Ihre Antwort wird gespeichert. Sie können sie jederzeit unter {0} widerrufen.",
  consentAllow: "Erlauben",
  consentRefuse: "Nicht erlauben",
  termsOfService: "Nutzungsbedingungen",
  privacyPolicy: "Datenschutzerklärung",

  scopeOpenid: "erkennen, dass Sie es sind",
  scopeProfile: "Ihren Namen und Ihr Profil sehen",
  scopeEmail: "Ihre E-Mail-Adresse sehen",
  scopePhone: "Ihre Telefonnummer sehen",
  scopeAddress: "Ihre Postanschrift sehen",
  scopeOfflineAccess: "diesen Zugriff behalten, auch wenn Sie nicht da sind",
  scopeUmaProtection: "Ressourcen registrieren, die Ihnen gehören",
  scopeOther: "„{0}“ nutzen",

  accountTitle: "Ihr Konto",
  devicesTitle: "Wo Sie angemeldet sind",
  deviceOn: "{0} auf {1}",
  unknownBrowser: "Ein Browser",
  unknownSystem: "einem unbekannten System",
  thisDevice: "dieser Browser",
  signedInSince: "Angemeldet {0}",
  lastUsed: "zuletzt verwendet {0}",
  signOut: "Abmelden",
  signOutAll: "Überall abmelden",
  signOutAllHint: "Beendet alle Sitzungen oben, auch diese.",
  consentsTitle: "Anwendungen mit Zugriff",
  consentsNone: "Keine Anwendung hat Zugriff auf Ihr Konto.",
  consentSince: "Zugriff erteilt {0}",
  mayDo: "Sie darf: {0}",
  withdraw: "Zugriff widerrufen",
  unknownApplication: "eine Anwendung, die es nicht mehr gibt",
  doneSignedOut: "Dieser Browser ist abgemeldet.",
  doneWithdrawn: "Der Zugriff ist widerrufen.",

  ...RESOURCES_DE,

  signOutTitle: "Abmelden?",
  signOutLead: "{0} möchte Sie hier abmelden.",
  signOutLeadPlain: "Sie werden in diesem Browser abgemeldet.",
  signOutReturn: "Danach geht es weiter zu",
  signOutCancel: "Angemeldet bleiben",
  signedOutTitle: "Sie sind abgemeldet",
  signedOutLead: "Schließen Sie an einem gemeinsam genutzten Computer auch den Browser.",
  signedOutAllLead: "Alle Ihre Sitzungen sind beendet, in jedem Browser.",
  signInAgain: "Wieder anmelden",

  continueTitle: "Einen Moment",
  continueLead: "Sie werden zu {0} zurückgeleitet.",
  continueButton: "Weiter",

  leaveTitle: "Zu einer anderen Seite weitergehen?",
  leaveLead:
    "{0} hat Sie mit einer Anfrage hergeschickt, die nicht erfüllt werden konnte, und möchte Sie weiterleiten zu {1}.",
  leaveUnchecked:
    "Diese Anwendung hat sich selbst registriert. Wir wissen nicht, wer sie betreibt: Gehen Sie nur weiter, wenn Sie gerade von dort kommen.",
  leaveButton: "Weiter zu {0}",
  leaveStay: "Wenn Sie das nicht erwartet haben, schließen Sie diese Seite.",

  errorTitle: "Das hat nicht geklappt",
  errorOther:
    "Die Anwendung hat etwas verlangt, das nicht möglich ist. Gehen Sie zu ihr zurück und versuchen Sie es erneut; hilft das nicht, wenden Sie sich an ihre Betreiber.",
  errorInteraction:
    "Diese Anmeldung ist abgelaufen, beendet oder wurde in einem anderen Browser begonnen. Gehen Sie zur Anwendung zurück und beginnen Sie neu.",
  errorForeign:
    "Das Formular kam nicht von einer unserer Seiten. Öffnen Sie die Seite neu und wiederholen Sie den Schritt.",
  errorClient: "Wir kennen die Anwendung nicht, die Sie hergeschickt hat.",
  errorRedirect:
    "Die Anwendung will Sie an eine Adresse schicken, die sie nicht registriert hat. Zu Ihrer Sicherheit haben wir angehalten.",
  errorNotFound: "Unter dieser Adresse gibt es keine Seite.",
  errorBusy: "Im Moment ist zu viel zu tun. Bitte versuchen Sie es in einer Minute noch einmal.",
  errorFault: "Der Fehler liegt bei uns. Bitte versuchen Sie es gleich noch einmal.",
  errorDetails: "Einzelheiten für die Betreiber der Anwendung",

  ...CHALLENGER_DE,
} as const satisfies Texts;
