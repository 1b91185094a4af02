// Sign-in beyond the password: the second step, and passkeys.
import type { Routes } from "../../declare.ts";
import { z } from "zod";
import { assertionSchema } from "../../../lib/identity/passkeys/schema.ts";
import { type AppError, hasReason } from "../../../lib/platform/errors.ts";
import { explain, findErrorText } from "../kit/errors.ts";
import { signInError } from "../../../lib/identity/sign_ins/reasons.ts";
import { rateLimitError } from "../../../lib/platform/cache/reasons.ts";
import { otpSchema } from "../../../lib/identity/second_factors/schema.ts";
import {
  beginPasskeyStep,
  findSecondStep,
  finishByCode,
  finishByPasskey,
} from "../../../lib/identity/sign_ins/second_step.ts";
import { signInByPasskey } from "../../../lib/identity/sign_ins/sign_ins.ts";
import { originOf, replaceSession, siteOf, stepOf } from "../../middleware/session.ts";
import { parseJson, readForm, safePath } from "../kit/form.ts";
import { goTo, uiOf } from "../kit/render.tsx";
import type { UiContext } from "../kit/ui.ts";
import { showSignIn } from "./sessions.tsx";
import { SecondStepPage } from "./views/second_step.tsx";

const PATH = "/sign-in/second-step";
const codeSchema = z.object({ otp: otpSchema });

export function addSecondStep(pages: Routes): void {
  pages.get(PATH, { who: "public", beforeEnrolment: true }, (c) => show(c, safePath(c.req.query("next"))));

  pages.post(
    PATH,
    { who: "public", audit: ["session.create"], beforeEnrolment: true, rate: "standard" },
    async (c) => {
      const fields = await readForm(c);
      const next = safePath(fields.next);
      const parsed = codeSchema.safeParse(fields);
      if (!parsed.success) return await show(c, next, uiOf(c).t("sign_in.code_needed"), 422);
      const { platform } = c.var;
      return await step(c, next, () => finishByCode(platform, stepOf(c), parsed.data.otp, originOf(c)));
    },
  );

  pages.post(`${PATH}/options`, {
    who: "public",
    audit: { none: "a challenge alone: what answers it is recorded" },
    beforeEnrolment: true,
    rate: "standard",
  }, async (c) => {
    c.header("Cache-Control", "no-store");
    return c.json(await beginPasskeyStep(c.var.platform, siteOf(c), stepOf(c)));
  });

  pages.post(`${PATH}/passkey`, {
    who: "public",
    audit: ["session.create"],
    beforeEnrolment: true,
    rate: "standard",
  }, async (c) => {
    const fields = await readForm(c);
    const next = safePath(fields.next);
    const parsed = assertionSchema.safeParse(parseJson(fields.credential));
    if (!parsed.success) return await show(c, next, uiOf(c).t("sign_in.passkey_failed"), 422);
    const { platform } = c.var;
    return await step(
      c,
      next,
      () => finishByPasskey(platform, siteOf(c), stepOf(c), parsed.data, originOf(c)),
    );
  });

  pages.post("/sign-in/passkey", {
    who: "public",
    audit: ["session.create"],
    beforeEnrolment: true,
    rate: "standard",
  }, async (c) => {
    const fields = await readForm(c);
    const next = safePath(fields.next);
    const parsed = assertionSchema.safeParse(parseJson(fields.credential));
    const refuse = (status: 401 | 422) =>
      showSignIn(c, { next, problem: uiOf(c).t("error.sign_in.passkey_unknown") }, status);
    if (!parsed.success) return await refuse(422);
    try {
      const token = await signInByPasskey(c.var.platform, siteOf(c), parsed.data, originOf(c));
      await replaceSession(c, token);
    } catch (error) {
      if (!hasReason(error, signInError, "passkey_unknown", "invalid_credentials")) throw error;
      return await refuse(401);
    }
    return goTo(c, next);
  });
}

/** Finishes the step, or shows its error; an expired step starts again with the password. */
async function step(c: UiContext, next: string, finish: () => Promise<string>): Promise<Response> {
  const ui = uiOf(c);
  try {
    await replaceSession(c, await finish());
    return goTo(c, next);
  } catch (error) {
    // An account deactivated in the meantime has invalid credentials; the page discloses no more than an expired step.
    if (hasReason(error, signInError, "step_expired", "invalid_credentials")) {
      return await showSignIn(c, { next, problem: ui.t("error.sign_in.step_expired") }, 401);
    }
    const tooMany = findErrorText(ui, error, rateLimitError, "codes");
    if (tooMany) {
      c.header("Retry-After", String((error as AppError).retryAfter));
      return await show(c, next, tooMany, 429);
    }
    const wrong = explain(ui, error, signInError, "step_code_invalid", "step_passkey_invalid");
    return await show(c, next, wrong, 422);
  }
}

async function show(
  c: UiContext,
  next: string,
  problem?: string,
  status: 200 | 422 | 429 = 200,
): Promise<Response> {
  const methods = await findSecondStep(c.var.platform, stepOf(c));
  if (!methods) return goTo(c, "/sign-in");
  c.header("Cache-Control", "no-store");
  c.header("Vary", "Accept-Language, Cookie");
  return await c.html(
    <SecondStepPage ui={uiOf(c)} methods={methods} next={next} problem={problem} />,
    status,
  );
}
