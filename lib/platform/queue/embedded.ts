// The in-process queue. Messages are not persisted: the jobs table is the source of truth.
import { queueError } from "./reasons.ts";
import {
  type Consumer,
  type JobMessage,
  jobMessageSchema,
  type Queue,
  type Slots,
  type Verdict,
} from "./queue.ts";

/** Capacity. Above it the relay leaves jobs in the table, where another process can claim them. */
const MAX_WAITING = 1_000;
/** Delay before a message is redelivered after its handler failed. */
const AGAIN_DELAY_MS = 500;

type Handler = (message: JobMessage) => Promise<Verdict>;

interface Subscription {
  slots: Slots;
  handler: Handler;
  running: Map<Promise<void>, string>;
}

/** Creates a queue that delivers messages to consumers in this process, in order of publishing for each kind. */
export function openEmbeddedQueue(): Queue {
  const waiting: JobMessage[] = [];
  const subscriptions = new Set<Subscription>();
  const timers = new Set<ReturnType<typeof setTimeout>>();
  let closed = false;

  function pump(): void {
    for (let at = 0; at < waiting.length;) {
      const subscription = [...subscriptions].find((each) => freeSlots(each, waiting[at]!.kind) > 0);
      if (subscription) start(subscription, waiting.splice(at, 1)[0]!);
      else at += 1;
    }
  }

  function start(subscription: Subscription, message: JobMessage): void {
    const run = subscription.handler(message).catch((): Verdict => "again").then((verdict) => {
      subscription.running.delete(run);
      if (verdict === "again") redeliverLater(message);
      pump();
    });
    subscription.running.set(run, message.kind);
  }

  function redeliverLater(message: JobMessage): void {
    if (closed) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      waiting.push(message);
      pump();
    }, AGAIN_DELAY_MS);
    timers.add(timer);
  }

  return {
    kind: "embedded",
    room(kind) {
      const free = [...subscriptions].reduce((sum, subscription) => sum + freeSlots(subscription, kind), 0);
      return Math.max(0, free - waiting.filter((message) => message.kind === kind).length);
    },
    publish(message) {
      if (closed || waiting.length >= MAX_WAITING) {
        return Promise.reject(queueError("full"));
      }
      waiting.push(jobMessageSchema.parse(message));
      queueMicrotask(pump);
      return Promise.resolve();
    },
    consume(slots: Slots, handler: Handler): Promise<Consumer> {
      const subscription: Subscription = { slots, handler, running: new Map() };
      subscriptions.add(subscription);
      queueMicrotask(pump);
      return Promise.resolve({
        isLive: () => subscriptions.has(subscription),
        stop: async () => {
          subscriptions.delete(subscription);
          await Promise.allSettled(subscription.running.keys());
        },
      });
    },
    check: () => closed ? Promise.reject(queueError("closed")) : Promise.resolve(),
    close() {
      closed = true;
      subscriptions.clear();
      for (const timer of timers) clearTimeout(timer);
      return Promise.resolve();
    },
  };
}

function freeSlots(subscription: Subscription, kind: string): number {
  const running = [...subscription.running.values()].filter((each) => each === kind);
  return (subscription.slots[kind] ?? 0) - running.length;
}
