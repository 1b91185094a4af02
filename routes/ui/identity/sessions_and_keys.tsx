// Settings › Sessions and Settings › API keys.
import type { Routes } from "../../declare.ts";
import { z } from "zod";
import { createApiKey, listApiKeys, revokeApiKey } from "../../../lib/identity/api_keys/api_keys.ts";
import { KEY_SCOPES, newApiKeySchema } from "../../../lib/identity/api_keys/schema.ts";
import { withoutBlanks } from "../../../lib/platform/text.ts";
import { isRecentSignIn, listSessions, revokeSession } from "../../../lib/identity/sessions/own_sessions.ts";
import { defineNotice, flash } from "../kit/flash.tsx";
import { idOf, parse, readForm } from "../kit/form.ts";
import { goTo, renderPage, uiOf } from "../kit/render.tsx";
import type { UiContext } from "../kit/ui.ts";
import { type KeyForm, KeysPage } from "./views/keys.tsx";
import { SessionsPage } from "./views/sessions.tsx";

const ALL = { limit: 500, skip: 0, include_inactive: true };
const choiceSchema = z.object({
  scope: z.enum(KEY_SCOPES).default("read"),
  expires_in_days: z.coerce.number().int().min(1).max(365).optional(),
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

  pages.post("/settings/sessions/:id/end", { who: "sessions.change" }, async (c) => {
    await revokeSession(c.var.ctx, idOf(c));
    flash(c, SESSION_ENDED);
    return goTo(c, "/settings/sessions");
  });

  pages.get("/settings/keys", { who: "api_keys.read" }, (c) => showKeys(c));

  pages.post("/settings/keys", { who: "api_keys.change" }, async (c) => {
    const fields = await readForm(c);
    const { scope, expires_in_days } = parse(choiceSchema, withoutBlanks(fields));
    const scopes = KEY_SCOPES.slice(0, KEY_SCOPES.indexOf(scope) + 1);
    const parsed = newApiKeySchema.safeParse({ name: fields.name, scopes, expires_in_days });
    if (!parsed.success) {
      return await showKeys(c, { name: fields.name, error: uiOf(c).t("access.key_name_needed") }, 422);
    }
    const { key } = await createApiKey(c.var.ctx, parsed.data);
    return await showKeys(c, { key });
  });

  pages.post("/settings/keys/:id/revoke", { who: "api_keys.change" }, async (c) => {
    const { name } = await revokeApiKey(c.var.ctx, idOf(c));
    flash(c, KEY_REVOKED, { title: name });
    return goTo(c, "/settings/keys");
  });
}

async function showKeys(c: UiContext, form?: KeyForm, status: 200 | 422 = 200): Promise<Response> {
  const ui = uiOf(c);
  const keys = await listApiKeys(c.var.ctx, ALL);
  return await renderPage(c, ui.t("access.keys"), <KeysPage ui={ui} keys={keys} form={form} />, status);
}
