// RabbitMQ transport: one quorum queue per job kind, and one for dead letters.
import { Buffer } from "node:buffer";
import {
  type ChannelModel,
  closeQuietly,
  type ConfirmChannel,
  connect,
  declare,
  exchangeName,
  within,
} from "./amqp.ts";
import type { Config } from "../config.ts";
import { queueError } from "./reasons.ts";
import { newId } from "../ids.ts";
import type { Log } from "../observe/log.ts";
import { type Consumer, type JobMessage, jobMessageSchema, type Queue } from "./queue.ts";
import { startConsumer } from "./rabbitmq_consumer.ts";

/** How many jobs the relay publishes in one batch. */
const PUBLISH_BATCH = 100;

/**
 * Connects on first use. Publishing and consuming use separate connections, because brokers block publishing
 * connections.
 */
export function openRabbitQueue(config: Config, log: Log): Queue {
  const publisher = createPublisher(config, log);
  const consumers = new Set<Consumer>();
  return {
    kind: "rabbitmq",
    room: () => PUBLISH_BATCH,
    publish: (message) => publisher.publish(jobMessageSchema.parse(message)),
    consume: async (slots, handler) => {
      const consumer = await startConsumer(config, log, slots, handler);
      consumers.add(consumer);
      return consumer;
    },
    check: () => publisher.check(),
    close: async () => {
      await Promise.all([...consumers].map((consumer) => consumer.stop()));
      await publisher.close();
    },
  };
}

interface PublishLink {
  connection: ChannelModel;
  channel: ConfirmChannel;
  blocked: boolean;
  /** Kinds whose queue has been or is being declared. */
  declared: Map<string, Promise<void>>;
  /** Called when the broker returns the message with this id as unroutable. */
  returned: Map<string, () => void>;
}

function createPublisher(config: Config, log: Log) {
  let opening: Promise<PublishLink> | undefined;

  function open(): Promise<PublishLink> {
    if (opening) return opening;
    const attempt = openPublishLink(config, () => drop(attempt));
    attempt.catch(() => drop(attempt));
    return opening = attempt;
  }

  function drop(which: Promise<PublishLink>): void {
    if (opening === which) opening = undefined;
    which.then(({ connection }) => closeQuietly(connection), () => {});
  }

  async function usable(attempt: Promise<PublishLink>): Promise<PublishLink> {
    const link = await attempt;
    if (link.blocked) throw queueError("blocked");
    return link;
  }

  async function publish(message: JobMessage): Promise<void> {
    const attempt = open();
    const link = await usable(attempt);
    try {
      const { connection, declared } = link;
      if (!declared.has(message.kind)) {
        declared.set(message.kind, declare(connection, config, [message.kind], log));
      }
      await within(declared.get(message.kind)!, "declare a queue");
      if (await within(send(link, config, message), "confirm a message")) return;
    } catch (error) {
      drop(attempt);
      throw error;
    }
    link.declared.delete(message.kind);
    throw queueError("not_declared", { kind: message.kind });
  }

  return {
    publish,
    check: async () => void await usable(open()),
    close: async () => {
      const link = await opening?.catch(() => undefined);
      if (link) await closeQuietly(link.connection);
    },
  };
}

async function openPublishLink(config: Config, onClose: () => void): Promise<PublishLink> {
  const connection = await connect(config, "publisher", onClose);
  const channel = await within(connection.createConfirmChannel(), "open a channel").catch((error) => {
    closeQuietly(connection);
    throw error;
  });
  const link: PublishLink = { connection, channel, blocked: false, declared: new Map(), returned: new Map() };
  channel.on("error", () => {});
  channel.on("close", onClose);
  channel.on("return", (message) => link.returned.get(message.properties.messageId)?.());
  connection.on("blocked", () => void (link.blocked = true));
  connection.on("unblocked", () => void (link.blocked = false));
  return link;
}

/** Resolves to true when a queue has stored the message, to false when it is unroutable (`mandatory`). */
async function send(
  { channel, returned }: PublishLink,
  config: Config,
  message: JobMessage,
): Promise<boolean> {
  const messageId = newId();
  let routed = true;
  returned.set(messageId, () => void (routed = false));
  try {
    await new Promise<void>((resolve, reject) => {
      channel.publish(
        exchangeName(config),
        message.kind,
        Buffer.from(JSON.stringify(message)),
        { mandatory: true, persistent: true, contentType: "application/json", messageId },
        (error) => error ? reject(error) : resolve(),
      );
    });
    return routed;
  } finally {
    returned.delete(messageId);
  }
}
