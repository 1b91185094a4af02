// Why a run failed: a message in English and a code that pages translate.
import { AppError, type ErrorCode, findReason, isOutage } from "../../lib/platform/errors.ts";
import { findMediaFailure, toolError } from "../../lib/media/errors.ts";
import type { Stop } from "./lease.ts";

interface Diagnosis {
  code: string;
  message: string;
  permanent: boolean;
}

/** Caused by the file or the state of the asset: a retry would end the same way. */
const PERMANENT: readonly ErrorCode[] = ["invalid", "unsupported", "too_large", "not_found"];
/** The system lacks something or fails for the moment. */
const SHORTAGES: Record<string, string> = {
  ENOSPC: "The worker's disk is full.",
  EDQUOT: "The worker's disk is full.",
  EROFS: "The worker's disk is read-only.",
  EIO: "The worker's disk fails.",
  EMFILE: "The worker has too many files open.",
  ENFILE: "The worker's system has too many files open.",
  ENOMEM: "The worker has no memory left.",
  EAGAIN: "The worker's system can start no more processes.",
};

/** True when the file or the state of the asset is at fault: another run would end the same way. */
export function isPermanent(error: unknown): boolean {
  return error instanceof AppError && PERMANENT.includes(error.code);
}

/** Turns what a handler threw, or why it was stopped, into the failure code and message that the job stores. */
export function diagnose(error: unknown, stopped: Stop | undefined): Diagnosis {
  if (stopped === "timed_out") {
    return { code: "timed_out", message: "It took longer than a job may take.", permanent: true };
  }
  // By the out-of-memory killer, perhaps: like a lost worker it is tried again a few times, not as long as an outage.
  if (findReason(error, toolError) === "interrupted") {
    return { code: "worker_lost", message: (error as AppError).message, permanent: false };
  }
  if (isOutage(error)) {
    return { code: "unavailable", message: (error as AppError).message, permanent: false };
  }
  if (error instanceof AppError) {
    const code = findMediaFailure(error) ?? error.code;
    return { code, message: error.message, permanent: isPermanent(error) };
  }
  const shortage = SHORTAGES[(error as { code?: string } | undefined)?.code ?? ""];
  if (shortage) return { code: "unavailable", message: shortage, permanent: false };
  return {
    code: "internal",
    message: "Something unexpected went wrong. The worker's log has the details.",
    permanent: false,
  };
}
