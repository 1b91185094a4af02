// Changes to the broker from outside, for tests of how Akashi reacts.
import amqp from "amqplib";
import { Buffer } from "node:buffer";
import { JOB_KINDS, JOB_TYPES } from "../../lib/library/kinds.ts";
import type { Config } from "../../lib/platform/config.ts";
import { queueOf } from "../../workers/runtime/slots.ts";

/** Those of the kinds that workers run, and of those that tests declare. */
const QUEUES = new Set([
  ...JOB_TYPES,
  ...JOB_KINDS.flatMap((kind) => [queueOf(kind, false), queueOf(kind, true)]),
]);

/** Runs `work` on a separate connection. */
export async function withBroker<T>(config: Config, work: (channel: amqp.Channel) => Promise<T>): Promise<T> {
  // A machine that runs browsers and transcodes beside it makes the broker slow to accept.
  const connection = await amqp.connect(config.AMQP_URL!, { noDelay: true, timeout: 30_000 });
  connection.on("error", () => {});
  try {
    const channel = await connection.createChannel();
    channel.on("error", () => {});
    return await work(channel);
  } finally {
    await connection.close();
  }
}

/** Publishes arbitrary bytes to the consumers of `kind`. */
export function publishRaw(config: Config, kind: string, content: string): Promise<void> {
  return withBroker(config, async (channel) => {
    channel.publish(`${config.AMQP_PREFIX}.jobs`, kind, Buffer.from(content), { persistent: true });
    await channel.checkExchange(`${config.AMQP_PREFIX}.jobs`);
  });
}

/** The number of messages in the dead letter queue. */
export function countDead(config: Config): Promise<number> {
  return withBroker(
    config,
    async (channel) => (await channel.checkQueue(`${config.AMQP_PREFIX}.dead`)).messageCount,
  );
}

/** Deletes the queue of `kind` while it has consumers. */
export function deleteQueue(config: Config, kind: string): Promise<unknown> {
  return withBroker(config, (channel) => channel.deleteQueue(`${config.AMQP_PREFIX}.jobs.${kind}`));
}

/** Removes every exchange and queue that a test declared. */
export async function removeQueues(config: Config, kinds: Iterable<string> = QUEUES): Promise<void> {
  if (!config.AMQP_URL) return;
  await withBroker(config, async (channel) => {
    for (const kind of kinds) await channel.deleteQueue(`${config.AMQP_PREFIX}.jobs.${kind}`);
    await channel.deleteQueue(`${config.AMQP_PREFIX}.dead`);
    await channel.deleteExchange(`${config.AMQP_PREFIX}.jobs`);
    await channel.deleteExchange(`${config.AMQP_PREFIX}.dead`);
  });
}
