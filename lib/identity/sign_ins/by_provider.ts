// Sign-in by an identity provider: the browser keeps the sealed state of the attempt in a cookie, so that only the browser
// that began an attempt can finish it.
import { z } from "zod";
import type { Platform } from "../../platform/platform.ts";
import { CHALLENGE_SECONDS, consumeChallenge, issueChallenge } from "../challenges/challenges.ts";
import { seal, unseal } from "../../platform/secrets.ts";
import {
  beginAuthorization,
  finishAuthorization,
  type ProviderAccount,
  type Refusal,
  type Refused,
} from "../providers/authorization.ts";
import type { Origin } from "../sessions/schema.ts";
import type { SignInResult } from "./schema.ts";
import { finishSignIn } from "./sign_ins.ts";

const PURPOSE = "provider-sign-in";

const noteSchema = z.object({
  attempt: z.object({
    state: z.string(),
    nonce: z.string(),
    verifier: z.string(),
    freshFrom: z.number().optional(),
  }),
  /** Spent when the browser comes back: a note is good once, also when it is sent twice at the same time. */
  ticket: z.string(),
  /** The path of the page to show afterwards. */
  next: z.string(),
  /** Expiry in milliseconds: a browser may keep a cookie for longer than its lifetime. */
  until: z.number(),
});

/** `expired`: this browser began no attempt, began it too long ago, or has begun another one since. */
export type ProviderRefused = Omit<Refused, "refusal"> & { refusal: Refusal | "expired"; next?: string };

interface Beginning {
  redirectUri: string;
  next: string;
  /** A signed-in person authenticates again. */
  again: boolean;
}

/** Where to send the browser, and the sealed note that it has to bring back. */
export async function beginProviderSignIn(
  platform: Platform,
  providerId: string,
  { redirectUri, next, again }: Beginning,
): Promise<{ url: string; note: string } | ProviderRefused> {
  const begun = await beginAuthorization(platform, providerId, redirectUri, { again });
  if ("refusal" in begun) return begun;
  const until = platform.clock.now() + CHALLENGE_SECONDS * 1000;
  const ticket = await platform.db.asSystem((sql) => issueChallenge(sql, "provider_sign_in"));
  const note = JSON.stringify({ attempt: begun.attempt, ticket, next, until });
  return { url: begun.url, note: seal(platform.config, PURPOSE, providerId, note) };
}

interface Arrival {
  redirectUri: string;
  /** The address that the provider sent the browser back to, with its parameters. */
  callback: URL;
  note: string | undefined;
}

/** Signs the browser in, or returns why not. Without a strong provider a second factor must follow. */
export async function finishProviderSignIn(
  platform: Platform,
  providerId: string,
  { redirectUri, callback, note }: Arrival,
  origin: Origin,
): Promise<{ entry: SignInResult; next: string } | ProviderRefused> {
  const read = note ? readNote(platform, providerId, note) : undefined;
  if (!read || callback.searchParams.get("state") !== read.attempt.state) return { refusal: "expired" };
  const { attempt, next, ticket } = read;
  const isFirst = await platform.db.asSystem((sql) => consumeChallenge(sql, "provider_sign_in", ticket));
  if (!isFirst) return { refusal: "expired", next };
  const from = { address: origin.address ?? undefined, requestId: origin.requestId };
  const account = await finishAuthorization(platform, providerId, { attempt, redirectUri, callback }, from);
  if ("refusal" in account) return { ...account, next };
  return { entry: await enter(platform, account, origin), next };
}

async function enter(
  platform: Platform,
  { user, provider, isStrong }: ProviderAccount,
  origin: Origin,
): Promise<SignInResult> {
  if (user.has_second_factor && !isStrong) {
    return { step: await platform.db.asSystem((sql) => issueChallenge(sql, "second_step", user, provider)) };
  }
  const proof = { method: "provider", provider, isStrong } as const;
  return { token: await finishSignIn(platform, user, proof, origin) };
}

/** Bound to its provider: the note of one does not open at another. */
function readNote({ config, clock }: Platform, providerId: string, sealed: string) {
  const opened = unseal(config, PURPOSE, providerId, sealed);
  // One that an earlier version sealed may lack a part.
  const note = opened && noteSchema.safeParse(JSON.parse(opened.text)).data;
  return note && note.until > clock.now() ? note : undefined;
}
