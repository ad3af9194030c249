/** Who writes, and from where the code was asked for. */
export interface Letterhead {
  readonly brandName: string;
  /** Host of the issuer. */
  readonly host: string;
}

/** Words of the mail by language; `{0}` is the code, `{1}` the brand, `{2}` the host. */
const WORDS = {
  en: {
    subject: "{0} is your confirmation code",
    text: "Your confirmation code for {1} is\n\n    {0}\n\nEnter it on the page of {2} where you asked for it. Nobody from {1} will ever ask you for it.\n\nIf you did not ask for a code, you can ignore this message.\n",
  },
  de: {
    subject: "{0} ist Ihr Bestätigungscode",
    text: "Ihr Bestätigungscode für {1} lautet\n\n    {0}\n\nGeben Sie ihn auf der Seite von {2} ein, auf der Sie ihn angefordert haben. Niemand von {1} wird Sie je danach fragen.\n\nWenn Sie keinen Code angefordert haben, können Sie diese Nachricht ignorieren.\n",
  },
  fr: {
    subject: "{0} est votre code de confirmation",
    text: "Votre code de confirmation pour {1} est\n\n    {0}\n\nSaisissez-le sur la page de {2} où vous l’avez demandé. Personne de {1} ne vous le demandera jamais.\n\nSi vous n’avez pas demandé de code, vous pouvez ignorer ce message.\n",
  },
} as const;

/** Subject and text of the mail with a code, in the language of a tag, else in English. */
export function mailOf(
  code: string,
  { brandName, host }: Letterhead,
  language = "en",
): { readonly subject: string; readonly text: string } {
  const primary = language.toLowerCase().split("-")[0];
  const words = primary === "de" || primary === "fr" ? WORDS[primary] : WORDS.en;
  const values = [code, brandName, host];
  const fill = (text: string) =>
    text.replace(/\{(\d)\}/g, (_, index: string) => values[Number(index)] ?? "");
  return { subject: fill(words.subject), text: fill(words.text) };
}
