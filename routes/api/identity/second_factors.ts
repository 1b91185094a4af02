import {
  enabledSchema,
  otpSchema,
  recoveryCodesSchema,
  secondFactorSchema,
  totpSetupSchema,
} from "../../../lib/identity/second_factors/schema.ts";
import { getSecondFactor, renewRecoveryCodes } from "../../../lib/identity/second_factors/second_factors.ts";
import { beginTotp, confirmTotp, deleteTotp } from "../../../lib/identity/second_factors/totp.ts";
import type { AppEnv } from "../../env.ts";
import { answers, COMMON, messageSchema, OpenAPIHono, problems, route, takes, z } from "../openapi.ts";

const tag = "auth";
const secondFactor = secondFactorSchema.meta({ id: "SecondFactor" });
const setup = totpSetupSchema.meta({ id: "TotpSetup" });
const enabled = enabledSchema.meta({ id: "SecondFactorEnabled" });
const codes = recoveryCodesSchema.meta({ id: "RecoveryCodes" });
/** The account's own authenticator app and recovery codes. */
export const secondFactors = new OpenAPIHono<AppEnv>()
  .openapi(
    route("get", "/", {
      who: "account.read",
      beforeEnrolment: true,
      tenant: "own",
      tag,
      summary: "How my sign-in is secured beside the password",
      responses: { 200: answers(secondFactor, "My methods"), ...problems(401, 403) },
    }),
    async (c) => c.json(await getSecondFactor(c.var.ctx), 200),
  )
  .openapi(
    route("post", "/totp", {
      who: "account.change",
      audit: { none: "nothing holds before it is confirmed" },
      beforeEnrolment: true,
      tenant: "own",
      tag,
      summary: "Begin to set up an authenticator app",
      description: "The secret counts once its first code is confirmed, within an hour.",
      recent: "always",
      responses: { 201: answers(setup, "The secret, told once"), ...problems(...COMMON) },
    }),
    async (c) => c.json(await beginTotp(c.var.ctx), 201),
  )
  .openapi(
    route("post", "/totp/confirm", {
      who: "account.change",
      audit: ["totp.create"],
      beforeEnrolment: true,
      tenant: "own",
      tag,
      summary: "Confirm the authenticator app by its first code",
      description: "With the first method my other sessions end.",
      recent: "always",
      request: takes(z.object({ code: otpSchema })),
      responses: {
        200: answers(enabled, "Ten recovery codes, told once; null when there were some"),
        ...problems(...COMMON, 409),
      },
    }),
    async (c) => c.json({ recovery_codes: await confirmTotp(c.var.ctx, c.req.valid("json").code) }, 200),
  )
  .openapi(
    route("delete", "/totp", {
      who: "account.change",
      audit: ["totp.delete"],
      beforeEnrolment: true,
      tenant: "own",
      tag,
      summary: "Remove the authenticator app; my other sessions end",
      recent: "always",
      responses: { 200: answers(messageSchema, "Done"), ...problems(401, 403, 404, 409) },
    }),
    async (c) => {
      await deleteTotp(c.var.ctx);
      return c.json({ message: "Authenticator app removed" }, 200);
    },
  )
  .openapi(
    route("post", "/recovery-codes", {
      who: "account.change",
      audit: ["recovery_codes.create"],
      beforeEnrolment: true,
      tenant: "own",
      tag,
      summary: "Make ten new recovery codes; the old ones end",
      recent: "always",
      responses: { 201: answers(codes, "The codes, told once"), ...problems(...COMMON, 409) },
    }),
    async (c) => c.json({ recovery_codes: await renewRecoveryCodes(c.var.ctx) }, 201),
  );
