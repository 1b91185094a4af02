import { AppError } from "../platform/errors.ts";

/** Why a file could not be worked on; the pages translate these as `failure.<code>`. */
export const MEDIA_FAILURES = [
  "unreadable",
  "truncated",
  "no_streams",
  "too_long",
  "timed_out",
  "too_large_picture",
] as const;
export type MediaFailure = typeof MEDIA_FAILURES[number];

const UNSUPPORTED: readonly MediaFailure[] = ["no_streams", "too_long", "too_large_picture"];

/**
 * A failure of the file itself, which no second try will mend: invalid when it is broken, unsupported when it is whole but
 * beyond us. `message` is for people, in English.
 */
export function mediaError(code: MediaFailure, message: string): AppError {
  return new AppError(UNSUPPORTED.includes(code) ? "unsupported" : "invalid", message, {
    fields: [{ path: "media", message: code }],
  });
}

/** The failure code of something thrown by media code; undefined for anything else. */
export function findMediaFailure(error: unknown): MediaFailure | undefined {
  if (!(error instanceof AppError)) return undefined;
  const field = error.fields.find(({ path }) => path === "media");
  return MEDIA_FAILURES.find((code) => code === field?.message);
}
