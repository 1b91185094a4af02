// Signing in with an account of another house (OpenID Connect): the browser goes there with a sealed note of what was
// asked, and only whoever brings that note back gets in.
import { z } from "zod";
import type { Platform } from "../../platform/platform.ts";
import { CHALLENGE_SECONDS, issueChallenge } from "../challenges/challenges.ts";
import { seal, unseal } from "../../platform/secrets.ts";
import { beginEntry, finishEntry, type Known, type Refusal, type Refused } from "../providers/entry.ts";
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
  /** Where to go afterwards; a path of ours. */
  next: z.string(),
  /** Milliseconds: a browser may keep a cookie for longer than it was told to. */
  until: z.number(),
});

/** `expired`: nothing was begun in this browser, or too long ago, or another attempt has begun since. */
export type ProviderRefused = Omit<Refused, "refusal"> & { refusal: Refusal | "expired"; next?: string };

interface Beginning {
  redirectUri: string;
  next: string;
  /** Somebody who is signed in proves anew who they are. */
  again: boolean;
}

/** Where to send the browser, and the note that it has to bring back. */
export async function beginProviderSignIn(
  platform: Platform,
  providerId: string,
  { redirectUri, next, again }: Beginning,
): Promise<{ url: string; note: string } | ProviderRefused> {
  const begun = await beginEntry(platform, providerId, redirectUri, { again });
  if ("refusal" in begun) return begun;
  const until = platform.clock.now() + CHALLENGE_SECONDS * 1000;
  const note = JSON.stringify({ attempt: begun.attempt, next, until });
  return { url: begun.url, note: seal(platform.config, PURPOSE, providerId, note) };
}

interface Back {
  redirectUri: string;
  /** The address that the browser came back to, with what the provider says. */
  callback: URL;
  note: string | undefined;
}

/** Lets whoever came back in, or says why not. A second factor is owed unless the provider stands for one. */
export async function finishProviderSignIn(
  platform: Platform,
  providerId: string,
  { redirectUri, callback, note }: Back,
  origin: Origin,
): Promise<{ entry: SignInResult; next: string } | ProviderRefused> {
  const read = note ? readNote(platform, providerId, note) : undefined;
  if (!read || callback.searchParams.get("state") !== read.attempt.state) return { refusal: "expired" };
  const { attempt, next } = read;
  const from = { address: origin.address ?? undefined, requestId: origin.requestId };
  const known = await finishEntry(platform, providerId, { attempt, redirectUri, callback }, from);
  if ("refusal" in known) return { ...known, next };
  return { entry: await enter(platform, known, origin), next };
}

async function enter(
  platform: Platform,
  { user, provider, isStrong }: Known,
  origin: Origin,
): Promise<SignInResult> {
  if (user.has_second_factor && !isStrong) {
    return { step: await platform.db.asSystem((sql) => issueChallenge(sql, "second_step", user, provider)) };
  }
  const proof = { method: "provider", provider, isStrong } as const;
  return { token: await finishSignIn(platform, user, proof, origin) };
}

/** Bound to its provider: a note that was made for one opens at no other. */
function readNote({ config, clock }: Platform, providerId: string, sealed: string) {
  const opened = unseal(config, PURPOSE, providerId, sealed);
  const note = opened && noteSchema.parse(JSON.parse(opened.text));
  return note && note.until > clock.now() ? note : undefined;
}
