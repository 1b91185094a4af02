// Signing in and out.
import type { Hono } from "hono";
import { AppError } from "../../lib/platform/errors.ts";
import { signOut } from "../../lib/sessions/sessions.ts";
import { signInSchema } from "../../lib/sign_ins/schema.ts";
import { signIn } from "../../lib/sign_ins/sign_ins.ts";
import type { AppEnv } from "../env.ts";
import { clearSessionCookie, originOf, setSessionCookie } from "../middleware/session.ts";
import { readForm, safePath, withoutEmpty } from "./form.ts";
import { type UiContext, uiOf } from "./render.tsx";
import { type SignInForm, SignInPage } from "./views/sign_in.tsx";
import type { Ui } from "./ui.ts";

export function addSessions(app: Hono<AppEnv>): void {
  app.get("/sign-in", (c) => {
    const next = safePath(c.req.query("next"));
    if (c.var.ctx) return c.redirect(next, 303);
    return show(c, { next }, 200);
  });

  app.post("/sign-in", async (c) => {
    const fields = await readForm(c);
    const form = { next: safePath(fields.next), email: fields.email };
    const parsed = signInSchema.safeParse(withoutEmpty(fields));
    if (!parsed.success) return show(c, { ...form, problem: uiOf(c).t("sign_in.incomplete") }, 422);
    try {
      const { token } = await signIn(c.var.platform, parsed.data, originOf(c));
      setSessionCookie(c, token);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const refusal = refusalOf(error, uiOf(c));
      if (!refusal) throw error;
      return show(c, { ...form, ...refusal }, error.code === "conflict" ? 409 : 401);
    }
    return c.redirect(form.next, 303);
  });

  app.post("/sign-out", async (c) => {
    if (c.var.ctx) await signOut(c.var.ctx);
    clearSessionCookie(c);
    return c.redirect("/sign-in", 303);
  });
}

function show(c: UiContext, form: SignInForm, status: 200 | 401 | 409 | 422): Response | Promise<Response> {
  c.header("Cache-Control", "no-store");
  c.header("Vary", "Accept-Language");
  return c.html(SignInPage({ ui: uiOf(c), form }), status);
}

function refusalOf(error: AppError, ui: Ui): Partial<SignInForm> | undefined {
  if (error.code === "unauthenticated") return { problem: ui.t("sign_in.wrong") };
  if (error.code === "conflict") return { needsTenant: true };
  return undefined;
}
