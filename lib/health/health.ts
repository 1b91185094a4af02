// Whether this installation can do its work: each part asked in parallel, each with a limit of its own.
import type { Platform } from "../context.ts";
import { errorMessage } from "../platform/errors.ts";
import { countLiveWorkers } from "../jobs/runs.ts";

export interface Health {
  status: "ok" | "degraded";
  /** False when people cannot work at all: database or storage is away. */
  usable: boolean;
  parts: Record<"database" | "storage" | "cache" | "queue" | "workers", string>;
}

const LIMIT_MS = 4_000;

/** Asks every part. Each answers `ok` or what is wrong with it. */
export async function checkHealth(platform: Platform): Promise<Health> {
  const { db, storage, cache, queue } = platform;
  const [database, objects, cached, queued, workers] = await Promise.all([
    ask(() => db.check()),
    ask(() => storage.check()),
    ask(() => cache.check()),
    ask(() => queue.check()),
    ask(async () => {
      if (await countLiveWorkers(db) === 0) throw new Error("no live worker");
    }),
  ]);
  const parts = { database, storage: objects, cache: cached, queue: queued, workers };
  return {
    status: Object.values(parts).every((part) => part === "ok") ? "ok" : "degraded",
    usable: database === "ok" && objects === "ok",
    parts,
  };
}

async function ask(check: () => Promise<unknown>): Promise<string> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${LIMIT_MS} ms`)), LIMIT_MS);
  });
  try {
    await Promise.race([check(), late]);
    return "ok";
  } catch (error) {
    return errorMessage(error);
  } finally {
    clearTimeout(timer);
  }
}
