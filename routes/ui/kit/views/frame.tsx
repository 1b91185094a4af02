// The frame of every page: document, top bar, sidebar, toasts and dialogs.
import type { Child } from "hono/jsx";
import { raw } from "hono/html";
import type { Ui } from "../ui.ts";
import type { TextKey } from "../words.ts";
import { Icon, type IconName, IconSprite, Mark } from "./icons.tsx";
import { Shortcuts } from "./shortcuts.tsx";
import { Activity, type JobCounts } from "./activity.tsx";
import { UploadTray } from "./tray.tsx";
import { UserMenu } from "./user_menu.tsx";

interface DocumentProps {
  ui: Ui;
  title: string;
  children?: Child;
}

/**
 * Without a delay to settle, htmx copies no attributes of old elements to new ones: styles among them, such as the height
 * of a field that a person resized, violate the content security policy.
 */
const HTMX = {
  includeIndicatorCSS: false,
  defaultTimeout: 30_000,
  defaultSettleDelay: 0,
  extensions: "hx-csp",
};
const RAIL: [path: string, icon: IconName, text: TextKey][] = [
  ["/", "library", "nav.library"],
  ["/jobs", "jobs", "nav.jobs"],
  ["/admin", "user", "nav.admin"],
  ["/settings", "settings", "nav.settings"],
];

/** A document without the frame: sign-in, and errors of anonymous requests. Loads only the scripts that a view adds. */
export function BareDocument({ ui, title, children }: DocumentProps) {
  return (
    <>
      {raw("<!DOCTYPE html>")}
      <html lang={ui.language} data-theme={ui.theme}>
        <Head ui={ui} title={title} />
        <body>
          <IconSprite />
          {children}
        </body>
      </html>
    </>
  );
}

/** The document while a second factor has to be set up: no links but sign-out. */
export function GateDocument({ ui, title, children }: DocumentProps) {
  return (
    <BareDocument ui={ui} title={title}>
      <header class="gatebar">
        <Mark />
        <span class="quiet" dir="auto">{ui.viewer!.email}</span>
        <form method="post" action="/sign-out">
          <button class="button button--small button--bare" type="submit">{ui.t("menu.sign_out")}</button>
        </form>
      </header>
      {children}
    </BareDocument>
  );
}

/** The document of a signed-in account. Links swap only `#page`, so uploads and toasts survive navigation. */
export function Document(
  { ui, title, jobs, toasts, children }: DocumentProps & { jobs: JobCounts; toasts?: Child },
) {
  return (
    <>
      {raw("<!DOCTYPE html>")}
      <html lang={ui.language} data-theme={ui.theme} data-rail={ui.railFolded ? "folded" : undefined}>
        <Head ui={ui} title={title}>
          <meta name="htmx-config" content={JSON.stringify(HTMX)} />
          <script type="module" src={ui.asset("app.js")} nonce={ui.nonce} />
        </Head>
        <body hx-nonce={ui.nonce} {...{ "hx-boost:inherited": '{"target":"#page","swap":"outerHTML"}' }}>
          <a class="skip" href="#page">{ui.t("app.skip")}</a>
          <IconSprite />
          <TopBar ui={ui} jobs={jobs} />
          <Rail ui={ui} />
          {ui.viewer?.isReadOnly && <p class="held" role="note">{ui.t("app.read_only")}</p>}
          {children}
          <Toasts ui={ui}>{toasts}</Toasts>
          {ui.mayEdit && <UploadTray ui={ui} />}
          <Shortcuts ui={ui} />
        </body>
      </html>
    </>
  );
}

interface PageProps {
  ui: Ui;
  name: string;
  class?: string;
  children?: Child;
}

/** The part of a page that navigation replaces, with the title it gives the document. */
export function Page({ ui, name, class: extra, children }: PageProps) {
  return (
    <main hx-nonce={ui.nonce} id="page" class={extra} tabindex={-1} data-page={name} hx-history-elt="">
      {children}
    </main>
  );
}

function Head({ ui, title, children }: DocumentProps) {
  return (
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
      <title>{pageTitle(title)}</title>
      <link rel="icon" type="image/svg+xml" href={ui.asset("mark.svg")} />
      <link rel="stylesheet" href={ui.asset("app.css")} />
      {children}
    </head>
  );
}

/** The title of a document. */
export function pageTitle(title: string): string {
  return `${title} · Akashi`;
}

function TopBar({ ui, jobs }: { ui: Ui; jobs: JobCounts }) {
  return (
    <header class="topbar">
      <a class="mark" href="/" aria-label={`Akashi: ${ui.t("nav.library")}`}>
        <Mark /> <span aria-hidden="true">Akashi</span>
      </a>
      <form
        class="search"
        role="search"
        action="/"
        method="get"
        hx-nonce={ui.nonce}
        hx-include="#filter select"
      >
        <Icon name="search" />
        <input
          class="input"
          id="search"
          type="search"
          name="search"
          maxlength={200}
          autocomplete="off"
          placeholder={ui.t("app.search_hint")}
          aria-label={ui.t("app.search")}
          value={searchIn(ui.path)}
        />
        <kbd aria-hidden="true">/</kbd>
      </form>
      <div class="topbar__end">
        {ui.mayEdit && (
          <button class="button needs-script" type="button" data-upload>
            <Icon name="upload" /> <span class="upload-label">{ui.t("app.upload")}</span>
            <span class="sr-only phone-only">{ui.t("app.upload")}</span>
          </button>
        )}
        <Activity ui={ui} jobs={jobs} />
        <UserMenu ui={ui} />
      </div>
    </header>
  );
}

function searchIn(path: string): string {
  return new URL(path, "http://page").searchParams.get("search") ?? "";
}

function Rail({ ui }: { ui: Ui }) {
  const here = new URL(ui.path, "http://page").pathname;
  return (
    <nav class="rail" aria-label={ui.t("app.main_navigation")}>
      {RAIL.filter(([path]) => path !== "/admin" || ui.mayAdminister).map(([path, icon, text]) => (
        <a href={path} title={ui.t(text)} aria-current={isBelow(here, path) ? "page" : undefined}>
          <Icon name={icon} /> <span>{ui.t(text)}</span>
        </a>
      ))}
      <button
        class="rail__fold needs-script"
        type="button"
        data-fold
        title={ui.t("app.fold")}
        aria-label={ui.t("app.fold")}
      >
        <Icon name="fold" />
      </button>
    </nav>
  );
}

function isBelow(here: string, path: string): boolean {
  return path === "/" ? here === "/" || here.startsWith("/assets") : here.startsWith(path);
}

function Toasts({ ui, children }: { ui: Ui; children?: Child }) {
  const texts = {
    offline: ui.t("app.offline"),
    unreachable: ui.t("app.unreachable"),
    dismiss: ui.t("app.dismiss"),
  };
  return (
    <section
      id="toasts"
      aria-label={ui.t("app.notices")}
      aria-live="polite"
      data-texts={JSON.stringify(texts)}
    >
      {children}
    </section>
  );
}
