// One stream of hints a page: something changed. Whoever follows reads it anew; nothing here steals the focus.

import { showToast } from "./toasts.ts";

export interface AssetHint {
  id: string;
  change: "created" | "updated" | "removed";
  status: string;
}

export interface JobHint {
  id: string;
  asset_id: string | null;
  status: string;
  progress: number;
}

/** Called with what gathered since the last time, at most one hint a thing. */
export interface Follower {
  assets?(hints: AssetHint[]): void;
  jobs?(hints: JobHint[]): void;
  /** The stream was away for a while: anything may have changed. */
  missed?(): void;
}

const GATHER_MS = 400;
/** A tab that nobody looks at gives its connection back; browsers allow six a server. */
const HIDDEN_MS = 60_000;
const AGAIN_MS = 5_000;
/** A restart of the server is not worth a word; what lasts longer is. */
const PATIENCE_MS = 15_000;

/** Opens the stream and keeps it open while the page is seen. */
export function startLive(...followers: Follower[]): void {
  const assets = new Map<string, AssetHint>();
  const jobs = new Map<string, JobHint>();
  let source: EventSource | undefined;
  let gathering: number | undefined;
  let hiding: number | undefined;
  let complaint: number | undefined;
  let wasAway = false;

  function open(): void {
    source = new EventSource("/events");
    source.addEventListener("open", () => {
      clearTimeout(complaint);
      complaint = undefined;
      if (wasAway) { for (const follower of followers) follower.missed?.(); }
      wasAway = false;
    });
    source.addEventListener("asset", (event) => gather(assets, JSON.parse(event.data)));
    source.addEventListener("job", (event) => gather(jobs, JSON.parse(event.data)));
    source.addEventListener("error", () => {
      wasAway = true;
      complaint ??= setTimeout(() => showToast("offline"), PATIENCE_MS);
      if (source?.readyState === EventSource.CLOSED) setTimeout(reopen, AGAIN_MS);
    });
  }

  function close(): void {
    clearTimeout(complaint);
    complaint = undefined;
    source?.close();
    source = undefined;
    wasAway = true;
  }

  function reopen(): void {
    if (document.hidden || source?.readyState === EventSource.OPEN) return;
    source?.close();
    open();
  }

  function gather<Hint extends { id: string }>(into: Map<string, Hint>, hint: Hint): void {
    into.set(hint.id, hint);
    gathering ??= setTimeout(flush, GATHER_MS);
  }

  function flush(): void {
    gathering = undefined;
    const [changedAssets, changedJobs] = [[...assets.values()], [...jobs.values()]];
    assets.clear();
    jobs.clear();
    for (const follower of followers) {
      if (changedAssets.length > 0) follower.assets?.(changedAssets);
      if (changedJobs.length > 0) follower.jobs?.(changedJobs);
    }
  }

  document.addEventListener("visibilitychange", () => {
    clearTimeout(hiding);
    if (document.hidden) hiding = setTimeout(close, HIDDEN_MS);
    else if (!source) open();
  });
  addEventListener("pagehide", close);
  addEventListener("pageshow", () => source ?? open());
  open();
}
