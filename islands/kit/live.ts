// One event stream per page with hints of changes. Followers re-read what changed; nothing here moves the focus.

import type { AssetEvent } from "../../lib/library/assets/events.ts";
import type { JobEvent } from "../../lib/work/jobs/events.ts";
import { showToast } from "./toasts.ts";

export type AssetHint = AssetEvent;
export type JobHint = JobEvent;

/** Called with the hints gathered since the last call, at most one per asset or job. */
export interface Follower {
  assets?(hints: AssetHint[]): void;
  jobs?(hints: JobHint[]): void;
  /** The stream was interrupted: any change may have been missed. */
  missed?(): void;
}

const GATHER_MS = 400;
/** A hidden tab closes its connection, because browsers allow only six per server (HTTP/1.1). */
const HIDDEN_MS = 60_000;
const REOPEN_MS = 5_000;
/** A short interruption, such as a server restart, is not reported to the user. */
const OFFLINE_NOTICE_MS = 15_000;

/** Opens the event stream and keeps it open while the page is visible. */
export function startLive(...followers: Follower[]): void {
  const assets = new Map<string, AssetHint>();
  const jobs = new Map<string, JobHint>();
  let source: EventSource | undefined;
  let gathering: number | undefined;
  let hiding: number | undefined;
  let offlineNotice: number | undefined;
  let missedEvents = false;

  function open(): void {
    source = new EventSource("/events");
    source.addEventListener("open", () => {
      clearTimeout(offlineNotice);
      offlineNotice = undefined;
      if (missedEvents) { for (const follower of followers) follower.missed?.(); }
      missedEvents = false;
    });
    source.addEventListener("asset", (event) => gather(assets, JSON.parse(event.data)));
    source.addEventListener("job", (event) => gather(jobs, JSON.parse(event.data)));
    source.addEventListener("error", () => {
      missedEvents = true;
      offlineNotice ??= setTimeout(() => showToast("offline"), OFFLINE_NOTICE_MS);
      if (source?.readyState === EventSource.CLOSED) setTimeout(reopen, REOPEN_MS);
    });
  }

  function close(): void {
    clearTimeout(offlineNotice);
    offlineNotice = undefined;
    source?.close();
    source = undefined;
    missedEvents = true;
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
