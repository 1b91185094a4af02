// Settings › Sessions and Settings › API keys.
import type { Routes } from "../../declare.ts";
import { z } from "zod";
import { createApiKey, listApiKeys, revokeApiKey } from "../../../lib/identity/api_keys/api_keys.ts";
import { KEY_SCOPES, newApiKeySchema } from "../../../lib/identity/api_keys/schema.ts";
import { withoutBlanks } from "../../../lib/platform/text.ts";
import { isRecentSignIn, listSessions, revokeSession } from "../../../lib/identity/sessions/own_sessions.ts";
import { signOutEverywhere } from "../../../lib/identity/sign_ins/sign_out_everywhere.ts";
import { clearSessionCookie, clearStorage } from "../../middleware/session.ts";
import { defineNotice, flash } from "../kit/flash.tsx";
import { idOf, parse, readForm, ticked } from "../kit/form.ts";
import { goTo, renderPage, uiOf } from "../kit/render.tsx";
import type { UiContext } from "../kit/ui.ts";
import { type KeyForm, KeysPage, NEVER } from "./views/keys.tsx";
import { SessionsPage } from "./views/sessions.tsx";

const ALL = { limit: 500, skip: 0, include_inactive: true };
const choiceSchema = z.object({
  scope: z.enum(KEY_SCOPES).default("read"),
  expires_in_days: z.union([
    z.literal(NEVER).transform(() => null),
    z.coerce.number().int().min(1).max(365),
  ]),
});

const SESSION_ENDED = defineNotice("access.ended");
const KEY_REVOKED = defineNotice("access.revoked");

export function addSessionsAndKeys(pages: Routes): void {
  pages.get("/settings/sessions", { who: "sessions.read" }, async (c) => {
    const ui = uiOf(c);
    const [sessions, mayEnd] = await Promise.all([listSessions(c.var.ctx), isRecentSignIn(c.var.ctx)]);
    const view = <SessionsPage ui={ui} sessions={sessions} mayEnd={mayEnd} />;
    return await renderPage(c, ui.t("access.sessions"), view);
  });

  pages.post(
    "/settings/sessions/:id/end",
    { who: "sessions.change", audit: ["session.delete"], recent: "when it is another session" },
    async (c) => {
      await revokeSession(c.var.ctx, idOf(c));
      flash(c, SESSION_ENDED);
      return goTo(c, "/settings/sessions");
    },
  );

  pages.post("/settings/sessions/end-all", {
    who: "sessions.change",
    audit: ["session.delete_all"],
    endsSession: true,
  }, async (c) => {
    const endKeys = ticked.parse((await readForm(c)).end_api_keys);
    await signOutEverywhere(c.var.ctx, { endKeys });
    clearSessionCookie(c);
    clearStorage(c);
    return goTo(c, "/sign-in");
  });

  pages.get("/settings/keys", { who: "api_keys.read" }, (c) => showKeys(c));

  pages.post(
    "/settings/keys",
    { who: "api_keys.change", audit: ["api_key.create"], recent: "always" },
    async (c) => {
      const fields = await readForm(c);
      const { name, scope, expires_in_days: end = "" } = fields;
      const form = { name, scope, end };
      const { t } = uiOf(c);
      if (end === "") return await showKeys(c, { ...form, endError: t("access.end_needed") }, 422);
      const choice = parse(choiceSchema, withoutBlanks(fields));
      const scopes = KEY_SCOPES.slice(0, KEY_SCOPES.indexOf(choice.scope) + 1);
      const parsed = newApiKeySchema.safeParse({ name, scopes, expires_in_days: choice.expires_in_days });
      if (!parsed.success) return await showKeys(c, { ...form, error: t("access.key_name_needed") }, 422);
      const { key } = await createApiKey(c.var.ctx, parsed.data);
      return await showKeys(c, { key });
    },
  );

  pages.post(
    "/settings/keys/:id/revoke",
    { who: "api_keys.change", audit: ["api_key.revoke"] },
    async (c) => {
      const { name } = await revokeApiKey(c.var.ctx, idOf(c));
      flash(c, KEY_REVOKED, { title: name });
      return goTo(c, "/settings/keys");
    },
  );
}

async function showKeys(c: UiContext, form?: KeyForm, status: 200 | 422 = 200): Promise<Response> {
  const ui = uiOf(c);
  const [keys, mayCreate] = await Promise.all([listApiKeys(c.var.ctx, ALL), isRecentSignIn(c.var.ctx)]);
  const view = <KeysPage ui={ui} keys={keys} form={form} mayCreate={mayCreate} />;
  return await renderPage(c, ui.t("access.keys"), view, status);
}
