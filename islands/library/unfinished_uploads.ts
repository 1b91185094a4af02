// Uploads that a reload or a crash cut off, remembered on this device for the person who began them.

/** What is needed to know the file again and to go on where it stopped. */
export interface Unfinished {
  url: string;
  name: string;
  size: number;
  lastModified: number;
  sent: number;
  /** When a page last worked on it; another tab leaves it alone while that is recent. */
  seenAt: number;
}

export interface UnfinishedList {
  /** Those that no open page works on. */
  read(): Unfinished[];
  keep(upload: Omit<Unfinished, "seenAt">): void;
  forget(url: string): void;
}

const BUSY_MS = 15_000;
/** The server forgets an upload after a while as well. */
const KEPT_MS = 7 * 24 * 3600 * 1000;

export function openUnfinishedList(userId: string): UnfinishedList {
  const key = `akashi.uploads.${userId}`;

  function readAll(): Unfinished[] {
    try {
      const list: Unfinished[] = JSON.parse(localStorage.getItem(key) ?? "[]");
      return list.filter((upload) => Date.now() - upload.seenAt < KEPT_MS);
    } catch {
      return [];
    }
  }

  function write(list: Unfinished[]): void {
    try {
      localStorage.setItem(key, JSON.stringify(list));
    } catch {
      // A full or forbidden store costs the memory of this upload, not the upload.
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

/** After a reload of this tab, what was being sent a moment ago was sent by this tab. */
function isOwnReload(): boolean {
  const [entry] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  return entry?.type === "reload";
}
