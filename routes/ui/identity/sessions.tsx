// Sign-in by password, and sign-out.
import type { Routes } from "../../declare.ts";
import { hasReason } from "../../../lib/platform/errors.ts";
import { explain, findErrorText } from "../kit/errors.ts";
import { rateLimitError } from "../../../lib/platform/cache/reasons.ts";
import { signInError } from "../../../lib/identity/sign_ins/reasons.ts";
import { withoutBlanks } from "../../../lib/platform/text.ts";
import { findOffer } from "../../../lib/identity/providers/identities.ts";
import { signOut } from "../../../lib/identity/sessions/own_sessions.ts";
import { type SignInResult, signInSchema } from "../../../lib/identity/sign_ins/schema.ts";
import { signIn } from "../../../lib/identity/sign_ins/sign_ins.ts";
import { readCookie, writeCookie } from "../../middleware/cookies.ts";
import {
  clearSessionCookie,
  clearStorage,
  originOf,
  replaceSession,
  setStepCookie,
} from "../../middleware/session.ts";
import { readForm, safePath } from "../kit/form.ts";
import { goTo, setRetryAfter, uiOf } from "../kit/render.tsx";
import type { UiContext } from "../kit/ui.ts";
import { type SignInForm, SignInPage } from "./views/sign_in.tsx";

/** How long a browser remembers the tenant whose identity providers are offered. */
const REMEMBER_SECONDS = 365 * 24 * 3600;
const TENANT_CODE = /^[a-z0-9][a-z0-9_-]{0,49}$/;

export function addSessions(pages: Routes): void {
  pages.get("/sign-in", { who: "public", beforeEnrolment: true }, (c) => {
    const next = safePath(c.req.query("next"));
    const again = c.req.query("again") !== undefined;
    if (c.var.ctx && !again) return c.redirect(next, 303);
    // The session has expired or was revoked. The cookie stays: a suspended tenant may be resumed.
    if (!c.var.ctx && readCookie(c, "akashi")) clearStorage(c);
    const tenant = c.req.query("tenant");
    if (tenant && TENANT_CODE.test(tenant)) writeCookie(c, "akashi_tenant", tenant, REMEMBER_SECONDS);
    const isAgain = c.var.ctx !== undefined;
    return showSignIn(c, { next, email: c.var.viewer?.email, tenant, isAgain }, 200);
  });

  pages.post("/sign-in", {
    who: "public",
    audit: ["session.create"],
    beforeEnrolment: true,
    rate: "standard",
  }, async (c) => {
    const fields = await readForm(c);
    const form = { next: safePath(fields.next), email: fields.email, tenant: fields.tenant_code };
    const parsed = signInSchema.safeParse(withoutBlanks(fields));
    if (!parsed.success) return showSignIn(c, { ...form, problem: uiOf(c).t("sign_in.incomplete") }, 422);
    try {
      return await letIn(c, await signIn(c.var.platform, parsed.data, originOf(c)), form.next);
    } catch (error) {
      if (hasReason(error, signInError, "tenant_required")) {
        return showSignIn(c, { ...form, needsTenant: true }, 409);
      }
      const wait = findErrorText(uiOf(c), error, rateLimitError, "requests");
      if (wait) {
        setRetryAfter(c, error);
        return showSignIn(c, { ...form, problem: wait }, 429);
      }
      return showSignIn(
        c,
        { ...form, problem: explain(uiOf(c), error, signInError, "invalid_credentials") },
        401,
      );
    }
  });

  pages.post("/sign-out", {
    who: "public",
    audit: ["session.delete"],
    beforeEnrolment: true,
    endsSession: true,
  }, async (c) => {
    if (c.var.ctx) await signOut(c.var.ctx);
    clearSessionCookie(c);
    clearStorage(c);
    return c.redirect("/sign-in", 303);
  });
}

/** Continues after the first factor: to `next`, or to the second step first. */
export async function letIn(c: UiContext, entry: SignInResult, next: string): Promise<Response> {
  if ("token" in entry) {
    await replaceSession(c, entry.token);
    return goTo(c, next);
  }
  setStepCookie(c, entry.step);
  return goTo(c, `/sign-in/second-step?next=${encodeURIComponent(next)}`);
}

/** Shows the sign-in form again, with its error. */
export async function showSignIn(
  c: UiContext,
  form: SignInForm,
  status: 200 | 401 | 403 | 404 | 409 | 422 | 429 | 503,
): Promise<Response> {
  const offer = await findOffer(c.var.platform, tenantOf(c, form));
  c.header("Cache-Control", "no-store");
  c.header("Vary", "Accept-Language, Cookie");
  return await c.html(SignInPage({ ui: uiOf(c), form, offer }), status);
}

/** The tenant whose providers are offered: the named one, that of the account, or the one named last. */
function tenantOf(c: UiContext, { tenant }: SignInForm): string | undefined {
  const code = tenant || c.var.viewer?.tenantCode || readCookie(c, "akashi_tenant");
  return code && TENANT_CODE.test(code) ? code : undefined;
}
