// Sending one upload: part by part, until it is complete, stopped or failed.
import {
  type Answer,
  askOffset,
  createUpload,
  forgetUpload,
  keepDuplicate,
  PART_BYTES,
  sendPart,
} from "./tus.ts";
import type { FailureReason, Upload } from "./uploads.ts";

/** Where an upload tells what has become of it. */
export interface UploadLog {
  changed(): void;
  /** Remembers how far it is, for after a reload. */
  keep(upload: Upload): void;
  forget(upload: Upload): void;
}

const MAX_ATTEMPTS = 8;
const MAX_DELAY_MS = 30_000;
const REASONS: Record<number, FailureReason> = {
  401: "signed_out",
  403: "forbidden",
  409: "full",
  413: "too_large",
  415: "type",
};

/** Sends parts until the upload is complete, stopped or failed. Progress resets the number of attempts. */
export async function runUpload(upload: Upload, log: UploadLog): Promise<void> {
  const { signal } = upload.stop = new AbortController();
  // An earlier request may have been stored although its response was lost.
  if (await isSettled(upload, signal, log)) return;
  for (let attempts = 0; attempts < MAX_ATTEMPTS;) {
    const before = upload.sent;
    const answer = await step(upload, signal, log);
    if (signal.aborted || upload.state === "failed" || settle(upload, answer, log)) return;
    if (answer.status >= 200 && answer.status < 300) {
      upload.state = "sending";
      attempts = 0;
    } else if (!isRetryable(answer.status, upload.url)) {
      return fail(upload, log, REASONS[answer.status] ?? "other", answer.status);
    } else {
      attempts = upload.sent > before ? 1 : attempts + 1;
      await waitAfter(upload, answer, attempts, signal, log);
      if (signal.aborted || await isSettled(upload, signal, log)) return;
    }
    log.changed();
  }
  fail(upload, log, "network");
}

async function step(upload: Upload, signal: AbortSignal, log: UploadLog): Promise<Answer> {
  if (upload.url && upload.keepsBoth && upload.sent >= upload.size) {
    return await keepDuplicate(upload.url, upload.size, signal);
  }
  if (!await isReadable(upload)) {
    fail(upload, log, "read");
    return NO_ANSWER;
  }
  if (!upload.url) return await create(upload, signal, log);
  const start = upload.sent;
  const answer = await sendPart(upload.url, upload.file!, start, signal, (bytes) => {
    upload.sent = Math.min(start + bytes, upload.size);
    // Bytes flow again, whatever was the matter.
    if (upload.state === "retrying") upload.state = "sending";
    log.changed();
  });
  // The server may have a share of a part that was broken off: `pause` and the next attempt ask for it.
  if (signal.aborted) return answer;
  upload.sent = answer.offset ?? start;
  if (isGone(answer)) startOver(upload, log);
  else log.keep(upload);
  return answer;
}

async function create(upload: Upload, signal: AbortSignal, log: UploadLog): Promise<Answer> {
  const answer = await createUpload(upload.file!, signal);
  if (answer.location) {
    upload.url = new URL(answer.location, location.href).pathname;
    upload.sent = 0;
    log.keep(upload);
  }
  return answer;
}

/** Waits before another attempt, and tells why, unless the server merely stands at another byte. */
async function waitAfter(
  upload: Upload,
  answer: Answer,
  attempts: number,
  signal: AbortSignal,
  log: UploadLog,
): Promise<void> {
  if (attempts === 1 && (answer.status === 409 || isGone(answer))) return;
  upload.state = "retrying";
  upload.isOffline = answer.status === 0;
  log.changed();
  await pauseFor(answer.retryAfterMs ?? Math.min(MAX_DELAY_MS, 500 * 2 ** attempts), signal);
}

/** Asks the server how much it has; true when the upload turns out to have ended. */
async function isSettled(upload: Upload, signal: AbortSignal, log: UploadLog): Promise<boolean> {
  if (!upload.url) return false;
  const answer = await askOffset(upload.url, signal);
  if (isGone(answer)) startOver(upload, log);
  else if (answer.offset !== undefined) upload.sent = answer.offset;
  // Until the second asset is made, the server tells of the duplicate that the person has decided about.
  if (upload.keepsBoth && !answer.assetId) return false;
  return settle(upload, answer, log);
}

/** Ends an upload that has become an asset or whose bytes the library has; true when it did. */
function settle(upload: Upload, answer: Answer, log: UploadLog): boolean {
  const { assetId, duplicateOf } = answer;
  if (assetId && upload.sent >= upload.size) {
    const isThere = assetId === duplicateOf;
    Object.assign(upload, { assetId, duplicateOf: duplicateOf ?? undefined, file: undefined });
    upload.state = isThere ? "present" : "done";
    log.forget(upload);
  } else if (duplicateOf) {
    Object.assign(upload, { duplicateOf, sent: upload.size, keepsBoth: false });
    upload.state = answer.isRefused ? "present" : "duplicate";
    if (answer.isRefused) {
      log.forget(upload);
      forgetUpload(upload.url!);
    } else log.keep(upload);
  } else return false;
  log.changed();
  return true;
}

function startOver(upload: Upload, log: UploadLog): void {
  log.forget(upload);
  upload.url = undefined;
  upload.sent = 0;
}

function fail(upload: Upload, log: UploadLog, reason: FailureReason, status?: number): void {
  Object.assign(upload, { state: "failed", reason, status });
  log.changed();
}

const NO_ANSWER: Answer = {
  status: 0,
  offset: undefined,
  location: null,
  assetId: null,
  duplicateOf: null,
  isRefused: false,
  retryAfterMs: undefined,
};

/** True when the server does not have the upload any more. */
function isGone({ status }: Answer): boolean {
  return status === 404 || status === 410;
}

/** Retryable: no response, an offset conflict, too many requests, and server errors. */
function isRetryable(status: number, url: string | undefined): boolean {
  // Without an upload URL, a conflict can only be the tenant's quota.
  if (status === 409 && !url) return false;
  return [0, 404, 408, 409, 410, 423, 425, 429].includes(status) || status >= 500;
}

/** A file that was moved, changed or whose disk was removed cannot be read any more. */
async function isReadable({ file, sent }: Upload): Promise<boolean> {
  if (!file) return false;
  try {
    await file.slice(sent, Math.min(sent + 1, sent + PART_BYTES)).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

function pauseFor(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
