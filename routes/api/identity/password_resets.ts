import { requestReset, resetPassword } from "../../../lib/identity/password_resets/password_resets.ts";
import { resetRequestSchema, resetSchema } from "../../../lib/identity/password_resets/schema.ts";
import type { AppEnv } from "../../env.ts";
import { originOf } from "../../middleware/session.ts";
import { KEYS_STAY } from "./auth.ts";
import { answers, messageSchema, OpenAPIHono, problems, route, takes } from "../openapi.ts";

const tag = "auth";

/** Password reset: requests a link by e-mail, and sets a new password by its token. */
export const passwordResets = new OpenAPIHono<AppEnv>()
  .openapi(
    route("post", "/", {
      who: "public",
      audit: ["password.ask"],
      tag,
      summary: "Have a link to choose a new password sent, if the address has an account",
      request: takes(resetRequestSchema),
      responses: {
        202: answers(messageSchema, "The same for every address"),
        ...problems(400, 403, 413, 415, 422),
      },
    }),
    async (c) => {
      const { address, requestId } = originOf(c);
      await requestReset(c.var.platform, c.req.valid("json"), { address: address ?? undefined, requestId });
      return c.json({ message: "If this address has an account, a link is on its way." }, 202);
    },
  )
  .openapi(
    route("post", "/confirm", {
      who: "public",
      audit: ["password.reset"],
      tag,
      summary: "Choose a new password with a link's token; every session ends",
      description: KEYS_STAY,
      request: takes(resetSchema),
      responses: { 200: answers(messageSchema, "Done"), ...problems(400, 403, 413, 415, 422) },
    }),
    async (c) => {
      const { address, requestId } = originOf(c);
      await resetPassword(c.var.platform, c.req.valid("json"), { address: address ?? undefined, requestId });
      return c.json({ message: "Password changed. Sign in with the new one." }, 200);
    },
  );
