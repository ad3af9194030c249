import type { ChallengerTexts } from "./challenger_en.ts";

/** French texts of the pages by which an address is proven. */
export const CHALLENGER_FR = {
  addressEmailTitle: "Confirmer votre adresse e‑mail",
  addressPhoneTitle: "Confirmer votre numéro de téléphone",
  addressPostalTitle: "Confirmer votre adresse postale",
  addressEmailLead:
    "{0} souhaite savoir que vous êtes joignable. Nous envoyons un code à votre adresse.",
  addressPhoneLead:
    "{0} souhaite savoir que vous êtes joignable. Nous envoyons un code à votre téléphone.",
  addressPostalLead:
    "{0} souhaite savoir que vous êtes joignable. Nous vous envoyons une lettre avec un code.",
  addressFixed: "{0} a indiqué cette adresse. Elle ne peut pas être modifiée ici.",
  addressEmail: "Adresse e-mail",
  addressPhone: "Numéro de téléphone",
  addressPhoneHint: "Avec l’indicatif du pays, par exemple +41 79 123 45 67",
  addressName: "Prénom et nom",
  addressLines: "Rue et numéro, code postal et localité",
  addressLinesHint: "Comme sur une enveloppe, l’un sous l’autre",
  addressCountry: "Pays",
  addressMissing: "Cette indication est nécessaire.",
  addressEmailMalformed: "Saisissez une seule adresse e-mail, par exemple anne@example.com.",
  addressPhoneMalformed:
    "Saisissez un seul numéro de téléphone, qui commence par + et l’indicatif du pays.",
  addressOtherMalformed:
    "Vérifiez cette indication : elle est trop longue ou contient des caractères que nous ne pouvons pas imprimer.",
  addressButton: "Envoyer le code",
  addressesLeft: "Adresses que vous pouvez encore utiliser : {0}",
  addressesNone: "Aucune autre adresse ne peut être utilisée.",
  addressPaused:
    "Trop de codes ont été envoyés à cette adresse. Réessayez dans une heure ou utilisez une autre adresse.",
  addressUndelivered:
    "Le code n’a pas pu être envoyé. Vérifiez votre saisie et réessayez ; si cela ne suffit pas, essayez plus tard.",

  pinSentEmail: "Nous avons envoyé un code à {0}. Regardez aussi dans les indésirables.",
  pinSentPhone: "Nous avons envoyé un code à {0}.",
  pinSentPostal:
    "Nous avons envoyé une lettre avec un code à {0}. Revenez sur cette page lorsque vous l’aurez reçue.",
  pinLabel: "Code à 8 chiffres",
  pinMissing: "Saisissez les huit chiffres du code.",
  pinMalformed: "Le code a huit chiffres, par exemple 1234-5678.",
  pinIncorrect: "Ce code est incorrect. Utilisez le plus récent. Essais restants : {0}",
  pinAttempts: "Essais restants : {0}",
  pinResent: "Un autre code est en route. Les précédents ne fonctionnent plus.",
  pinRecent: "Un code vient d’être envoyé. Veuillez patienter avant d’en demander un autre.",
  pinWait: "Vous pourrez demander un autre code {0}.",
  pinTransmissions: "Codes qui peuvent encore être envoyés à cette adresse : {0}",
  pinTransmissionsNone: "Aucun autre code ne peut être envoyé à cette adresse.",
  pinChange: "Utiliser une autre adresse",
  pinBack: "J’ai déjà un code",
  pinExhaustedTitle: "Trop de tentatives",
  pinExhaustedLead: "Le code pour {0} a été mal saisi trop souvent et ne fonctionne plus.",
  pinExhaustedEnd: "Il ne reste plus rien à essayer. Retournez chez {0} et recommencez.",

  provenTitle: "Votre adresse est confirmée",
  provenLead: "Nous savons que vous êtes joignable à {0}.",
  provenBack: "Retour à {0}",
  claimTitle: "L’ajouter à votre compte ?",
  claimLead: "Vous avez confirmé {0} et êtes connecté ici en tant que {1}.",
  claimEffect:
    "Vous pourrez alors vous connecter avec elle, et les applications que vous y autorisez sauront qu’elle est à vous.",
  claimReplaces: "Elle remplace {0}.",
  claimEither: "Dans les deux cas, vous retournez vers",
  claimAdd: "Ajouter à mon compte",
  claimSkip: "Ne pas ajouter",
  claimTakenTitle: "Rien n’a été ajouté",
  claimTaken:
    "Cette adresse appartient à un autre compte. Votre confirmation pour {0} n’en est pas affectée.",
  claimChanged:
    "Votre compte a changé entre-temps. Votre confirmation pour {0} n’en est pas affectée.",

  errorChallenge:
    "Cette confirmation a expiré ou n’a jamais été commencée. Retournez à l’application et recommencez.",
  errorExhausted:
    "Vous avez essayé trop souvent. Retournez à l’application et recommencez, ou revenez plus tard.",
  errorReadOnly: "L’application a indiqué l’adresse ; elle ne peut pas être modifiée ici.",
} as const satisfies ChallengerTexts;
