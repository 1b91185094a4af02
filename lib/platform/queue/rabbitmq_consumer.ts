// The consumer side of the RabbitMQ transport.
import { setTimeout as pause } from "node:timers/promises";
import {
  type Channel,
  closeQuietly,
  connect,
  type ConsumeMessage,
  declare,
  queueName,
  within,
} from "./amqp.ts";
import type { Config } from "../config.ts";
import { errorMessage } from "../errors.ts";
import type { Log } from "../observe/log.ts";
import { type Consumer, type JobMessage, jobMessageSchema, type Slots, type Verdict } from "./queue.ts";

const REBUILD_DELAY_MS = { first: 250, longest: 10_000 };
/** Delay before a failed message is requeued, multiplied by the number of deliveries so far. */
const AGAIN_DELAY_MS = { step: 500, longest: 15_000 };

type Handler = (message: JobMessage) => Promise<Verdict>;

/**
 * Starts a consumer that is rebuilt whenever its connection, its channel or one of its queues is lost. Resolves after
 * the first attempt, successful or not.
 */
export async function startConsumer(
  config: Config,
  log: Log,
  slotsOf: Slots,
  handler: Handler,
): Promise<Consumer> {
  const kinds = Object.keys(slotsOf);
  const running = new Set<Promise<void>>();
  const stopping = new AbortController();
  const stopped = Promise.withResolvers<void>();
  stopping.signal.addEventListener("abort", () => stopped.resolve());
  const rest = (ms: number) => pause(ms, undefined, { signal: stopping.signal }).catch(() => {});
  const firstAttempt = Promise.withResolvers<void>();
  let live = false;

  async function keepConsuming(): Promise<void> {
    for (let failures = 0; !stopping.signal.aborted;) {
      try {
        await consumeOnce(() => failures = 0);
      } catch (error) {
        if (!stopping.signal.aborted) {
          log.warn("queue_consumer_lost", { kinds, failures, error: errorMessage(error) });
        }
      }
      live = false;
      firstAttempt.resolve();
      if (!stopping.signal.aborted) await rest(rebuildDelay(failures++));
    }
  }

  async function consumeOnce(onLive: () => void): Promise<void> {
    const lost = Promise.withResolvers<never>();
    lost.promise.catch(() => {});
    const fail = (reason: string) => lost.reject(new Error(reason));
    const connection = await connect(config, "consumer", () => fail("connection closed"));
    try {
      await within(declare(connection, config, kinds, log), "declare the queues");
      const channel = await within(connection.createChannel(), "open a channel");
      channel.on("error", (error) => fail(error.message));
      channel.on("close", () => fail("channel closed"));
      const tags = await consumeKinds(channel, (message) => take(channel, message, fail));
      live = true;
      onLive();
      firstAttempt.resolve();
      log.info("queue_consumer_live", { kinds });
      await Promise.race([lost.promise, stopped.promise]);
      live = false;
      for (const tag of tags) await within(channel.cancel(tag), "cancel a consumer");
      await Promise.race([lost.promise, Promise.allSettled(running)]);
      await within(channel.close(), "close a channel");
    } finally {
      live = false;
      await closeQuietly(connection);
    }
  }

  async function consumeKinds(channel: Channel, onMessage: (message: ConsumeMessage | null) => void) {
    const tags: string[] = [];
    // The prefetch count applies to the consumers that are started after it.
    for (const [kind, slots] of Object.entries(slotsOf)) {
      await within(channel.prefetch(slots), "set the prefetch");
      const { consumerTag } = await within(channel.consume(queueName(config, kind), onMessage), "consume");
      tags.push(consumerTag);
    }
    return tags;
  }

  function take(channel: Channel, message: ConsumeMessage | null, fail: (reason: string) => void): void {
    if (!message) return fail("the broker cancelled the consumer");
    // A lost channel accepts no acknowledgement; the broker has already redelivered the message.
    const tell = (verdict: () => void) => {
      try {
        verdict();
      } catch { /* see above */ }
    };
    if (stopping.signal.aborted) return tell(() => channel.nack(message, false, true));
    const run = handle(message).then((verdict) => tell(() => settle(channel, message, verdict)))
      .finally(() => running.delete(run));
    running.add(run);
  }

  async function handle(message: ConsumeMessage): Promise<Verdict> {
    const job = readMessage(message);
    if (!job) {
      log.warn("queue_message_unreadable", {
        queue: message.fields.routingKey,
        bytes: message.content.length,
      });
      return "dead";
    }
    const verdict = await handler(job).catch((error): Verdict => {
      log.error("queue_handler_failed", { job_id: job.jobId, error });
      return "again";
    });
    if (verdict === "again") await rest(againDelay(message));
    return verdict;
  }

  /** Only a reject counts toward the delivery limit; a shutdown is not the message's fault, so it is a nack. */
  function settle(channel: Channel, message: ConsumeMessage, verdict: Verdict): void {
    if (verdict === "done") channel.ack(message);
    else if (verdict === "again" && stopping.signal.aborted) channel.nack(message, false, true);
    else channel.reject(message, verdict === "again");
  }

  const consuming = keepConsuming();
  await firstAttempt.promise;
  return {
    isLive: () => live,
    stop: async () => {
      stopping.abort();
      await consuming;
      await Promise.allSettled(running);
    },
  };
}

function readMessage(message: ConsumeMessage): JobMessage | undefined {
  try {
    return jobMessageSchema.parse(JSON.parse(message.content.toString()));
  } catch {
    return undefined;
  }
}

function againDelay(message: ConsumeMessage): number {
  const deliveries = Number(message.properties.headers?.["x-delivery-count"] ?? 0) + 1;
  return Math.min(AGAIN_DELAY_MS.step * deliveries, AGAIN_DELAY_MS.longest);
}

function rebuildDelay(failures: number): number {
  const delay = Math.min(REBUILD_DELAY_MS.first * 2 ** Math.min(failures, 10), REBUILD_DELAY_MS.longest);
  return delay * (0.75 + Math.random() / 2);
}
