import { actionForm, form, hidden } from "./fields.ts";
import { escapeHtml } from "./layout.ts";
import { type Frame, type Html, page, phrase, phraseHtml, shown } from "./page.ts";
import {
  type Access,
  type ApplicationName,
  accessPhrase,
  fine,
  nameOf,
  scopeList,
  warning,
} from "./resource_words.ts";
import { timeTag } from "./times.ts";

/** A request that waits for the owner. Times are Unix seconds. */
export interface RequestRow extends Access {
  readonly requestId: string;
  /** Tells what the page showed from what it would show later, so that nothing else is answered. */
  readonly version: string;
  readonly askedAt: number;
  readonly lapsesAt: number;
}

/** Access that somebody has. Times are Unix seconds. */
export interface AccessRow extends Access {
  readonly accessId: string;
  readonly since: number;
  /** Whose word it rests on: the owner's, a rule's of the resource's keeper, or that he asks himself. */
  readonly by: "owner" | "rule" | "himself";
  readonly keeper: ApplicationName;
}

/** Access that the owner refused or ended, and so keeps from coming back. Times are Unix seconds. */
export interface RefusalRow extends Access {
  readonly refusalId: string;
  readonly withdrawn: boolean;
  readonly at: number;
}

/** A registered resource. Times are Unix seconds. */
export interface ResourceRow {
  readonly name: string;
  readonly description: string | undefined;
  readonly scopes: readonly string[];
  readonly kind: string | undefined;
  readonly keeper: ApplicationName;
  readonly registeredAt: number;
}

/** One part of a list. */
export interface Listed<Row> {
  readonly rows: readonly Row[];
  /** Where the next rows are; undefined when there are none. */
  readonly moreHref: string | undefined;
  /** Where the list begins; undefined when it begins here. */
  readonly startHref: string | undefined;
}

/** What has just been done, to be said. */
export type ResourceDeed = keyof typeof DEEDS;

/** What the page of one's resources shows. */
export interface ResourcesView {
  readonly target: string;
  readonly accountHref: string;
  readonly now: number;
  readonly name: string;
  readonly requests: Listed<RequestRow>;
  readonly access: Listed<AccessRow>;
  readonly refusals: Listed<RefusalRow>;
  readonly resources: Listed<ResourceRow>;
  readonly done: ResourceDeed | undefined;
}

/** What is said of each deed, and whether it is other than what the user wanted. */
const DEEDS = {
  approved: { text: "doneApproved", bad: false },
  denied: { text: "doneDenied", bad: false },
  withdrawn: { text: "doneWithdrawn", bad: false },
  lifted: { text: "doneLifted", bad: false },
  answered: { text: "doneAnswered", bad: true },
  changed: { text: "doneChanged", bad: true },
  ended: { text: "doneEnded", bad: true },
} as const;

/** Whether the text names a deed. */
export function isDeed(text: string): text is ResourceDeed {
  return Object.hasOwn(DEEDS, text);
}

/** The page on which an owner answers requests, withdraws access and sees his resources (UMA 2.0). */
export function resourcesPage(frame: Frame, view: ResourcesView): Html {
  const { texts } = frame;
  const refused = view.refusals.rows.length === 0 ? "" : refusals(frame, view);
  return page(frame, {
    title: texts.resourcesTitle,
    aside: `<strong><bdi>${shown(view.name)}</bdi></strong>`,
    lead: escapeHtml(texts.resourcesLead),
    body: `${view.done === undefined ? "" : notice(frame, view.done)}
${part(frame, view.requests, {
  id: "requests",
  title: texts.requestsTitle,
  none: texts.requestsNone,
  item: (row, id) => requestItem(frame, view, { row, id }),
})}
${part(frame, view.access, {
  id: "access",
  title: texts.accessTitle,
  none: texts.accessNone,
  item: (row, id) => accessItem(frame, view, { row, id }),
})}
${refused}
${part(frame, view.resources, {
  id: "registered",
  title: texts.registeredTitle,
  none: texts.registeredNone,
  item: (row) => resourceItem(frame, view, row),
})}
<p class="more"><a href="${escapeHtml(view.accountHref)}">${escapeHtml(texts.resourcesBack)}</a></p>`,
  });
}

function notice({ texts }: Frame, done: ResourceDeed): Html {
  const { text, bad } = DEEDS[done];
  return `<p class="notice${bad ? " bad" : ""}" role="status">${escapeHtml(texts[text])}</p>`;
}

interface Part<Row> {
  readonly id: string;
  readonly title: string;
  /** What is said of an empty list. */
  readonly none: string;
  readonly item: (row: Row, id: string) => Html;
}

function part<Row>(frame: Frame, list: Listed<Row>, { id, title, none, item }: Part<Row>): Html {
  const rows =
    list.rows.length === 0
      ? `<p class="lead">${escapeHtml(none)}</p>`
      : `<ul class="rows">
${list.rows.map((row, index) => `<li>${item(row, `${id}-${index}`)}</li>`).join("\n")}
</ul>`;
  return `<section class="part" aria-labelledby="${id}">
<h2 id="${id}">${escapeHtml(title)}</h2>
${rows}
${pager(frame, list, id)}
</section>`;
}

function pager<Row>({ texts }: Frame, { moreHref, startHref }: Listed<Row>, id: string): Html {
  const link = (href: string | undefined, text: string) =>
    href === undefined
      ? []
      : [`<a href="${escapeHtml(href)}#${id}" aria-describedby="${id}">${escapeHtml(text)}</a>`];
  const links = [...link(moreHref, texts.listMore), ...link(startHref, texts.listStart)];
  return links.length === 0 ? "" : `<p class="more">${links.join("\n")}</p>`;
}

interface Item<Row> {
  readonly row: Row;
  readonly id: string;
}

function requestItem(frame: Frame, view: ResourcesView, { row, id }: Item<RequestRow>): Html {
  const { texts } = frame;
  const answer = (action: string, label: string, kind: string) =>
    `<button class="${kind}" name="action" value="${action}" aria-describedby="${id}">${escapeHtml(label)}</button>`;
  return `<div class="what" id="${id}">
${accessPhrase(frame, row, { both: texts.requestOf, alone: texts.requestOfNobody })}
${row.person === undefined ? fine(escapeHtml(texts.requestUnproven)) : ""}
${told(frame, view, texts.requestTimes, { times: [row.askedAt, row.lapsesAt] })}</div>
${form(
  view.target,
  `${hidden("request", row.requestId)}${hidden("version", row.version)}
${answer("approve", texts.consentAllow, "small main")}
${answer("deny", texts.consentRefuse, "small")}`,
  "answers",
)}`;
}

function accessItem(frame: Frame, view: ResourcesView, { row, id }: Item<AccessRow>): Html {
  const { texts } = frame;
  const { by, since, keeper } = row;
  const keeperName = nameOf(keeper.name, texts.unknownApplication);
  const grounds = {
    owner: texts.accessApproved,
    himself: texts.accessOwn,
    rule: texts.accessRuled,
  };
  return `<div class="what" id="${id}">
${accessPhrase(frame, row, { both: texts.accessOf, alone: texts.accessOfNobody })}
${told(frame, view, grounds[by], { times: [since], names: [keeperName] })}</div>
${actionForm(view.target, {
  action: "withdraw",
  label: texts.withdraw,
  kind: "small",
  fields: { access: row.accessId },
  described: id,
})}`;
}

function refusals(frame: Frame, view: ResourcesView): Html {
  const { texts } = frame;
  return part(frame, view.refusals, {
    id: "refused",
    title: texts.refusedTitle,
    none: "",
    item: (row, id) => `<div class="what" id="${id}">
${accessPhrase(frame, row, { both: texts.refusedOf, alone: texts.refusedOfNobody })}
${told(frame, view, row.withdrawn ? texts.withdrawnAt : texts.refusedAt, { times: [row.at] })}</div>
${actionForm(view.target, {
  action: "lift",
  label: texts.lift,
  kind: "small",
  fields: { refusal: row.refusalId },
  described: id,
})}`,
  });
}

function resourceItem(frame: Frame, view: ResourcesView, row: ResourceRow): Html {
  const { texts } = frame;
  const { name, description, scopes, kind, keeper, registeredAt } = row;
  return `<div class="what">
<p>${phrase("{0}", nameOf(name, texts.resourceUnnamed))}</p>
${description === undefined ? "" : `<p><bdi>${shown(nameOf(description, ""))}</bdi></p>`}
${scopes.length === 0 ? "" : fine(phraseHtml(texts.registeredScopes, scopeList(scopes)))}
${kind === undefined ? "" : fine(phrase(texts.registeredKind, nameOf(kind, "–")))}
${fine(phrase(texts.registeredBy, nameOf(keeper.name, texts.unknownApplication)))}
${keeper.unchecked ? warning(frame) : ""}
${told(frame, view, texts.registeredAt, { times: [registeredAt] })}</div>`;
}

/** A sentence with times, and perhaps a name behind them. */
function told(
  frame: Frame,
  { now }: ResourcesView,
  text: string,
  { times, names = [] }: { readonly times: readonly number[]; readonly names?: readonly string[] },
): Html {
  const values = [
    ...times.map((at) => timeTag(at, { frame, now })),
    ...names.map((name) => phrase("{0}", name)),
  ];
  return fine(phraseHtml(text, ...values));
}
