// Rate limits and live events over Redis or Valkey. The only importer of ioredis.
import { Redis, type RedisOptions } from "ioredis";
import type { Cache } from "./cache.ts";
import type { Config } from "../config.ts";
import { AppError } from "../errors.ts";
import type { Log } from "../observe/log.ts";

/** Requests wait for this, so it is short; without a cache they pass. */
const COMMAND_TIMEOUT_MS = 1_000;
const CONNECT_TIMEOUT_MS = 1_000;
const MAX_RECONNECT_MS = 2_000;

/**
 * GCRA on the server's clock, all rules in one step, with the arithmetic of cache_embedded.ts. A key holds the
 * theoretical arrival time in milliseconds (%.4f: Lua's own text of a number drops its digits) and expires when it is
 * over. Answers the tightest rule: its index, what is left, seconds until all is back, seconds to wait.
 */
const TAKE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local turns, allowed = {}, true
for i, key in ipairs(KEYS) do
  local limit, period = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local interval = period / limit
  local slack = math.min(0.5, interval / 2)
  local base = math.max(now, tonumber(redis.call('GET', key) or now))
  local wait = base + interval - period - now
  turns[i] = { period = period, interval = interval, slack = slack, base = base, wait = wait }
  allowed = allowed and wait <= slack
end
local tightest
for i, turn in ipairs(turns) do
  if allowed then
    turn.base = turn.base + turn.interval
    redis.call('SET', KEYS[i], string.format('%.4f', turn.base), 'PX', math.ceil(turn.base - now))
  end
  local ahead = turn.base - now
  local left = math.max(0, math.floor((turn.period - ahead + turn.slack) / turn.interval))
  local retry = (allowed or turn.wait <= turn.slack) and 0 or math.ceil(turn.wait / 1000)
  if not tightest or retry > tightest[5] or (retry == tightest[5] and left < tightest[3]) then
    tightest = { allowed and 1 or 0, i, left, math.ceil(ahead / 1000), retry }
  end
end
return tightest`;

type Take = (...args: (string | number)[]) => Promise<[number, number, number, number, number]>;

/**
 * Opens the cache at `REDIS_URL` and keeps it connected. While the server is away every call but `subscribe` throws
 * `unavailable` at once; subscriptions come back by themselves, and what was sent meanwhile is lost.
 */
export function openRedisCache(config: Config, log: Log): Cache {
  const { redis, close } = connect(config, log, "commands");
  redis.defineCommand("akashiTake", { lua: TAKE });
  const take = (redis as unknown as { akashiTake: Take }).akashiTake.bind(redis);
  const settled = firstAttempt(redis);
  const subscriptions = openSubscriptions(config, log);
  const ask = async <T>(send: () => Promise<T>): Promise<T> => {
    await settled;
    try {
      return await send();
    } catch (error) {
      // A server that hangs would hold up the next call as long: look for it anew, and fail at once until it is there.
      if ((error as Error).message === "Command timed out") redis.disconnect(true);
      throw new AppError("unavailable", "The cache does not answer right now.", {
        retryAfter: 1,
        cause: error,
      });
    }
  };

  return {
    kind: "redis",
    async take(rules) {
      const keys = rules.map(({ key }) => `${config.REDIS_PREFIX}:rate:${key}`);
      const limits = rules.flatMap(({ limit, periodMs }) => [limit, periodMs]);
      const [allowed, tightest, remaining, resetSeconds, retryAfterSeconds] = await ask(() =>
        take(keys.length, ...keys, ...limits)
      );
      const { key, limit } = rules[tightest - 1]!;
      return { allowed: allowed === 1, key, limit, remaining, resetSeconds, retryAfterSeconds };
    },
    async publish(channel, event) {
      await ask(() => redis.publish(`${config.REDIS_PREFIX}:live:${channel}`, JSON.stringify(event)));
    },
    subscribe: (channel, listener) => subscriptions.add(`${config.REDIS_PREFIX}:live:${channel}`, listener),
    async check() {
      await ask(() => redis.ping());
    },
    async close() {
      close();
      await subscriptions.close();
    },
  };
}

interface Connection {
  redis: Redis;
  close(): void;
}

function connect(config: Config, log: Log, purpose: string, more: RedisOptions = {}): Connection {
  const redis = new Redis(config.REDIS_URL!, {
    connectionName: `akashi-${purpose}`,
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: COMMAND_TIMEOUT_MS,
    // A queue of waiting commands would hold up every request while the server is away.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (times) => Math.min(50 * 2 ** Math.min(times, 10), MAX_RECONNECT_MS),
    // After a failover the old primary answers that it only reads: look for the new one.
    reconnectOnError: (error) => error.message.startsWith("READONLY"),
    ...more,
  });
  let ended = false;
  let away = false;
  let reason: string | undefined;
  redis.on("error", (error: Error) => reason = error.message);
  redis.on("close", () => {
    if (!away && !ended) log.warn("cache_lost", { purpose, reason });
    away = true;
  });
  redis.on("ready", () => {
    if (away) log.info("cache_back", { purpose });
    away = false;
  });
  const close = () => {
    ended = true;
    redis.disconnect();
  };
  return { redis, close };
}

/** Until the first attempt to connect is through, calls wait for it; later they fail at once. */
function firstAttempt(redis: Redis): Promise<void> {
  return new Promise((resolve) => {
    for (const event of ["ready", "error", "close", "end"]) redis.once(event, () => resolve());
  });
}

type Listener = (event: unknown) => void;

/** One connection for all subscriptions, opened with the first of them: a subscribed one can do nothing else. */
function openSubscriptions(config: Config, log: Log) {
  const listeners = new Map<string, Set<Listener>>();
  let connection: Connection | undefined;
  let settled = Promise.resolve();

  function open(): Connection {
    const opened = connect(config, log, "events", { autoResubscribe: false });
    settled = firstAttempt(opened.redis);
    opened.redis.on("ready", () => {
      if (listeners.size > 0) opened.redis.subscribe(...listeners.keys()).catch(lost);
    });
    opened.redis.on("message", (channel: string, text: string) => {
      for (const listener of listeners.get(channel) ?? []) deliver(channel, text, listener);
    });
    return opened;
  }

  /** The connection when it is up; otherwise its `ready` will see to all subscriptions. */
  function live(): Redis | undefined {
    return connection?.redis.status === "ready" ? connection.redis : undefined;
  }

  /** A connection that does not take a subscription is of no use: the next one asks for all of them again. */
  function lost(error: Error): void {
    log.warn("cache_subscribe_failed", { error: error.message });
    live()?.disconnect(true);
  }

  function deliver(channel: string, text: string, listener: Listener): void {
    try {
      listener(JSON.parse(text));
    } catch (error) {
      log.error("live_listener_failed", { channel, error });
    }
  }

  async function remove(channel: string, listener: Listener): Promise<void> {
    const set = listeners.get(channel);
    if (!set?.delete(listener) || set.size > 0) return;
    listeners.delete(channel);
    await live()?.unsubscribe(channel).catch(lost);
  }

  return {
    async add(channel: string, listener: Listener): Promise<() => Promise<void>> {
      connection ??= open();
      // A function of its own each time: the same listener twice is two subscriptions.
      const own: Listener = (event) => listener(event);
      listeners.set(channel, (listeners.get(channel) ?? new Set()).add(own));
      await settled;
      await live()?.subscribe(channel).catch(lost);
      return () => remove(channel, own);
    },
    async close(): Promise<void> {
      listeners.clear();
      connection?.close();
      await settled;
    },
  };
}
