import { z } from "zod";
import type { Config } from "../../platform/config.ts";
import { text } from "../../platform/text.ts";
import { userSchema } from "../users/schema.ts";

const DAY_SECONDS = 24 * 3600;
/** A session that nobody uses ends after so long. */
const IDLE_SECONDS = 30 * DAY_SECONDS;

/** How long a session of this age lives on when it is not used again. Nothing is left after SESSION_MAX_DAYS. */
export function secondsLeft({ SESSION_MAX_DAYS }: Pick<Config, "SESSION_MAX_DAYS">, ageSeconds = 0): number {
  return Math.min(IDLE_SECONDS, SESSION_MAX_DAYS * DAY_SECONDS - ageSeconds);
}

/** How somebody proved who they are; the audit keeps it with the session. */
export type SignInMethod = "password" | "totp" | "recovery_code" | "passkey" | "provider";

/** How somebody came in. */
export interface Proof {
  method: SignInMethod;
  /** The name of the provider of single sign-on that knew them, in the first of two steps too. */
  provider?: string;
  /** They owe no second factor of ours, also where their tenant asks for one. */
  isStrong?: boolean;
}

export const refreshSchema = z.object({ refresh_token: text(500).min(1) });

/** What login and refresh answer; times in seconds. */
export const tokenPairSchema = z.object({
  access_token: z.string(),
  refresh_token: z.string(),
  token_type: z.literal("bearer"),
  expires_in: z.number().int(),
  refresh_expires_in: z.number().int(),
  user: userSchema,
});
export type TokenPair = z.infer<typeof tokenPairSchema>;

/** Where a sign-in came from, kept for the list of sessions. */
export interface Origin {
  address: string | null;
  userAgent: string | null;
  requestId?: string;
}

/** One sign-in of mine, as lists show it. */
export const sessionSchema = z.object({
  id: z.uuid(),
  kind: z.enum(["browser", "api"]),
  user_agent: z.string().nullable(),
  address: z.string().nullable(),
  is_current: z.boolean(),
  created_at: z.string(),
  last_used_at: z.string(),
  expires_at: z.string(),
});
export type Session = z.infer<typeof sessionSchema>;
