// Whether this installation can do its work: each part asked in parallel, each with a limit of its own.
import type { Platform } from "../../platform/platform.ts";
import { AppError } from "../../platform/errors.ts";
import { healthError } from "./reasons.ts";
import { countLiveWorkers } from "../../work/jobs/runs.ts";
import { countStuckMails } from "../../mails/mails.ts";

export interface Health {
  status: "ok" | "degraded";
  /** False when people cannot work at all: database or storage is away. */
  usable: boolean;
  parts: Record<"database" | "storage" | "cache" | "queue" | "workers" | "mail", string>;
}

const LIMIT_MS = 4_000;
const NO_MAIL = "not set up: SMTP_URL is not set";

/** Anybody may ask: however many do, the parts are asked once in this time. */
const KEPT_MS = 1_000;
const kept = new WeakMap<Platform, { at: number; health: Promise<Health> }>();

/** How every part was within the last second: `ok` or what is wrong with it. */
export function checkHealth(platform: Platform): Promise<Health> {
  const known = kept.get(platform);
  if (known && Date.now() - known.at < KEPT_MS) return known.health;
  const health = askAll(platform);
  kept.set(platform, { at: Date.now(), health });
  return health;
}

async function askAll(platform: Platform): Promise<Health> {
  const { db, storage, cache, queue } = platform;
  const [database, objects, cached, queued, workers, mail] = await Promise.all([
    ask(() => db.check()),
    ask(() => storage.check()),
    ask(() => cache.check()),
    ask(() => queue.check()),
    ask(async () => {
      if (await countLiveWorkers(db) === 0) throw healthError("no_worker");
    }),
    ask(async () => {
      const stuck = await countStuckMails(platform);
      if (stuck > 0) throw healthError("mails_stuck", { count: stuck });
    }),
  ]);
  const parts = { database, storage: objects, cache: cached, queue: queued, workers, mail };
  const hasMail = platform.mail.kind !== "none";
  return {
    status: Object.values(parts).every((part) => part === "ok") ? "ok" : "degraded",
    usable: database === "ok" && objects === "ok",
    // Going without is a choice, and no fault that anybody should be called for.
    parts: hasMail ? parts : { ...parts, mail: NO_MAIL },
  };
}

async function ask(check: () => Promise<unknown>): Promise<string> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(healthError("timed_out", { milliseconds: LIMIT_MS })), LIMIT_MS);
  });
  try {
    await Promise.race([check(), late]);
    return "ok";
  } catch (error) {
    // Strangers read this: what an outside part says of itself (hosts, logins) is for the log.
    return error instanceof AppError ? error.message : "does not answer";
  } finally {
    clearTimeout(timer);
  }
}
