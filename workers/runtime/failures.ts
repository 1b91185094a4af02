// Why a run failed: a message in English and a code that pages translate.
import { AppError, type ErrorCode } from "../../lib/platform/errors.ts";
import { findMediaFailure } from "../../lib/media/errors.ts";
import type { Stop } from "./lease.ts";

interface Diagnosis {
  code: string;
  message: string;
  permanent: boolean;
}

/** Caused by the file or the state of the asset: a retry would end the same way. */
const PERMANENT: readonly ErrorCode[] = ["invalid", "unsupported", "too_large", "not_found"];
const NO_SPACE = "ENOSPC";

/** Turns what a handler threw, or why it was stopped, into the failure code and message that the job stores. */
export function diagnose(error: unknown, stopped: Stop | undefined): Diagnosis {
  if (stopped === "timed_out") {
    return { code: "timed_out", message: "It took longer than a job may take.", permanent: true };
  }
  if (error instanceof AppError) {
    const code = findMediaFailure(error) ?? error.code;
    return { code, message: error.message, permanent: PERMANENT.includes(error.code) };
  }
  if ((error as { code?: string } | undefined)?.code === NO_SPACE) {
    return { code: "unavailable", message: "The worker's disk is full.", permanent: false };
  }
  return {
    code: "internal",
    message: "Something unexpected went wrong. The worker's log has the details.",
    permanent: false,
  };
}
