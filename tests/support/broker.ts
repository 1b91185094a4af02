// The broker as an operator would touch it, for tests of what Akashi does about it.
import amqp from "amqplib";
import { Buffer } from "node:buffer";
import { JOB_TYPES } from "../../lib/work/jobs/schema.ts";
import type { Config } from "../../lib/platform/config.ts";

/** Does something on a connection of its own. */
export async function withBroker<T>(config: Config, work: (channel: amqp.Channel) => Promise<T>): Promise<T> {
  // Browsers and transcodes beside it can keep a broker waiting.
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

/** Puts any bytes in front of the consumers of `kind`. */
export function publishRaw(config: Config, kind: string, content: string): Promise<void> {
  return withBroker(config, async (channel) => {
    channel.publish(`${config.AMQP_PREFIX}.jobs`, kind, Buffer.from(content), { persistent: true });
    await channel.checkExchange(`${config.AMQP_PREFIX}.jobs`);
  });
}

/** How many messages wait in the queue for what nobody can read. */
export function countDead(config: Config): Promise<number> {
  return withBroker(
    config,
    async (channel) => (await channel.checkQueue(`${config.AMQP_PREFIX}.dead`)).messageCount,
  );
}

/** Deletes the queue of `kind` under the feet of its consumers. */
export function deleteQueue(config: Config, kind: string): Promise<unknown> {
  return withBroker(config, (channel) => channel.deleteQueue(`${config.AMQP_PREFIX}.jobs.${kind}`));
}

/** Removes every exchange and queue that a test left. */
export async function removeQueues(config: Config, kinds: readonly string[] = JOB_TYPES): Promise<void> {
  if (!config.AMQP_URL) return;
  await withBroker(config, async (channel) => {
    for (const kind of kinds) await channel.deleteQueue(`${config.AMQP_PREFIX}.jobs.${kind}`);
    await channel.deleteQueue(`${config.AMQP_PREFIX}.dead`);
    await channel.deleteExchange(`${config.AMQP_PREFIX}.jobs`);
    await channel.deleteExchange(`${config.AMQP_PREFIX}.dead`);
  });
}
