// The AMQP 0-9-1 client: connections, and the exchanges and queues that Akashi keeps on the broker.
import amqp, { type Channel, type ChannelModel, type ConfirmChannel, type ConsumeMessage } from "amqplib";
import type { Config } from "../config.ts";
import { AppError, errorMessage } from "../errors.ts";
import { queueError } from "./reasons.ts";
import type { Log } from "../observe/log.ts";

export type { Channel, ChannelModel, ConfirmChannel, ConsumeMessage };

/** Time limit of every call to the broker. */
export const TIMEOUT_MS = 5_000;
const HEARTBEAT_SECONDS = 10;
/**
 * Deliveries that end in a reject or a crash before a message is dead-lettered. The relay then publishes its job again.
 */
const DELIVERY_LIMIT = 20;
/** Longer than the maximum JOB_LIMIT_SECONDS (24 h), because the arguments of an existing queue cannot be changed. */
const CONSUMER_TIMEOUT_MS = 25 * 3600 * 1000;
const PRECONDITION_FAILED = 406;

/** Opens a connection; `onClose` is called once when it ends for any reason. Throws `unavailable`. */
export async function connect(config: Config, part: string, onClose: () => void): Promise<ChannelModel> {
  const url = new URL(config.AMQP_URL!);
  if (!url.searchParams.has("heartbeat")) url.searchParams.set("heartbeat", String(HEARTBEAT_SECONDS));
  const opening = amqp.connect(url.href, {
    // Without noDelay, Nagle's algorithm costs 44 ms per message.
    noDelay: true,
    timeout: TIMEOUT_MS,
    clientProperties: { connection_name: `${config.AMQP_PREFIX} ${part}` },
  });
  const connection = await within(opening, "open a connection").catch((error) => {
    opening.then(closeQuietly, () => {});
    throw error;
  });
  // Errors surface in the calls that fail; "close" follows every "error".
  connection.on("error", () => {});
  connection.on("close", onClose);
  return connection;
}

/** Declares the exchanges and the queues of `kinds`. Idempotent and safe to run in several processes at once. */
export async function declare(
  connection: ChannelModel,
  config: Config,
  kinds: readonly string[],
  log: Log,
): Promise<void> {
  const dead = `${config.AMQP_PREFIX}.dead`;
  await onChannel(connection, async (channel) => {
    await channel.assertExchange(exchangeName(config), "direct", { durable: true });
    await channel.assertExchange(dead, "fanout", { durable: true });
  });
  await declareQueue(connection, dead, {}, log);
  await onChannel(connection, (channel) => channel.bindQueue(dead, dead, ""));
  for (const kind of kinds) {
    await declareQueue(connection, queueName(config, kind), {
      "x-delivery-limit": DELIVERY_LIMIT,
      "x-consumer-timeout": CONSUMER_TIMEOUT_MS,
      "x-dead-letter-exchange": dead,
      // At-least-once dead-lettering requires reject-publish.
      "x-dead-letter-strategy": "at-least-once",
      "x-overflow": "reject-publish",
    }, log);
    await onChannel(
      connection,
      (channel) => channel.bindQueue(queueName(config, kind), exchangeName(config), kind),
    );
  }
}

/** An existing queue with other arguments (another version, or changed by an operator) is used as it is. */
async function declareQueue(connection: ChannelModel, name: string, more: object, log: Log): Promise<void> {
  try {
    await onChannel(
      connection,
      (channel) =>
        channel.assertQueue(name, { durable: true, arguments: { "x-queue-type": "quorum", ...more } }),
    );
  } catch (error) {
    if ((error as { code?: number }).code !== PRECONDITION_FAILED) throw error;
    log.warn("queue_arguments_differ", { queue: name, error: errorMessage(error) });
  }
}

/** A separate channel for each declaration, because the broker closes the channel of a failed one. */
async function onChannel(
  connection: ChannelModel,
  work: (channel: Channel) => Promise<unknown>,
): Promise<void> {
  const channel = await connection.createChannel();
  channel.on("error", () => {});
  await work(channel);
  await channel.close();
}

/** The exchange that all job messages are published to. */
export function exchangeName(config: Config): string {
  return `${config.AMQP_PREFIX}.jobs`;
}

/** The queue of one job kind. */
export function queueName(config: Config, kind: string): string {
  return `${config.AMQP_PREFIX}.jobs.${kind}`;
}

/** Waits for `running` for at most `TIMEOUT_MS`; any failure becomes `unavailable`. */
export async function within<T>(running: Promise<T>, what: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`it took longer than ${TIMEOUT_MS} ms to ${what}`)),
      TIMEOUT_MS,
    );
  });
  try {
    return await Promise.race([running, late]);
  } catch (error) {
    throw unavailable(error);
  } finally {
    clearTimeout(timer);
    running.catch(() => {});
  }
}

function unavailable(error: unknown): AppError {
  if (error instanceof AppError) return error;
  return queueError("unavailable", { error: errorMessage(error) }, { cause: error });
}

/** Closes a connection that may already be closed or dead. */
export async function closeQuietly(connection: ChannelModel): Promise<void> {
  try {
    await within(connection.close(), "close a connection");
  } catch { /* It is closed already, or the broker is gone: either way nothing is left to close. */ }
}
