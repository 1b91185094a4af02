// Sends letters, in every server: they share the outbox, and what one is at the others skip.
import { setTimeout as pause } from "node:timers/promises";
import type { Platform } from "../lib/platform/platform.ts";
import { deliverNext, MAILS_CHANNEL } from "../lib/mails/mails.ts";
import { writingFor } from "./ui/mails/letters.tsx";

const POLL_MS = 2_000;
/** After a failure to look. */
const AWAY_MS = 10_000;

export interface Postman {
  /** Resolves when the letter in hand is sent or given back. */
  stop(): Promise<void>;
}

/** Sends letters until stopped: when told of one, and by looking every two seconds. */
export function startPostman(platform: Platform): Postman {
  const stopping = new AbortController();
  const writing = writingFor(platform);
  let rested = new AbortController();
  let rung = false;

  const onRing = () => {
    rung = true;
    rested.abort();
  };

  async function keepDelivering(): Promise<void> {
    while (!stopping.signal.aborted) {
      rung = false;
      const found = await deliverNext(platform, writing).catch((error) => {
        platform.log.warn("postman_in_trouble", { error });
      });
      if (!found && !rung) await rest(found === undefined ? AWAY_MS : POLL_MS);
    }
  }

  async function rest(ms: number): Promise<void> {
    rested = new AbortController();
    const signal = AbortSignal.any([rested.signal, stopping.signal]);
    await pause(ms, undefined, { signal }).catch(() => {});
  }

  // Without the cache letters are found by looking.
  const subscribed = platform.cache.subscribe(MAILS_CHANNEL, onRing).catch(() => undefined);
  const delivering = keepDelivering();
  return {
    stop: async () => {
      stopping.abort();
      await delivering;
      const unsubscribe = await subscribed;
      await unsubscribe?.().catch(() => {});
    },
  };
}
