import type { AppEnv } from "../../env.ts";
import { getMe, updateMe } from "../../../lib/identity/users/users.ts";
import { confirmEmail } from "../../../lib/identity/users/email_changes.ts";
import {
  emailConfirmationSchema,
  passwordSchema,
  profilePatchSchema,
  userSchema,
} from "../../../lib/identity/users/schema.ts";
import { exactText } from "../../../lib/platform/text.ts";
import { signOut } from "../../../lib/identity/sessions/own_sessions.ts";
import { changePassword } from "../../../lib/identity/sign_ins/change_password.ts";
import { clientSignInSchema, refreshSchema, tokenPairSchema } from "../../../lib/identity/sign_ins/schema.ts";
import { refresh } from "../../../lib/identity/sign_ins/token_pairs.ts";
import { signOutEverywhere } from "../../../lib/identity/sign_ins/sign_out_everywhere.ts";
import { signInClient } from "../../../lib/identity/sign_ins/sign_ins.ts";
import { originOf } from "../../middleware/session.ts";
import { answers, COMMON, messageSchema, OpenAPIHono, problems, route, takes, z } from "../openapi.ts";

const tag = "auth";
const tokens = tokenPairSchema.meta({ id: "TokenPair" });
const user = userSchema.meta({ id: "User" });
const passwordChange = z.object({
  current_password: exactText(1024).min(1),
  new_password: passwordSchema,
  end_api_keys: z.boolean().default(false),
});
const signOutChoice = z.object({ end_api_keys: z.boolean().default(false) });

/** Description of what a new password and signing out everywhere do to keys. */
export const KEYS_STAY = "API keys stay unless `end_api_keys` is true.";

/** Signing in and out, and the own account. */
export const auth = new OpenAPIHono<AppEnv>()
  .openapi(
    route("post", "/login", {
      who: "public",
      audit: ["session.create"],
      beforeEnrolment: true,
      tag,
      summary: "Sign in",
      request: takes(clientSignInSchema),
      description:
        "An account with a second factor sends a code of the authenticator app or a recovery code as `otp`; " +
        "without it the answer is 401 whose `errors[0].path` is `otp`.",
      responses: { 200: answers(tokens, "A token pair"), ...problems(400, 401, 409, 413, 415, 422) },
    }),
    async (c) => c.json(await signInClient(c.var.platform, c.req.valid("json"), originOf(c)), 200),
  )
  .openapi(
    route("post", "/refresh", {
      who: "public",
      audit: { none: "the session goes on" },
      beforeEnrolment: true,
      tag,
      summary: "Exchange a refresh token for a new pair",
      request: takes(refreshSchema),
      responses: {
        200: answers(tokens, "A token pair; the old one is spent"),
        ...problems(400, 401, 413, 415, 422),
      },
    }),
    async (c) => {
      const { refresh_token } = c.req.valid("json");
      return c.json(await refresh(c.var.platform, refresh_token, originOf(c)), 200);
    },
  )
  .openapi(
    route("post", "/logout", {
      who: "sessions.change",
      audit: ["session.delete"],
      beforeEnrolment: true,
      tenant: "own",
      endsSession: true,
      tag,
      summary: "End this session",
      responses: { 200: answers(messageSchema, "Done"), ...problems(...COMMON) },
    }),
    async (c) => {
      await signOut(c.var.ctx);
      return c.json({ message: "Signed out" }, 200);
    },
  )
  .openapi(
    route("post", "/logout-all", {
      who: "sessions.change",
      audit: ["session.delete_all"],
      beforeEnrolment: true,
      tenant: "own",
      endsSession: true,
      tag,
      summary: "End every session of mine",
      description: KEYS_STAY,
      request: { body: { required: false, content: { "application/json": { schema: signOutChoice } } } },
      responses: { 200: answers(messageSchema, "Done"), ...problems(...COMMON) },
    }),
    async (c) => {
      // Without a body nothing was parsed, and there is no default.
      const { end_api_keys: endKeys = false } = c.req.valid("json");
      await signOutEverywhere(c.var.ctx, { endKeys });
      return c.json({ message: "Signed out everywhere" }, 200);
    },
  )
  .openapi(
    route("get", "/me", {
      who: "account.read",
      beforeEnrolment: true,
      tenant: "own",
      tag,
      summary: "Who I am",
      responses: { 200: answers(user, "The signed-in person"), ...problems(401, 403) },
    }),
    async (c) => c.json(await getMe(c.var.ctx), 200),
  )
  .openapi(
    route("patch", "/me", {
      who: "account.change",
      audit: ["user.update"],
      beforeEnrolment: true,
      tenant: "own",
      tag,
      recent: "when the address changes",
      summary: "Change my name, address, language or theme",
      description:
        "Where mail is set up, another `email` is `pending_email` until the link that is sent there is opened.",
      request: takes(profilePatchSchema),
      responses: { 200: answers(user, "The signed-in person"), ...problems(...COMMON, 409) },
    }),
    async (c) => c.json(await updateMe(c.var.ctx, c.req.valid("json")), 200),
  )
  .openapi(
    route("post", "/confirm-email", {
      who: "public",
      audit: ["user.update"],
      beforeEnrolment: true,
      tag,
      summary: "Confirm a new address with a link's token; sessions stay",
      request: takes(emailConfirmationSchema),
      responses: { 200: answers(messageSchema, "Done"), ...problems(400, 403, 409, 413, 415, 422) },
    }),
    async (c) => {
      const { address, requestId } = originOf(c);
      const { token } = c.req.valid("json");
      await confirmEmail(c.var.platform, token, { address: address ?? undefined, requestId });
      return c.json({ message: "Address confirmed" }, 200);
    },
  )
  .openapi(
    route("post", "/me/change-password", {
      who: "account.change",
      audit: ["password.change"],
      beforeEnrolment: true,
      tenant: "own",
      endsSession: true,
      tag,
      summary: "Change my password; my other sessions end",
      description: KEYS_STAY,
      request: takes(passwordChange),
      responses: { 200: answers(messageSchema, "Done"), ...problems(...COMMON) },
    }),
    async (c) => {
      const { current_password, new_password, end_api_keys: endKeys } = c.req.valid("json");
      await changePassword(c.var.ctx, current_password, new_password, { endKeys });
      return c.json({ message: "Password changed" }, 200);
    },
  );
