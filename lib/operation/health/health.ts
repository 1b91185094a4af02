// Health of the installation: every part is checked in parallel, each with a time limit of its own.
import type { Platform } from "../../platform/platform.ts";
import { AppError } from "../../platform/errors.ts";
import { healthError } from "./reasons.ts";
import { countLiveWorkers } from "../../work/jobs/workers.ts";
import { countStuckMails } from "../../mails/mails.ts";

export interface Health {
  status: "ok" | "degraded";
  /** False when the database or the storage is unavailable, so that nothing works. */
  usable: boolean;
  parts: Record<"database" | "storage" | "cache" | "queue" | "workers" | "mail", string>;
}

const LIMIT_MS = 4_000;
const NO_MAIL = "not set up: SMTP_URL is not set";

/** The endpoint is public: however often it is called, the parts are checked once in this time. */
const CACHE_MS = 1_000;
const cached = new WeakMap<Platform, { at: number; health: Promise<Health> }>();

/** The state of every part, at most a second old: `ok` or what is wrong with it. */
export function checkHealth(platform: Platform): Promise<Health> {
  const known = cached.get(platform);
  if (known && performance.now() - known.at < CACHE_MS) return known.health;
  const health = checkAll(platform);
  cached.set(platform, { at: performance.now(), health });
  return health;
}

async function checkAll(platform: Platform): Promise<Health> {
  const { db, storage, cache, queue } = platform;
  const [database, objects, cacheState, queued, workers, mail] = await Promise.all([
    probe(() => db.check()),
    probe(() => storage.check()),
    probe(() => cache.check()),
    probe(() => queue.check()),
    probe(async () => {
      if (await countLiveWorkers(db) === 0) throw healthError("no_worker");
    }),
    probe(async () => {
      const stuck = await countStuckMails(platform);
      if (stuck > 0) throw healthError("mails_stuck", { count: stuck });
    }),
  ]);
  const parts = { database, storage: objects, cache: cacheState, queue: queued, workers, mail };
  const hasMail = platform.mail.kind !== "none";
  return {
    status: Object.values(parts).every((part) => part === "ok") ? "ok" : "degraded",
    usable: database === "ok" && objects === "ok",
    // An installation without e-mail is not degraded.
    parts: hasMail ? parts : { ...parts, mail: NO_MAIL },
  };
}

async function probe(check: () => Promise<unknown>): Promise<string> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(healthError("timed_out", { milliseconds: LIMIT_MS })), LIMIT_MS);
  });
  try {
    await Promise.race([check(), late]);
    return "ok";
  } catch (error) {
    // The answer is public: messages of outside parts may name hosts and logins.
    return error instanceof AppError ? error.message : "does not answer";
  } finally {
    clearTimeout(timer);
  }
}
