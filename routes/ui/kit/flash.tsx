// One notice that survives the redirect after a POST, in a cookie that the next page takes away.
import { z } from "zod";
import { dropCookie, readCookie, writeCookie } from "../../middleware/cookies.ts";
import type { UiContext } from "./ui.ts";
import type { Ui } from "./ui.ts";
import { Toast } from "./views/toast.tsx";

const LIFETIME_SECONDS = 30;
const flashSchema = z.object({
  text: z.enum([
    "asset.saved",
    "asset.trashed",
    "asset.restored",
    "jobs.retried",
    "jobs.cancelled",
    "settings.saved",
    "settings.password_changed",
    "people.saved",
    "people.deactivated",
    "people.reactivated",
    "people.taken_back",
    "groups.saved",
    "groups.deleted",
    "providers.saved",
    "providers.deleted",
    "tenants.saved",
    "tenants.was_suspended",
    "tenants.was_resumed",
    "tenants.factor_required",
    "tenants.factor_optional",
    "people.factor_reset",
    "security.app_added",
    "security.app_removed",
    "security.passkey_added",
    "security.passkey_removed",
    "access.ended",
    "access.revoked",
  ]),
  /** What it is about. */
  id: z.uuid().optional(),
  title: z.string().max(80).optional(),
});
export type Flash = z.infer<typeof flashSchema>;

/** Tells it on the next page that is rendered. */
export function flash(c: UiContext, notice: Flash): void {
  const title = notice.title === undefined ? undefined : shorten(notice.title);
  const text = encodeURIComponent(JSON.stringify({ ...notice, title }));
  writeCookie(c, "akashi_flash", text, LIFETIME_SECONDS);
}

/** The notice that waits, once. */
export function findFlash(c: UiContext, ui: Ui) {
  const kept = readCookie(c, "akashi_flash");
  if (!kept) return undefined;
  dropCookie(c, "akashi_flash");
  const notice = read(kept);
  if (!notice) return undefined;
  const undo = notice.id && wayBack(notice.text, notice.id);
  return <Toast ui={ui} text={ui.t(notice.text, { title: notice.title ?? "" })} undo={undo} />;
}

/** The POST that takes it back, for what can be. */
function wayBack(text: Flash["text"], id: string): string | undefined {
  if (text === "asset.trashed") return `/assets/${id}/restore`;
  if (text === "people.deactivated") return `/admin/people/${id}/reactivate`;
}

function read(text: string): Flash | undefined {
  try {
    return flashSchema.parse(JSON.parse(decodeURIComponent(text)));
  } catch {
    return undefined;
  }
}

function shorten(title: string): string {
  const letters = [...title];
  return letters.length > 60 ? `${letters.slice(0, 59).join("")}…` : title;
}
