import { defineReasons, findReason } from "../platform/errors.ts";

/** Why a file cannot be processed, as jobs store it; the pages translate these as `failure.<code>`. */
export const MEDIA_FAILURES = [
  "unreadable",
  "truncated",
  "no_streams",
  "too_long",
  "mostly_gaps",
  "timed_out",
  "too_large_picture",
] as const;
export type MediaFailure = typeof MEDIA_FAILURES[number];

/** Failures of the file itself, permanent: invalid for a broken file, unsupported for an intact one beyond our limits. */
export const mediaError = defineReasons("media", {
  damaged: { code: "invalid", detail: "The file is damaged or not in a format that can be read." },
  description_invalid: {
    code: "invalid",
    detail: "The file cannot be read: its description makes no sense.",
  },
  description_not_text: { code: "invalid", detail: "The file cannot be read: its description is no text." },
  description_endless: {
    code: "invalid",
    detail: "The file cannot be read: it describes itself without end.",
  },
  undecodable: { code: "invalid", detail: "No picture of the video can be decoded." },
  output_broken: { code: "invalid", detail: "What was made of the file cannot be shown." },
  no_size: { code: "invalid", detail: "The picture has no size." },
  picture_damaged: {
    code: "invalid",
    detail: "The picture is damaged or not in a format that can be read.",
  },
  ends_early: { code: "invalid", detail: "The file is cut off: it ends too early." },
  shorter_than_declared: { code: "invalid", detail: "The file is cut off: it is shorter than it says." },
  mostly_undecodable: { code: "invalid", detail: "The file is cut off: most of it cannot be decoded." },
  picture_truncated: { code: "invalid", detail: "The picture is cut off." },
  no_streams: { code: "unsupported", detail: "There is neither picture nor sound in the file." },
  too_long: { code: "unsupported", detail: "The file claims to be longer than 48 hours." },
  mostly_gaps: {
    code: "unsupported",
    detail: "The file holds next to no sound over the time that it claims.",
  },
  timed_out: { code: "invalid", detail: "Working on the file took too long." },
  picture_too_large: { code: "unsupported", detail: "The picture is larger than can be worked on." },
});

/** Failures of the tools, not of the file: a retry may succeed. */
export const toolError = defineReasons("tool", {
  interrupted: { code: "unavailable", detail: "The work on the file was interrupted." },
  disk_full: { code: "unavailable", detail: "No space is left for temporary files." },
  no_encoder: { code: "unavailable", detail: "This ffmpeg cannot make H.264: install one with libx264." },
});

const FAILURE_OF: Record<keyof typeof mediaError.reasons, MediaFailure> = {
  damaged: "unreadable",
  description_invalid: "unreadable",
  description_not_text: "unreadable",
  description_endless: "unreadable",
  undecodable: "unreadable",
  output_broken: "unreadable",
  no_size: "unreadable",
  picture_damaged: "unreadable",
  ends_early: "truncated",
  shorter_than_declared: "truncated",
  mostly_undecodable: "truncated",
  picture_truncated: "truncated",
  no_streams: "no_streams",
  too_long: "too_long",
  mostly_gaps: "mostly_gaps",
  timed_out: "timed_out",
  picture_too_large: "too_large_picture",
};

/** The failure code of a media error; undefined for any other error. */
export function findMediaFailure(error: unknown): MediaFailure | undefined {
  const reason = findReason(error, mediaError);
  return reason && FAILURE_OF[reason];
}
