// The upload queue: two at a time, each can be paused and continued. What sends one of them is in upload_run.ts.
import { askOffset, forgetUpload } from "./tus.ts";
import type { Unfinished, UnfinishedList } from "./unfinished_uploads.ts";
import { runUpload, type UploadLog } from "./upload_run.ts";

export type UploadState =
  | "waiting"
  | "sending"
  | "retrying"
  | "paused"
  | "interrupted"
  | "done"
  /** The library has these bytes, and the person has not decided yet. */
  | "duplicate"
  /** The library has these bytes, and the organisation keeps each file once: nothing was added. */
  | "present"
  /** The person decided that nothing is to be added. */
  | "skipped"
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
  /** Whether it is retried because the server was not reached; otherwise it asked to wait. */
  isOffline?: boolean;
  reason?: FailureReason;
  status?: number;
  assetId?: string;
  /** The asset that has the same bytes. */
  duplicateOf?: string;
  /** The person has decided to keep a second asset with the same bytes. */
  keepsBoth?: boolean;
  stop?: AbortController;
}

export interface Uploads {
  list: Upload[];
  add(files: File[]): void;
  pause(upload: Upload): void;
  resume(upload: Upload): void;
  /** Makes a second asset of a duplicate, whose bytes the server has. */
  keepBoth(upload: Upload): void;
  /** Leaves a duplicate out; the server forgets its bytes. */
  skip(upload: Upload): void;
  remove(upload: Upload): void;
}

const AT_ONCE = 2;
/** How long the server may take to store what arrived of a request that was broken off. */
const SETTLING_MS = 3_000;
const SETTLING_STEP_MS = 500;

/** Creates the queue; `changed` is called whenever the list or an upload changes. */
export function openUploads(unfinished: UnfinishedList, changed: () => void): Uploads {
  const list: Upload[] = unfinished.read().map(interrupted);
  const log: UploadLog = {
    changed,
    keep: (upload) => upload.url && unfinished.keep(toUnfinished(upload)),
    forget: (upload) => upload.url && unfinished.forget(upload.url),
  };

  function add(files: File[]): void {
    for (const file of files) {
      const known = list.find((upload) => upload.state === "interrupted" && isSameFile(upload, file));
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
      runUpload(upload, log).finally(next);
    }
    changed();
  }

  function wait(upload: Upload): void {
    upload.state = "waiting";
    next();
  }

  function pause(upload: Upload): void {
    upload.stop?.abort();
    upload.state = "paused";
    next();
    showStored(upload);
  }

  /** Shows how much of a paused upload the server has, once it has stored all that arrived. */
  async function showStored(upload: Upload): Promise<void> {
    const shown = upload.sent;
    let stored = 0;
    for (let waited = 0; waited < SETTLING_MS && stored < shown; waited += SETTLING_STEP_MS) {
      await new Promise((resolve) => setTimeout(resolve, SETTLING_STEP_MS));
      if (upload.state !== "paused" || !upload.url) return;
      const { offset } = await askOffset(upload.url);
      if (offset === undefined || upload.state !== "paused") return;
      stored = offset;
    }
    upload.sent = stored;
    log.keep(upload);
    changed();
  }

  function forget(upload: Upload): void {
    upload.stop?.abort();
    log.forget(upload);
    if (upload.url && !upload.assetId) forgetUpload(upload.url);
  }

  return {
    list,
    add,
    pause,
    resume: (upload) => upload.file && wait(upload),
    keepBoth: (upload) => {
      upload.keepsBoth = true;
      wait(upload);
    },
    skip: (upload) => {
      forget(upload);
      upload.state = "skipped";
      next();
    },
    remove: (upload) => {
      if (upload.state !== "skipped") forget(upload);
      list.splice(list.indexOf(upload), 1);
      next();
    },
  };
}

function newUpload(file: File): Upload {
  const { name, size, lastModified } = file;
  const upload: Upload = { name, size, lastModified, file, sent: 0, state: "waiting" };
  return size > 0 ? upload : { ...upload, state: "failed", reason: "empty" };
}

function interrupted({ seenAt: _, ...upload }: Unfinished): Upload {
  return { ...upload, state: upload.duplicateOf ? "duplicate" : "interrupted" };
}

function toUnfinished({ url, name, size, lastModified, sent, duplicateOf }: Upload) {
  return { url: url!, name, size, lastModified, sent, duplicateOf };
}

function isSameFile(upload: Upload, file: File): boolean {
  return upload.name === file.name && upload.size === file.size && upload.lastModified === file.lastModified;
}
