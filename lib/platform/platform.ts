import type { Cache } from "./cache/cache.ts";
import type { Clock } from "./clock.ts";
import type { Config } from "./config.ts";
import type { Database } from "./db/database.ts";
import type { Log } from "./observe/log.ts";
import type { Mail } from "./mail/mail.ts";
import type { Queue } from "./queue/queue.ts";
import type { Storage } from "./storage/storage.ts";

/** The adapters of one process, each behind its own interface; `lib/platform/open.ts` opens them. */
export interface Platform {
  config: Config;
  db: Database;
  storage: Storage;
  cache: Cache;
  queue: Queue;
  mail: Mail;
  log: Log;
  clock: Clock;
}
