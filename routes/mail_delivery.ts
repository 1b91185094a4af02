// Delivers the mails of the outbox. Every server does; each mail is leased to one of them.
import { setTimeout as pause } from "node:timers/promises";
import type { Platform } from "../lib/platform/platform.ts";
import { deliverNext, MAILS_CHANNEL } from "../lib/mails/mails.ts";
import { mailWriter } from "./ui/mails/letters.tsx";

const POLL_MS = 2_000;
/** Delay after the outbox could not be read. */
const RETRY_MS = 10_000;

export interface MailDelivery {
  /** Resolves when the current mail has been sent or returned to the outbox. */
  stop(): Promise<void>;
}

/** Delivers mails until stopped: on each wake-up event, and by polling every two seconds. */
export function startMailDelivery(platform: Platform): MailDelivery {
  const stopping = new AbortController();
  const writer = mailWriter(platform);
  let sleeping = new AbortController();
  let woken = false;

  const onWake = () => {
    woken = true;
    sleeping.abort();
  };

  async function keepDelivering(): Promise<void> {
    while (!stopping.signal.aborted) {
      woken = false;
      const found = await deliverNext(platform, writer).catch((error) => {
        platform.log.warn("mail_delivery_failed", { error });
      });
      if (!found && !woken) await sleep(found === undefined ? RETRY_MS : POLL_MS);
    }
  }

  async function sleep(ms: number): Promise<void> {
    sleeping = new AbortController();
    const signal = AbortSignal.any([sleeping.signal, stopping.signal]);
    await pause(ms, undefined, { signal }).catch(() => {});
  }

  // Without the cache, mails are only found by polling.
  const subscribed = platform.cache.subscribe(MAILS_CHANNEL, onWake).catch(() => undefined);
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
