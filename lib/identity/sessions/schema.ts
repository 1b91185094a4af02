import { z } from "zod";
import type { Role } from "../../access/context.ts";
import type { Config } from "../../platform/config.ts";
import { defineReasons } from "../../platform/errors.ts";

const DAY_SECONDS = 24 * 3600;
/** A session expires when it was not used for so long. */
const IDLE_SECONDS = 30 * DAY_SECONDS;

/** How long a session of this age lives unless it is used again; none outlives SESSION_MAX_DAYS. */
export function secondsLeft({ SESSION_MAX_DAYS }: Pick<Config, "SESSION_MAX_DAYS">, ageSeconds = 0): number {
  return Math.min(IDLE_SECONDS, SESSION_MAX_DAYS * DAY_SECONDS - ageSeconds);
}

/** How an account was authenticated; the audit keeps it with the session. */
export type SignInMethod = "password" | "totp" | "recovery_code" | "passkey" | "provider";

/** What authenticated an account. */
export interface Proof {
  method: SignInMethod;
  /** The name of the identity provider, also when it was the first of two steps. */
  provider?: string;
  /** Counts as a second factor where the tenant requires one. */
  isStrong?: boolean;
}

/** The account that a session is started for. */
export interface SessionOwner {
  id: string;
  email: string;
  role: Role;
  is_superuser: boolean;
  tenant_id: string;
  tenant_code: string;
}

/** Where a sign-in came from, kept for the list of sessions. */
export interface Origin {
  address: string | null;
  userAgent: string | null;
  requestId?: string;
}

/** One of the person's own sessions, as lists show it. */
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

/** Why an operation on a session fails. */
export const sessionError = defineReasons("session", {
  not_found: { code: "not_found", detail: "There is no such session." },
  sign_in_too_old: {
    code: "forbidden",
    detail: "This needs a sign-in of the last {minutes} minutes. Sign in again and repeat it.",
  },
});
