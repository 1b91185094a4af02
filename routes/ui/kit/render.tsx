// Renders views into responses: the whole document, or the part that htmx asked for (`HX-Request-Type`).
import type { Child } from "hono/jsx";
import { countJobs } from "../../../lib/work/jobs/jobs.ts";
import { AppError, hasReason, HTTP_STATUS, isOutage } from "../../../lib/platform/errors.ts";
import { may } from "../../../lib/access/permissions.ts";
import { sessionError } from "../../../lib/identity/sessions/schema.ts";
import { readCookie } from "../../middleware/cookies.ts";
import { orBrokenOff } from "../../problems.ts";
import { staticPath } from "../../static.ts";
import { takeFlash } from "./flash.tsx";
import { signInAgain } from "./form.ts";
import type { Ui, UiContext } from "./ui.ts";
import { findZone } from "./times.ts";
import { languageOf, wordsOf } from "./words.ts";
import { BareDocument, Document, GateDocument, pageTitle } from "./views/frame.tsx";
import { type Fault, FaultNote, FaultPage } from "./views/fault.tsx";
import type { JobCounts } from "./views/activity.tsx";
import { BesideToasts, FaultToast } from "./views/toast.tsx";

type Status = 200 | 400 | 401 | 403 | 404 | 409 | 413 | 415 | 422 | 429 | 500 | 503;

/** The data of this request that views need. */
export function uiOf(c: UiContext): Ui {
  const { viewer, ctx, requestId, nonce, platform } = c.var;
  const url = new URL(c.req.url);
  return {
    ...wordsOf(
      viewer?.language ?? languageOf(c.req.header("Accept-Language")),
      findZone(readCookie(c, "akashi_zone")),
    ),
    viewer,
    theme: viewer?.theme ?? "dark",
    railFolded: readCookie(c, "akashi_rail") === "folded",
    gridSize: gridSize(readCookie(c, "akashi_grid")),
    path: url.pathname + url.search,
    requestId,
    nonce,
    now: platform.clock.now(),
    mayAdminister: ctx !== undefined && may(ctx, "users.read"),
    mayEdit: ctx !== undefined && may(ctx, "assets.change"),
    mustEnrol: ctx?.actor.mustEnrol === true,
    mail: platform.mail.kind,
    asset: staticPath,
  };
}

/** True when htmx asks for a part to swap; Back and reload ask for the whole document. */
export function isPartial(c: UiContext): boolean {
  return c.req.header("HX-Request-Type") === "partial";
}

/** Responds with a page: only its `#page` to htmx, the whole document otherwise. */
export async function renderPage(
  c: UiContext,
  title: string,
  page: Child,
  status: Status = 200,
): Promise<Response> {
  vary(c);
  const ui = uiOf(c);
  const toasts = takeFlash(c, ui);
  if (isPartial(c)) {
    return c.html(
      <>
        <title>{pageTitle(title)}</title>
        {page}
        {toasts && <BesideToasts>{toasts}</BesideToasts>}
      </>,
      status,
    );
  }
  if (c.var.ctx.actor.mustEnrol) {
    return c.html(<GateDocument ui={ui} title={title}>{page}</GateDocument>, status);
  }
  const jobs = await countActivity(c);
  return c.html(<Document ui={ui} title={title} jobs={jobs} toasts={toasts}>{page}</Document>, status);
}

/** Responds with a fragment that has an address of its own. */
export function renderPart(c: UiContext, part: Child, status: Status = 200): Response | Promise<Response> {
  vary(c);
  return c.html(<>{part}</>, status);
}

/** Counts the running and failed jobs of the tenant for the top bar. */
export async function countActivity(c: UiContext): Promise<JobCounts> {
  const { pending, processing, failed } = await countJobs(c.var.ctx);
  return { running: pending + processing, failed };
}

/** Responds to a POST with a redirect (303) to `path`. */
export function goTo(c: UiContext, path: string): Response {
  vary(c);
  return c.redirect(path, 303);
}

/** The page that this form was sent from, as a path of this site. */
export function pathBefore(c: UiContext, otherwise: string): string {
  const from = c.req.header("HX-Current-URL") ?? c.req.header("Referer");
  if (!from || !URL.canParse(from)) return otherwise;
  const { pathname, search } = new URL(from);
  return pathname.startsWith("//") ? otherwise : pathname + search;
}

/** Maps everything thrown in a page's route to an error page, or to a toast when only a part was asked for. */
export async function answerErrorPage(thrown: Error, c: UiContext): Promise<Response> {
  const error = orBrokenOff(thrown, c);
  const fault = faultOf(error, c);
  if (fault.code === "internal") c.var.log.error("request_failed", { error, path: c.req.path });
  if (isOutage(error)) c.var.log.warn("unavailable", { error: error.cause ?? error });
  setRetryAfter(c, error);
  if (fault.code === "unauthenticated") return sendToSignIn(c);
  if (fault.code === "forbidden" && c.var.ctx?.actor.mustEnrol) return leadTo(c, "/settings/security");
  if (hasReason(error, sessionError, "sign_in_too_old")) return leadTo(c, signInAgain(pathBefore(c, "/")));
  vary(c);
  const ui = uiOf(c);
  const status = fault.status as Status;
  if (!c.var.viewer) return c.html(<AnonymousFault ui={ui} fault={fault} />, status);
  if (isPartial(c) && !asksForPage(c)) return answerToast(c, ui, fault);
  const page = <FaultPage ui={ui} fault={fault} />;
  const title = ui.t(`fault.${fault.code}`);
  if (isPartial(c)) return await renderPage(c, title, page, status);
  const jobs = await countActivity(c).catch(() => ({ running: 0, failed: 0 }));
  return c.html(<Document ui={ui} title={title} jobs={jobs}>{page}</Document>, status);
}

/** Says by a header when a retry makes sense, where the error knows. */
export function setRetryAfter(c: UiContext, error: unknown): void {
  if (error instanceof AppError && error.retryAfter) c.header("Retry-After", String(error.retryAfter));
}

/** Sends an anonymous visitor to sign in and back here afterwards; htmx has to leave the page for it. */
export function sendToSignIn(c: UiContext): Response {
  const wantsPage = isPartial(c) ? asksForPage(c) : c.req.method === "GET";
  const to = wantsPage ? uiOf(c).path : pathBefore(c, "/");
  const path = to === "/" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(to)}`;
  return leadTo(c, path);
}

/** Redirects the whole window to `path`, also when htmx asked for a part. */
function leadTo(c: UiContext, path: string): Response {
  vary(c);
  if (!isPartial(c)) return c.redirect(path, 303);
  c.header("HX-Redirect", path);
  return c.body(null, 401);
}

function answerToast(c: UiContext, ui: Ui, fault: Fault): Response | Promise<Response> {
  c.header("HX-Retarget", "#toasts");
  c.header("HX-Reswap", "beforeend");
  return c.html(<FaultToast ui={ui} fault={fault} />, fault.status as Status);
}

/** True when the request would have replaced the page; only then an error replaces it too. */
function asksForPage(c: UiContext): boolean {
  return c.req.method === "GET" && c.req.header("HX-Target") === "main#page";
}

function AnonymousFault({ ui, fault }: { ui: Ui; fault: Fault }) {
  return (
    <BareDocument ui={ui} title={ui.t(`fault.${fault.code}`)}>
      <main class="gate">
        <FaultNote ui={ui} fault={fault} />
      </main>
    </BareDocument>
  );
}

function faultOf(error: Error, c: UiContext): Fault {
  const isReadOnly = error instanceof AppError && error.code === "forbidden" && c.req.method !== "GET" &&
    c.var.viewer?.isReadOnly;
  if (isReadOnly) return { code: "read_only", status: 403 };
  return error instanceof AppError
    ? { code: error.code, status: HTTP_STATUS[error.code], seconds: error.retryAfter }
    : { code: "internal", status: 500 };
}

function gridSize(text: string | undefined): number {
  return /^[1-5]$/.test(text ?? "") ? Number(text) : 3;
}

function vary(c: UiContext): void {
  c.header("Vary", "HX-Request-Type, Cookie, Accept-Language, Accept-Encoding");
  c.header("Cache-Control", "no-store");
}
