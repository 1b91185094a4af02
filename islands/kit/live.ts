// One event stream per page with hints of changes. Followers re-read what changed; nothing here moves the focus.

import { showToast } from "./toasts.ts";

/** A live event: its topic, and the id of the thing that changed. */
interface Hint {
  type: string;
  id: string;
}

/** One topic, and what to do about its hints. */
interface Subscription {
  topic: string;
  take(hints: Hint[]): void;
}

export interface Follower {
  subscriptions: Subscription[];
  /** The stream was interrupted: any change may have been missed. */
  missed?(): void;
}

/** Calls `take` with the hints of a topic that were gathered since the last call, at most one for each id. */
export function on<Event extends Hint>(topic: Event["type"], take: (hints: Event[]) => void): Subscription {
  return { topic, take: take as Subscription["take"] };
}

const GATHER_MS = 400;
/** A hidden tab closes its connection, because browsers allow only six per server (HTTP/1.1). */
const HIDDEN_MS = 60_000;
const REOPEN_MS = 5_000;
/** A short interruption, such as a server restart, is not reported to the user. */
const OFFLINE_NOTICE_MS = 15_000;

/** Opens the event stream and keeps it open while the page is visible. */
export function startLive(...followers: Follower[]): void {
  const subscriptions = followers.flatMap((follower) => follower.subscriptions);
  const gathered = new Map(subscriptions.map(({ topic }) => [topic, new Map<string, Hint>()]));
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
    for (const [topic, hints] of gathered) {
      source.addEventListener(topic, (event) => gather(hints, JSON.parse(event.data)));
    }
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

  function gather(into: Map<string, Hint>, hint: Hint): void {
    into.set(hint.id, hint);
    gathering ??= setTimeout(flush, GATHER_MS);
  }

  function flush(): void {
    gathering = undefined;
    const changed = new Map([...gathered].map(([topic, hints]) => [topic, [...hints.values()]]));
    for (const hints of gathered.values()) hints.clear();
    for (const { topic, take } of subscriptions) {
      const hints = changed.get(topic)!;
      if (hints.length > 0) take(hints);
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
