// The queue inside one process. The jobs table keeps what matters, so nothing here outlives the process.
import { AppError } from "../errors.ts";
import {
  type ConsumeOptions,
  type Consumer,
  type JobMessage,
  jobMessageSchema,
  type Queue,
  type Verdict,
} from "./queue.ts";

/** Messages that may wait here; beyond it the relay leaves jobs in the table, where another process can take them. */
const MAX_WAITING = 1_000;
/** How long a message rests that its handler could not look at. */
const AGAIN_DELAY_MS = 500;

type Handler = (message: JobMessage) => Promise<Verdict>;

interface Hand {
  kinds: readonly string[];
  concurrency: number;
  handler: Handler;
  running: Map<Promise<void>, string>;
}

/** Makes a queue that hands messages to the consumers of this process, each kind in the order of publishing. */
export function openEmbeddedQueue(): Queue {
  const waiting: JobMessage[] = [];
  const hands = new Set<Hand>();
  const resting = new Set<ReturnType<typeof setTimeout>>();
  let closed = false;

  function pump(): void {
    for (let at = 0; at < waiting.length;) {
      const hand = [...hands].find((hand) => freeSlots(hand, waiting[at]!.kind) > 0);
      if (hand) begin(hand, waiting.splice(at, 1)[0]!);
      else at += 1;
    }
  }

  function begin(hand: Hand, message: JobMessage): void {
    const run = hand.handler(message).catch((): Verdict => "again").then((verdict) => {
      hand.running.delete(run);
      if (verdict === "again") rest(message);
      pump();
    });
    hand.running.set(run, message.kind);
  }

  function rest(message: JobMessage): void {
    if (closed) return;
    const timer = setTimeout(() => {
      resting.delete(timer);
      waiting.push(message);
      pump();
    }, AGAIN_DELAY_MS);
    resting.add(timer);
  }

  return {
    kind: "embedded",
    room(kind) {
      const free = [...hands].reduce((sum, hand) => sum + freeSlots(hand, kind), 0);
      return Math.max(0, free - waiting.filter((message) => message.kind === kind).length);
    },
    publish(message) {
      if (closed || waiting.length >= MAX_WAITING) {
        return Promise.reject(new AppError("unavailable", "The queue takes no more jobs right now."));
      }
      waiting.push(jobMessageSchema.parse(message));
      queueMicrotask(pump);
      return Promise.resolve();
    },
    consume(options: ConsumeOptions, handler: Handler): Promise<Consumer> {
      const hand: Hand = { ...options, handler, running: new Map() };
      hands.add(hand);
      queueMicrotask(pump);
      return Promise.resolve({
        isLive: () => hands.has(hand),
        stop: async () => {
          hands.delete(hand);
          await Promise.allSettled(hand.running.keys());
        },
      });
    },
    check: () =>
      closed ? Promise.reject(new AppError("unavailable", "The queue is closed.")) : Promise.resolve(),
    close() {
      closed = true;
      hands.clear();
      for (const timer of resting) clearTimeout(timer);
      return Promise.resolve();
    },
  };
}

function freeSlots(hand: Hand, kind: string): number {
  if (!hand.kinds.includes(kind)) return 0;
  return hand.concurrency - [...hand.running.values()].filter((running) => running === kind).length;
}
