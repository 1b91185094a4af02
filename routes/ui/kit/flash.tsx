// A notice that survives the redirect after a POST: it waits in a cookie, which the next page reads and deletes.
import { z } from "zod";
import { dropCookie, readCookie, writeCookie } from "../../middleware/cookies.ts";
import type { UiContext } from "./ui.ts";
import type { Ui } from "./ui.ts";
import { Toast } from "./views/toast.tsx";
import type { TextKey } from "./words.ts";

const LIFETIME_SECONDS = 30;
const MAX_TITLE = 60;
const cookieSchema = z.object({
  text: z.string(),
  id: z.uuid().optional(),
  title: z.string().max(80).optional(),
});
const notices = new Map<string, Notice>();

/** A text that can be shown after a redirect, declared beside the route that sends it. */
export interface Notice {
  text: TextKey;
  /** The path whose POST undoes the action on `id`. */
  undo?: (id: string) => string;
}

interface Subject {
  /** What was acted on, for undo. */
  id?: string;
  /** Fills `{title}` in the text. */
  title?: string;
}

/** Declares a notice. Only declared notices are accepted from the cookie. */
export function defineNotice(text: TextKey, undo?: Notice["undo"]): Notice {
  const notice: Notice = { text, undo };
  notices.set(text, notice);
  return notice;
}

/** Shows `notice` on the next page that is rendered. */
export function flash(c: UiContext, notice: Notice, { id, title }: Subject = {}): void {
  const value = { text: notice.text, id, title: title === undefined ? undefined : shorten(title) };
  writeCookie(c, "akashi_flash", encodeURIComponent(JSON.stringify(value)), LIFETIME_SECONDS);
}

/** The waiting notice; it is shown once. */
export function takeFlash(c: UiContext, ui: Ui) {
  const kept = readCookie(c, "akashi_flash");
  if (!kept) return undefined;
  dropCookie(c, "akashi_flash");
  const found = read(kept);
  if (!found) return undefined;
  const { notice, id, title = "" } = found;
  return <Toast ui={ui} text={ui.t(notice.text, { title })} undo={id && notice.undo?.(id)} />;
}

function read(cookie: string): (Subject & { notice: Notice }) | undefined {
  try {
    const { text, id, title } = cookieSchema.parse(JSON.parse(decodeURIComponent(cookie)));
    const notice = notices.get(text);
    return notice && { notice, id, title };
  } catch {
    return undefined;
  }
}

function shorten(title: string): string {
  const letters = [...title];
  return letters.length > MAX_TITLE ? `${letters.slice(0, MAX_TITLE - 1).join("")}…` : title;
}
