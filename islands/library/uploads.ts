// The upload queue: two at a time, each can be paused, retried automatically when the connection is lost.
import { type Answer, askOffset, createUpload, forgetUpload, PART_BYTES, sendPart } from "./tus.ts";
import type { Unfinished, UnfinishedList } from "./unfinished_uploads.ts";

export type UploadState =
  | "waiting"
  | "sending"
  | "retrying"
  | "paused"
  | "interrupted"
  | "done"
  | "duplicate"
  | "failed";
export type FailureReason =
  | "network"
  | "empty"
  | "too_large"
  | "full"
  | "type"
  | "signed_out"
  | "forbidden"
  | "read"
  | "other";

export interface Upload {
  name: string;
  size: number;
  lastModified: number;
  /** Missing for an upload of an earlier page, until the user selects the same file again. */
  file?: File;
  url?: string;
  sent: number;
  state: UploadState;
  reason?: FailureReason;
  status?: number;
  assetId?: string;
  stop?: AbortController;
}

export interface Uploads {
  list: Upload[];
  add(files: File[]): void;
  pause(upload: Upload): void;
  resume(upload: Upload): void;
  remove(upload: Upload): void;
}

const AT_ONCE = 2;
const MAX_ATTEMPTS = 8;
const MAX_DELAY_MS = 30_000;
const REASONS: Record<number, FailureReason> = {
  401: "signed_out",
  403: "forbidden",
  409: "full",
  413: "too_large",
  415: "type",
};

/** Creates the queue; `changed` is called whenever the list or an upload changes. */
export function openUploads(unfinished: UnfinishedList, changed: () => void): Uploads {
  const list: Upload[] = unfinished.read().map(interrupted);

  function add(files: File[]): void {
    for (const file of files) {
      const known = list.find((upload) => !upload.file && isSameFile(upload, file));
      if (known) Object.assign(known, { file, state: "waiting" });
      else list.push(newUpload(file));
    }
    next();
  }

  function next(): void {
    const busy = list.filter((upload) => upload.state === "sending" || upload.state === "retrying").length;
    const waiting = list.filter((upload) => upload.state === "waiting").slice(0, Math.max(0, AT_ONCE - busy));
    for (const upload of waiting) {
      upload.state = "sending";
      run(upload).finally(next);
    }
    changed();
  }

  /** Sends parts until the upload is complete, stopped or failed. Progress resets the number of attempts. */
  async function run(upload: Upload): Promise<void> {
    const stop = upload.stop = new AbortController();
    // An earlier request may have been stored although its response was lost.
    if (upload.url && !await readOffset(upload, stop.signal) && isFinished(upload)) return;
    for (let attempts = 0; attempts < MAX_ATTEMPTS;) {
      const before = upload.sent;
      const answer = await step(upload, stop.signal);
      if (stop.signal.aborted || upload.state === "failed") return;
      if (isComplete(upload, answer)) return finish(upload, answer);
      if (answer.status >= 200 && answer.status < 300) {
        upload.state = "sending";
        attempts = 0;
      } else {
        if (!isRetryable(answer.status, upload.url)) {
          return fail(upload, REASONS[answer.status] ?? "other", answer.status);
        }
        attempts = upload.sent > before ? 1 : attempts + 1;
        upload.state = "retrying";
        changed();
        await pauseFor(answer.retryAfterMs ?? Math.min(MAX_DELAY_MS, 500 * 2 ** attempts), stop.signal);
        if (stop.signal.aborted) return;
        if (!await readOffset(upload, stop.signal) && isFinished(upload)) return;
      }
      changed();
    }
    fail(upload, "network");
  }

  async function step(upload: Upload, signal: AbortSignal): Promise<Answer> {
    if (!upload.url) return await create(upload, signal);
    if (!await isReadable(upload)) {
      fail(upload, "read");
      return NO_ANSWER;
    }
    const start = upload.sent;
    const answer = await sendPart(upload.url, upload.file!, start, signal, (bytes) => {
      upload.sent = Math.min(start + bytes, upload.size);
      changed();
    });
    upload.sent = answer.offset ?? start;
    if (answer.status === 404 || answer.status === 410) startOver(upload);
    else unfinished.keep(toUnfinished(upload));
    return answer;
  }

  async function create(upload: Upload, signal: AbortSignal): Promise<Answer> {
    const answer = await createUpload(upload.file!, signal);
    if (answer.location) {
      upload.url = new URL(answer.location, location.href).pathname;
      upload.sent = 0;
      unfinished.keep(toUnfinished(upload));
    }
    return answer;
  }

  /** Reads the offset from the server. False when it could not be read, or when the upload is complete. */
  async function readOffset(upload: Upload, signal: AbortSignal): Promise<boolean> {
    if (!upload.url) return true;
    const answer = await askOffset(upload.url, signal);
    if (answer.status === 404 || answer.status === 410) startOver(upload);
    else if (answer.offset === undefined) return false;
    else upload.sent = answer.offset;
    if (answer.assetId) finish(upload, answer);
    return !isFinished(upload);
  }

  function startOver(upload: Upload): void {
    if (upload.url) unfinished.forget(upload.url);
    upload.url = undefined;
    upload.sent = 0;
  }

  function finish(upload: Upload, answer: Answer): void {
    if (upload.url) unfinished.forget(upload.url);
    upload.sent = upload.size;
    upload.assetId = answer.assetId ?? undefined;
    upload.state = answer.duplicateOf ? "duplicate" : "done";
    upload.file = undefined;
    changed();
  }

  function fail(upload: Upload, reason: FailureReason, status?: number): void {
    Object.assign(upload, { state: "failed", reason, status });
    changed();
  }

  function resume(upload: Upload): void {
    if (!upload.file) return;
    upload.state = "waiting";
    next();
  }

  return {
    list,
    add,
    resume,
    pause: (upload) => {
      upload.stop?.abort();
      upload.state = "paused";
      next();
    },
    remove: (upload) => {
      upload.stop?.abort();
      if (upload.url && !upload.assetId) {
        unfinished.forget(upload.url);
        forgetUpload(upload.url);
      }
      list.splice(list.indexOf(upload), 1);
      next();
    },
  };
}

const NO_ANSWER: Answer = {
  status: 0,
  offset: undefined,
  location: null,
  assetId: null,
  duplicateOf: null,
  retryAfterMs: undefined,
};

function newUpload(file: File): Upload {
  const { name, size, lastModified } = file;
  const upload: Upload = { name, size, lastModified, file, sent: 0, state: "waiting" };
  return size > 0 ? upload : { ...upload, state: "failed", reason: "empty" };
}

function interrupted({ url, name, size, lastModified, sent }: Unfinished): Upload {
  return { url, name, size, lastModified, sent, state: "interrupted" };
}

function toUnfinished({ url, name, size, lastModified, sent }: Upload) {
  return { url: url!, name, size, lastModified, sent };
}

function isSameFile(upload: Upload, file: File): boolean {
  return upload.name === file.name && upload.size === file.size && upload.lastModified === file.lastModified;
}

function isFinished({ state }: Upload): boolean {
  return state === "done" || state === "duplicate";
}

function isComplete(upload: Upload, answer: Answer): boolean {
  return answer.assetId !== null && upload.sent >= upload.size;
}

/** Retryable: no response, an offset conflict, too many requests, and server errors. */
function isRetryable(status: number, url: string | undefined): boolean {
  // Without an upload URL, a conflict can only be the tenant's quota.
  if (status === 409 && !url) return false;
  return [0, 404, 408, 409, 410, 423, 425, 429].includes(status) || status >= 500;
}

/** A file that was moved, changed or whose disk was removed cannot be read any more. */
async function isReadable({ file, sent }: Upload): Promise<boolean> {
  try {
    await file!.slice(sent, Math.min(sent + 1, sent + PART_BYTES)).arrayBuffer();
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
