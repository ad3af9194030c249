import type { ChallengerTexts } from "./challenger_en.ts";

/** German texts of the pages by which an address is proven. */
export const CHALLENGER_DE = {
  addressEmailTitle: "E‑Mail-Adresse bestätigen",
  addressPhoneTitle: "Telefonnummer bestätigen",
  addressPostalTitle: "Postanschrift bestätigen",
  addressEmailLead:
    "{0} möchte wissen, dass Sie erreichbar sind. Wir senden einen Code an Ihre Adresse.",
  addressPhoneLead:
    "{0} möchte wissen, dass Sie erreichbar sind. Wir senden einen Code an Ihr Telefon.",
  addressPostalLead:
    "{0} möchte wissen, dass Sie erreichbar sind. Wir senden Ihnen einen Brief mit einem Code.",
  addressFixed: "{0} hat diese Adresse angegeben. Sie kann hier nicht geändert werden.",
  addressEmail: "E-Mail-Adresse",
  addressPhone: "Telefonnummer",
  addressPhoneHint: "Mit der Landesvorwahl, etwa +41 79 123 45 67",
  addressName: "Vor- und Nachname",
  addressLines: "Straße und Nummer, Postleitzahl und Ort",
  addressLinesHint: "Wie auf einem Umschlag, untereinander",
  addressCountry: "Land",
  addressMissing: "Diese Angabe wird gebraucht.",
  addressEmailMalformed: "Geben Sie eine einzelne E-Mail-Adresse ein, etwa anna@example.com.",
  addressPhoneMalformed:
    "Geben Sie eine einzelne Telefonnummer ein, die mit + und der Landesvorwahl beginnt.",
  addressOtherMalformed:
    "Prüfen Sie diese Angabe: Sie ist zu lang oder enthält Zeichen, die wir nicht drucken können.",
  addressButton: "Code senden",
  addressesLeft: "Adressen, die Sie noch verwenden können: {0}",
  addressesNone: "Es kann keine weitere Adresse verwendet werden.",
  addressPaused:
    "An diese Adresse wurden zu viele Codes gesendet. Versuchen Sie es in einer Stunde erneut oder verwenden Sie eine andere Adresse.",
  addressUndelivered:
    "Der Code konnte nicht gesendet werden. Prüfen Sie die Eingabe und versuchen Sie es erneut; hilft das nicht, versuchen Sie es später.",

  pinSentEmail: "Wir haben einen Code an {0} gesendet. Sehen Sie auch im Spam-Ordner nach.",
  pinSentPhone: "Wir haben einen Code an {0} gesendet.",
  pinSentPostal:
    "Wir haben einen Brief mit einem Code an {0} gesendet. Kehren Sie auf diese Seite zurück, wenn Sie ihn haben.",
  pinLabel: "8-stelliger Code",
  pinMissing: "Geben Sie die acht Ziffern des Codes ein.",
  pinMalformed: "Der Code hat acht Ziffern, etwa 1234-5678.",
  pinIncorrect:
    "Der Code stimmt nicht. Verwenden Sie den zuletzt gesendeten. Verbleibende Versuche: {0}",
  pinAttempts: "Verbleibende Versuche: {0}",
  pinResent: "Ein neuer Code ist unterwegs. Frühere gelten nicht mehr.",
  pinRecent: "Eben wurde ein Code gesendet. Bitte warten Sie, bevor Sie einen weiteren anfordern.",
  pinWait: "Sie können {0} einen weiteren Code anfordern.",
  pinTransmissions: "Codes, die noch an diese Adresse gesendet werden können: {0}",
  pinTransmissionsNone: "An diese Adresse kann kein weiterer Code gesendet werden.",
  pinChange: "Andere Adresse verwenden",
  pinBack: "Ich habe schon einen Code",
  pinExhaustedTitle: "Zu viele Versuche",
  pinExhaustedLead: "Der Code für {0} wurde zu oft falsch eingegeben und gilt nicht mehr.",
  pinExhaustedEnd:
    "Es bleibt nichts mehr zu versuchen. Gehen Sie zurück zu {0} und beginnen Sie neu.",

  provenTitle: "Ihre Adresse ist bestätigt",
  provenLead: "Wir wissen nun, dass Sie unter {0} erreichbar sind.",
  provenBack: "Zurück zu {0}",
  claimTitle: "Zu Ihrem Konto hinzufügen?",
  claimLead: "Sie haben {0} bestätigt und sind hier als {1} angemeldet.",
  claimEffect:
    "Sie können sich dann damit anmelden, und Anwendungen, denen Sie es erlauben, sehen, dass sie Ihnen gehört.",
  claimReplaces: "Sie tritt an die Stelle von {0}.",
  claimEither: "In beiden Fällen kehren Sie zurück zu",
  claimAdd: "Zum Konto hinzufügen",
  claimSkip: "Nicht hinzufügen",
  claimTakenTitle: "Nichts wurde hinzugefügt",
  claimTaken:
    "Diese Adresse gehört zu einem anderen Konto. Ihre Bestätigung für {0} bleibt davon unberührt.",
  claimChanged:
    "Ihr Konto hat sich inzwischen geändert. Ihre Bestätigung für {0} bleibt davon unberührt.",

  errorChallenge:
    "Diese Bestätigung ist abgelaufen oder wurde nie begonnen. Gehen Sie zur Anwendung zurück und beginnen Sie neu.",
  errorExhausted:
    "Sie haben es zu oft versucht. Gehen Sie zur Anwendung zurück und beginnen Sie neu, oder kommen Sie später wieder.",
  errorReadOnly: "Die Anwendung hat die Adresse vorgegeben; sie kann hier nicht geändert werden.",
} as const satisfies ChallengerTexts;
