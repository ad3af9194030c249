import { readDevice } from "../services/device.ts";
import { scopeInWords } from "./consent.ts";
import { actionForm } from "./fields.ts";
import { escapeHtml } from "./layout.ts";
import { type Frame, type Html, page, phrase, plain, shown } from "./page.ts";

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

/** What the account page shows. */
export interface AccountView {
  readonly target: string;
  readonly now: number;
  readonly name: string;
  /** Addresses and numbers under which the user is known. */
  readonly contacts: readonly string[];
  readonly devices: readonly DeviceRow[];
  readonly applications: readonly ApplicationRow[];
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
</section>`,
  });
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
<p class="fine">${escapeHtml(plain(texts.mayDo, may))}</p>
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

/** Units of past times, the largest first, in seconds. */
const UNITS = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
] as const;

/** A sentence with how long ago something was, since the server does not know its reader's clock. */
function timePhrase(text: string, at: number, { frame, now }: { frame: Frame; now: number }): Html {
  const format = new Intl.RelativeTimeFormat(frame.locale, { numeric: "auto" });
  const passed = Math.max(0, now - at);
  const [unit, seconds] = UNITS.find(([, length]) => passed >= length) ?? ["second", 1];
  const ago =
    unit === "second"
      ? format.format(0, "second")
      : format.format(-Math.floor(passed / seconds), unit);
  const time = `<time datetime="${new Date(at * 1000).toISOString()}">${escapeHtml(ago)}</time>`;
  return escapeHtml(text).replace("{0}", () => time);
}
