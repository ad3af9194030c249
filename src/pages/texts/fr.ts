import { CHALLENGER_FR } from "./challenger_fr.ts";
import type { Texts } from "./en.ts";
import { RESOURCES_FR } from "./resources.ts";

/** French. */
export const FR = {
  language: "Français",
  errorPrefix: "Erreur",
  youAreOn: "Vous êtes sur",
  otherLanguages: "Langue",

  signInTitle: "Se connecter",
  continueTo: "pour continuer vers {0}",
  identifierLabel: "Identifiant, e-mail ou numéro de téléphone",
  passwordLabel: "Mot de passe",
  signInButton: "Se connecter",
  signInAgainTitle: "Confirmez que c’est bien vous",
  signInAgainLead:
    "Vous êtes connecté en tant que {0}. Saisissez encore une fois votre mot de passe.",
  useAnotherAccount: "Utiliser un autre compte",
  credentialsIncorrect: "Ces données ne correspondent pas. Vérifiez votre saisie et réessayez.",
  identifierMissing: "Saisissez votre identifiant, e-mail ou numéro de téléphone.",
  passwordMissing: "Saisissez votre mot de passe.",
  tooManyTitle: "Trop de tentatives",
  tooManyLead: "La connexion est suspendue pour protéger ce compte. Vous pourrez réessayer {0}.",
  tooManyElsewhere: "Un navigateur dans lequel vous vous êtes déjà connecté n’est pas concerné.",
  tooManyBack: "Retour à la connexion",

  codeTitle: "Saisir le code",
  codeSentSms: "Nous avons envoyé un code à votre téléphone {0}.",
  codeSentEmail: "Nous avons envoyé un code à {0}.",
  codeLabel: "Code à 6 chiffres",
  codeButton: "Continuer",
  codeMissing: "Saisissez les six chiffres du code.",
  codeIncorrect: "Ce code est incorrect ou n’est plus valable. Utilisez le plus récent.",
  codeResend: "Envoyer un autre code",
  codeResent: "Un autre code est en route. Les précédents ne fonctionnent plus.",
  startAgain: "Recommencer",

  selectTitle: "Choisir un compte",
  selectContinue: "Continuer en tant que {0}",

  consentTitle: "Autoriser l’accès ?",
  consentLead: "{0} demande l’accès à votre compte {1}.",
  consentWishes: "L’application souhaite",
  consentKnown: "Vous l’avez déjà autorisée à",
  consentResources: "Elle utilisera cet accès auprès de",
  consentUnchecked:
    "Cette application s’est enregistrée elle-même. Nous ne savons pas qui l’exploite : n’acceptez que si vous en venez à l’instant.",
  consentReturn: "Dans les deux cas, vous retournez vers",
  consentReturnApp: "une application sur cet appareil",
  consentRemembered: "Votre réponse est conservée. Vous pouvez la retirer à tout moment sous {0}.",
  consentAllow: "Autoriser",
  consentRefuse: "Ne pas autoriser",
  termsOfService: "Conditions d’utilisation",
  privacyPolicy: "Politique de confidentialité",

  scopeOpenid: "savoir que c’est vous",
  scopeProfile: "voir votre nom et votre profil",
  scopeEmail: "voir votre adresse e-mail",
  scopePhone: "voir votre numéro de téléphone",
  scopeAddress: "voir votre adresse postale",
  scopeOfflineAccess: "garder cet accès en votre absence",
  scopeUmaProtection: "enregistrer des ressources qui vous appartiennent",
  scopeOther: "utiliser « {0} »",

  accountTitle: "Votre compte",
  devicesTitle: "Où vous êtes connecté",
  deviceOn: "{0} sur {1}",
  unknownBrowser: "Un navigateur",
  unknownSystem: "un système inconnu",
  thisDevice: "ce navigateur",
  signedInSince: "Connecté {0}",
  lastUsed: "dernière utilisation {0}",
  signOut: "Se déconnecter",
  signOutAll: "Se déconnecter partout",
  signOutAllHint: "Met fin à toutes les sessions ci-dessus, celle-ci comprise.",
  consentsTitle: "Applications autorisées",
  consentsNone: "Aucune application n’a accès à votre compte.",
  consentSince: "Accès accordé {0}",
  mayDo: "Elle peut : {0}",
  withdraw: "Retirer l’accès",
  unknownApplication: "une application qui n’existe plus",
  doneSignedOut: "Ce navigateur est déconnecté.",
  doneWithdrawn: "L’accès est retiré.",

  ...RESOURCES_FR,

  signOutTitle: "Se déconnecter ?",
  signOutLead: "{0} demande à vous déconnecter ici.",
  signOutLeadPlain: "Vous serez déconnecté dans ce navigateur.",
  signOutReturn: "Ensuite, vous irez vers",
  signOutCancel: "Rester connecté",
  signedOutTitle: "Vous êtes déconnecté",
  signedOutLead: "Sur un ordinateur partagé, fermez aussi le navigateur.",
  signedOutAllLead: "Toutes vos sessions sont terminées, dans tous les navigateurs.",
  signInAgain: "Se reconnecter",

  continueTitle: "Un instant",
  continueLead: "Vous êtes redirigé vers {0}.",
  continueButton: "Continuer",

  leaveTitle: "Continuer vers un autre site ?",
  leaveLead:
    "{0} vous a envoyé ici avec une demande qui n’a pas pu être satisfaite, et souhaite vous diriger vers {1}.",
  leaveUnchecked:
    "Cette application s’est enregistrée elle-même. Nous ne savons pas qui l’exploite : ne continuez que si vous en venez à l’instant.",
  leaveButton: "Continuer vers {0}",
  leaveStay: "Si vous ne vous y attendiez pas, fermez cette page.",

  errorTitle: "Cela n’a pas fonctionné",
  errorOther:
    "L’application a demandé quelque chose d’impossible. Retournez-y et réessayez ; si cela ne suffit pas, prévenez ses responsables.",
  errorInteraction:
    "Cette connexion a expiré, est terminée ou a été commencée dans un autre navigateur. Retournez à l’application et recommencez.",
  errorForeign:
    "Le formulaire ne provenait pas d’une de nos pages. Rouvrez la page et recommencez.",
  errorClient: "Nous ne connaissons pas l’application qui vous a envoyé ici.",
  errorRedirect:
    "L’application veut vous envoyer à une adresse qu’elle n’a pas enregistrée. Nous nous sommes arrêtés pour votre sécurité.",
  errorNotFound: "Il n’y a pas de page à cette adresse.",
  errorBusy: "Il y a trop de demandes en ce moment. Veuillez réessayer dans une minute.",
  errorFault: "L’erreur vient de nous. Veuillez réessayer dans un instant.",
  errorDetails: "Détails pour les responsables de l’application",

  ...CHALLENGER_FR,
} as const satisfies Texts;
