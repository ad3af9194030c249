import { readDevice } from "../services/device.ts";
import { scopeInWords } from "./consent.ts";
import { actionForm } from "./fields.ts";
import { escapeHtml } from "./layout.ts";
import { type Frame, type Html, page, phrase, plain, shown } from "./page.ts";
import { timePhrase } from "./times.ts";

/** A browser in which the user is signed in. Times are Unix seconds. */
export interface DeviceRow {
  readonly sessionId: string;
  readonly device: string;
  readonly signedInAt: number;
  readonly lastSeenAt: number;
  /** Whether it is the browser that shows the page. */
  readonly current: boolean;
}

/** What one application may do in the user's name. */
export interface ApplicationRow {
  readonly clientId: string;
  /** Undefined when the application exists no more. */
  readonly name: string | undefined;
  readonly scope: readonly string[];
  readonly since: number;
}

/** Where the user's resources are, and how many requests for them he has to answer. */
export interface ResourcesLink {
  readonly href: string;
  readonly waiting: number;
}

/** What the account page shows. */
export interface AccountView {
  readonly target: string;
  readonly now: number;
  readonly name: string;
  /** Addresses and numbers under which the user is known. */
  readonly contacts: readonly string[];
  readonly devices: readonly DeviceRow[];
  readonly applications: readonly ApplicationRow[];
  /** Undefined where nothing keeps resources of users. */
  readonly resources: ResourcesLink | undefined;
  /** What has just been done, to be said. */
  readonly done: "signed_out" | "withdrawn" | undefined;
}

/** The page of one's own account: browsers signed in, and applications with access. */
export function accountPage(frame: Frame, view: AccountView): Html {
  const { texts } = frame;
  const contacts = view.contacts.map((contact) => `<span>${shown(contact)}</span>`).join("");
  const notices = { signed_out: texts.doneSignedOut, withdrawn: texts.doneWithdrawn };
  const applications =
    view.applications.length === 0
      ? `<p class="lead">${escapeHtml(texts.consentsNone)}</p>`
      : `<ul class="rows">
${view.applications.map((row, index) => applicationItem(frame, view, { row, id: `app-${index}` })).join("\n")}
</ul>`;
  return page(frame, {
    title: texts.accountTitle,
    aside: `<strong><bdi>${shown(view.name)}</bdi></strong>${contacts}`,
    body: `${view.done === undefined ? "" : `<p class="notice" role="status">${escapeHtml(notices[view.done])}</p>`}
<section class="part" aria-labelledby="devices">
<h2 id="devices">${escapeHtml(texts.devicesTitle)}</h2>
<ul class="rows">
${view.devices.map((row, index) => deviceItem(frame, view, { row, id: `device-${index}` })).join("\n")}
</ul>
<div class="more">
${actionForm(view.target, { action: "sign_out_all", label: texts.signOutAll, described: "sign-out-all" })}
<p class="fine" id="sign-out-all">${escapeHtml(texts.signOutAllHint)}</p>
</div>
</section>
<section class="part" aria-labelledby="applications">
<h2 id="applications">${escapeHtml(texts.consentsTitle)}</h2>
${applications}
</section>
${view.resources === undefined ? "" : resourcesLink(frame, view.resources)}`,
  });
}

function resourcesLink({ texts }: Frame, { href, waiting }: ResourcesLink): Html {
  const notice =
    waiting === 0
      ? ""
      : `<p class="notice">${escapeHtml(plain(texts.resourcesWaiting, String(waiting)))}</p>`;
  return `<section class="part" aria-labelledby="resources">
<h2 id="resources">${escapeHtml(texts.resourcesTitle)}</h2>
${notice}
<p class="lead">${escapeHtml(texts.resourcesLead)}</p>
<p class="more"><a href="${escapeHtml(href)}">${escapeHtml(texts.resourcesLink)}</a></p>
</section>`;
}

function deviceItem(
  frame: Frame,
  { target, now }: AccountView,
  { row, id }: { row: DeviceRow; id: string },
): Html {
  const { texts } = frame;
  const { browser = texts.unknownBrowser, system = texts.unknownSystem } = readDevice(row.device);
  const badge = row.current ? ` <span class="badge">${escapeHtml(texts.thisDevice)}</span>` : "";
  const times = [
    timePhrase(texts.signedInSince, row.signedInAt, { frame, now }),
    ...(row.current ? [] : [timePhrase(texts.lastUsed, row.lastSeenAt, { frame, now })]),
  ];
  return `<li>
<div class="what" id="${id}"><p>${phrase(texts.deviceOn, browser, system)}${badge}</p>
<p class="fine">${times.join(", ")}</p></div>
${actionForm(target, {
  action: "sign_out",
  label: texts.signOut,
  kind: "small",
  fields: { session: row.sessionId },
  described: id,
})}
</li>`;
}

function applicationItem(
  frame: Frame,
  { target, now }: AccountView,
  { row, id }: { row: ApplicationRow; id: string },
): Html {
  const { texts } = frame;
  const may = row.scope.map((scope) => scopeInWords(scope, texts)).join(" · ");
  return `<li>
<div class="what" id="${id}"><p>${phrase("{0}", row.name ?? texts.unknownApplication)}</p>
${may === "" ? "" : `<p class="fine">${escapeHtml(plain(texts.mayDo, may))}</p>`}
<p class="fine">${timePhrase(texts.consentSince, row.since, { frame, now })}</p></div>
${actionForm(target, {
  action: "withdraw",
  label: texts.withdraw,
  kind: "small",
  fields: { client: row.clientId },
  described: id,
})}
</li>`;
}
