// Rate limits and live events over Redis or Valkey. The only importer of ioredis.
import { Redis, type RedisOptions } from "ioredis";
import type { Cache } from "./cache.ts";
import type { Config } from "../config.ts";
import { cacheError } from "./reasons.ts";
import type { Log } from "../observe/log.ts";

/** Short, because requests wait for it. When it times out, they pass without a limit. */
const COMMAND_TIMEOUT_MS = 1_000;
const CONNECT_TIMEOUT_MS = 1_000;
const MAX_RECONNECT_MS = 2_000;

/**
 * GCRA on the server's clock, all rules atomically, with the arithmetic of embedded.ts. A key holds the theoretical
 * arrival time in milliseconds (%.4f, because Lua's default number format loses digits) and expires when that time has
 * passed. It is at most one period ahead, unless the clock was set back, and counts as no more. Returns the tightest rule: its index, requests remaining, seconds until full reset, seconds to wait.
 */
const TAKE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local states, allowed = {}, true
for i, key in ipairs(KEYS) do
  local limit, period = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local interval = period / limit
  local tolerance = math.min(0.5, interval / 2)
  -- Whatever else a key holds, of another type or no number, counts as absent and is overwritten.
  local stored = redis.pcall('GET', key)
  local ahead = tonumber(type(stored) == 'string' and stored or now) or now
  if ahead ~= ahead then ahead = now end
  local base = math.min(math.max(now, ahead), now + period)
  local wait = base + interval - period - now
  states[i] = { period = period, interval = interval, tolerance = tolerance, base = base, wait = wait }
  allowed = allowed and wait <= tolerance
end
local tightest
for i, state in ipairs(states) do
  if allowed then
    state.base = state.base + state.interval
    redis.call('SET', KEYS[i], string.format('%.4f', state.base), 'PX', math.ceil(state.base - now))
  end
  local ahead = state.base - now
  local remaining = math.max(0, math.floor((state.period - ahead + state.tolerance) / state.interval))
  local retry = (allowed or state.wait <= state.tolerance) and 0 or math.ceil(state.wait / 1000)
  if not tightest or retry > tightest[5] or (retry == tightest[5] and remaining < tightest[3]) then
    tightest = { allowed and 1 or 0, i, remaining, math.ceil(ahead / 1000), retry }
  end
end
return tightest`;

type Take = (...args: (string | number)[]) => Promise<[number, number, number, number, number]>;

/**
 * Opens the cache at `REDIS_URL` and keeps it connected. While the server cannot be reached every call but `subscribe`
 * throws `unavailable` at once. Subscriptions are restored on reconnect; events sent in the meantime are lost.
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
      // A hanging server would delay the next call as much: reconnect, and fail fast until the connection is back.
      if ((error as Error).message === "Command timed out") redis.disconnect(true);
      throw cacheError("unavailable", {}, { cause: error });
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
    // With an offline queue, every request would wait while the server cannot be reached.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (times) => Math.min(50 * 2 ** Math.min(times, 10), MAX_RECONNECT_MS),
    // After a failover the old primary answers READONLY: reconnect to find the new one.
    reconnectOnError: (error) => error.message.startsWith("READONLY"),
    ...more,
  });
  let ended = false;
  let disconnected = false;
  let reason: string | undefined;
  redis.on("error", (error: Error) => reason = error.message);
  redis.on("close", () => {
    if (!disconnected && !ended) log.warn("cache_lost", { purpose, reason });
    disconnected = true;
  });
  redis.on("ready", () => {
    if (disconnected) log.info("cache_restored", { purpose });
    disconnected = false;
  });
  const close = () => {
    ended = true;
    redis.disconnect();
  };
  return { redis, close };
}

/** Calls wait until the first connection attempt has ended; after that they fail fast. */
function firstAttempt(redis: Redis): Promise<void> {
  return new Promise((resolve) => {
    for (const event of ["ready", "error", "close", "end"]) redis.once(event, () => resolve());
  });
}

type Listener = (event: unknown) => void;

/** One connection for all subscriptions, opened on first use: in subscriber mode it accepts no other commands. */
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

  /** The connection when it is ready; otherwise its `ready` handler restores all subscriptions. */
  function live(): Redis | undefined {
    return connection?.redis.status === "ready" ? connection.redis : undefined;
  }

  /** A connection that rejects a subscription is dropped; the next one restores all of them. */
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
      // A new function each time: subscribing the same listener twice makes two subscriptions.
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
