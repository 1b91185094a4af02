// Uploads interrupted by a reload or crash, stored in this browser per user.

/** What identifies the file again, and where to resume. */
export interface Unfinished {
  url: string;
  name: string;
  size: number;
  lastModified: number;
  sent: number;
  /** The asset that has the same bytes, when the person has yet to decide about that. */
  duplicateOf?: string;
  /** When a page last worked on it; other tabs ignore it while that is recent. */
  seenAt: number;
}

export interface UnfinishedList {
  /** Uploads that no open page works on. */
  read(): Unfinished[];
  keep(upload: Omit<Unfinished, "seenAt">): void;
  forget(url: string): void;
}

const BUSY_MS = 15_000;
/** The server deletes idle uploads as well. */
const MAX_AGE_MS = 7 * 24 * 3600 * 1000;

/** Opens the stored list of a user's unfinished uploads. */
export function openUnfinishedList(userId: string): UnfinishedList {
  const key = `akashi.uploads.${userId}`;

  function readAll(): Unfinished[] {
    try {
      const list: Unfinished[] = JSON.parse(localStorage.getItem(key) ?? "[]");
      return list.filter((upload) => Date.now() - upload.seenAt < MAX_AGE_MS);
    } catch {
      return [];
    }
  }

  function write(list: Unfinished[]): void {
    try {
      localStorage.setItem(key, JSON.stringify(list));
    } catch {
      // When storage is full or blocked, the upload cannot be resumed after a reload, but it continues.
    }
  }

  return {
    read: () => readAll().filter((upload) => Date.now() - upload.seenAt > BUSY_MS || isOwnReload()),
    keep: (upload) => write([...without(readAll(), upload.url), { ...upload, seenAt: Date.now() }]),
    forget: (url) => write(without(readAll(), url)),
  };
}

function without(list: Unfinished[], url: string): Unfinished[] {
  return list.filter((upload) => upload.url !== url);
}

/** After a reload of this tab, recent uploads were sent by this tab itself. */
function isOwnReload(): boolean {
  const [entry] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  return entry?.type === "reload";
}
