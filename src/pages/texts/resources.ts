/** Texts of the page of one's resources, in English. */
export const RESOURCES_EN = {
  resourcesTitle: "Your resources",
  resourcesLead: "What applications keep for you, and who may use it.",
  resourcesLink: "See your resources and who may use them",
  resourcesWaiting: "Requests that wait for your answer: {0}",
  resourcesBack: "Back to your account",

  requestsTitle: "Waiting for your answer",
  requestsNone:
    "Nobody is waiting for you. When somebody asks to use something of yours, the request appears here.",
  requestOf: "{0} would like to use {2}, through {1}:",
  requestOfNobody: "{0} would like to use {1}:",
  requestUnproven: "It has not shown for whom it asks.",
  partyVouched: "{0} vouches for this person.",
  requestTimes: "Asked {0}, lapses {1}",
  applicationUnchecked: "This application registered itself. We do not know who runs it.",
  scopesNone: "access without further rights",

  accessTitle: "Who has access",
  accessNone: "Nobody has access to your resources at the moment.",
  accessOf: "{0} may use {2}, through {1}:",
  accessOfNobody: "{0} may use {1}:",
  accessApproved: "You allowed it {0}. It lasts until you withdraw it.",
  accessOwn: "In your own name. It began {0}.",
  accessRuled: "A rule of {1} allows it. It began {0}.",

  registeredTitle: "What is kept for you",
  registeredNone:
    "No application has registered anything of yours. What it registers appears here, and nobody else may use it unless you or its rules say so.",
  registeredBy: "Kept by {0}",
  registeredKind: "Kind: {0}",
  registeredScopes: "Can be allowed: {0}",
  registeredAt: "Registered {0}",
  resourceUnnamed: "something without a name",
  personUnnamed: "somebody without a name",

  refusedTitle: "Refused and withdrawn",
  refusedOf: "{0} may not use {2}, through {1}:",
  refusedOfNobody: "{0} may not use {1}:",
  refusedAt: "Refused {0}. Until you lift that, it cannot be asked again.",
  withdrawnAt: "Withdrawn {0}. Until you lift that, no rule gives it back.",
  lift: "Lift",

  listMore: "Show more",
  listStart: "Back to the beginning",

  doneApproved: "Access is allowed. It takes effect when the application asks again.",
  doneDenied: "The request is refused, and cannot be asked again until you lift that.",
  doneLifted: "That is lifted.",
  doneAnswered: "That request is no longer open: it was answered already, or it has lapsed.",
  doneChanged: "That request has changed since you saw it. Please look at it again.",
  doneEnded: "That had ended already.",
} as const;

/** What every language says of resources. */
export type ResourcesTexts = { readonly [K in keyof typeof RESOURCES_EN]: string };

/** The same in German. */
export const RESOURCES_DE = {
  resourcesTitle: "Ihre Ressourcen",
  resourcesLead: "Was Anwendungen für Sie aufbewahren, und wer es nutzen darf.",
  resourcesLink: "Ihre Ressourcen ansehen, und wer sie nutzen darf",
  resourcesWaiting: "Anfragen, die auf Ihre Antwort warten: {0}",
  resourcesBack: "Zurück zu Ihrem Konto",

  requestsTitle: "Wartet auf Ihre Antwort",
  requestsNone:
    "Niemand wartet auf Sie. Wenn jemand etwas von Ihnen nutzen möchte, erscheint die Anfrage hier.",
  requestOf: "{0} möchte {2} über {1} nutzen:",
  requestOfNobody: "{0} möchte {1} nutzen:",
  requestUnproven: "Es ist nicht belegt, für wen sie anfragt.",
  partyVouched: "Für diese Person bürgt {0}.",
  requestTimes: "Angefragt {0}, verfällt {1}",
  applicationUnchecked:
    "Diese Anwendung hat sich selbst registriert. Wir wissen nicht, wer sie betreibt.",
  scopesNone: "Zugang ohne weitere Rechte",

  accessTitle: "Wer Zugriff hat",
  accessNone: "Zurzeit hat niemand Zugriff auf Ihre Ressourcen.",
  accessOf: "{0} darf {2} über {1} nutzen:",
  accessOfNobody: "{0} darf {1} nutzen:",
  accessApproved: "Von Ihnen erlaubt {0}. Das gilt, bis Sie es widerrufen.",
  accessOwn: "In Ihrem eigenen Namen. Es begann {0}.",
  accessRuled: "Eine Regel von {1} erlaubt es. Es begann {0}.",

  registeredTitle: "Was für Sie aufbewahrt wird",
  registeredNone:
    "Keine Anwendung hat etwas von Ihnen registriert. Was sie registriert, erscheint hier, und niemand sonst darf es nutzen, wenn nicht Sie oder ihre Regeln es erlauben.",
  registeredBy: "Aufbewahrt von {0}",
  registeredKind: "Art: {0}",
  registeredScopes: "Kann erlaubt werden: {0}",
  registeredAt: "Registriert {0}",
  resourceUnnamed: "etwas ohne Namen",
  personUnnamed: "jemand ohne Namen",

  refusedTitle: "Abgelehnt und widerrufen",
  refusedOf: "{0} darf {2} über {1} nicht nutzen:",
  refusedOfNobody: "{0} darf {1} nicht nutzen:",
  refusedAt: "Abgelehnt {0}. Bis Sie das aufheben, kann nicht wieder gefragt werden.",
  withdrawnAt: "Widerrufen {0}. Bis Sie das aufheben, erlaubt es keine Regel wieder.",
  lift: "Aufheben",

  listMore: "Mehr anzeigen",
  listStart: "Zurück zum Anfang",

  doneApproved: "Der Zugriff ist erlaubt. Er gilt, sobald die Anwendung wieder fragt.",
  doneDenied:
    "Die Anfrage ist abgelehnt und kann nicht wieder gestellt werden, bis Sie das aufheben.",
  doneLifted: "Das ist aufgehoben.",
  doneAnswered:
    "Diese Anfrage ist nicht mehr offen: Sie wurde schon beantwortet oder ist verfallen.",
  doneChanged: "Diese Anfrage hat sich geändert, seit Sie sie gesehen haben. Bitte prüfen Sie sie.",
  doneEnded: "Das war schon beendet.",
} as const satisfies ResourcesTexts;

/** The same in French. */
export const RESOURCES_FR = {
  resourcesTitle: "Vos ressources",
  resourcesLead: "Ce que des applications conservent pour vous, et qui peut s’en servir.",
  resourcesLink: "Voir vos ressources et qui peut s’en servir",
  resourcesWaiting: "Demandes qui attendent votre réponse : {0}",
  resourcesBack: "Retour à votre compte",

  requestsTitle: "En attente de votre réponse",
  requestsNone:
    "Personne ne vous attend. Quand quelqu’un demande à utiliser ce qui est à vous, sa demande apparaît ici.",
  requestOf: "{0} souhaite utiliser {2}, via {1} :",
  requestOfNobody: "{0} souhaite utiliser {1} :",
  requestUnproven: "Rien ne montre pour qui elle demande.",
  partyVouched: "{0} répond de cette personne.",
  requestTimes: "Demandé {0}, expire {1}",
  applicationUnchecked:
    "Cette application s’est enregistrée elle-même. Nous ne savons pas qui l’exploite.",
  scopesNone: "un accès sans autres droits",

  accessTitle: "Qui a accès",
  accessNone: "Personne n’a accès à vos ressources pour le moment.",
  accessOf: "{0} peut utiliser {2}, via {1} :",
  accessOfNobody: "{0} peut utiliser {1} :",
  accessApproved: "Autorisé par vous {0}. Cela dure jusqu’à ce que vous le retiriez.",
  accessOwn: "En votre propre nom. Cela a commencé {0}.",
  accessRuled: "Une règle de {1} le permet. Cela a commencé {0}.",

  registeredTitle: "Ce qui est conservé pour vous",
  registeredNone:
    "Aucune application n’a rien enregistré pour vous. Ce qu’elle enregistre apparaît ici, et personne d’autre ne peut s’en servir sauf si vous ou ses règles le permettent.",
  registeredBy: "Conservé par {0}",
  registeredKind: "Type : {0}",
  registeredScopes: "Peut être autorisé : {0}",
  registeredAt: "Enregistré {0}",
  resourceUnnamed: "quelque chose sans nom",
  personUnnamed: "quelqu’un sans nom",

  refusedTitle: "Refusé et retiré",
  refusedOf: "{0} ne peut pas utiliser {2}, via {1} :",
  refusedOfNobody: "{0} ne peut pas utiliser {1} :",
  refusedAt: "Refusé {0}. Tant que vous ne levez pas ce refus, on ne peut plus vous le demander.",
  withdrawnAt:
    "Retiré {0}. Tant que vous ne levez pas ce retrait, aucune règle ne le permet de nouveau.",
  lift: "Lever",

  listMore: "Afficher la suite",
  listStart: "Retour au début",

  doneApproved: "L’accès est autorisé. Il prendra effet quand l’application redemandera.",
  doneDenied:
    "La demande est refusée et ne peut plus être faite tant que vous ne levez pas ce refus.",
  doneLifted: "C’est levé.",
  doneAnswered:
    "Cette demande n’est plus ouverte : elle a déjà reçu une réponse, ou elle a expiré.",
  doneChanged: "Cette demande a changé depuis que vous l’avez vue. Veuillez la revoir.",
  doneEnded: "Cela avait déjà pris fin.",
} as const satisfies ResourcesTexts;
