// Starts the embedded PostgreSQL in a Web Worker, so that a long query does not block the event loop.

import { setTimeout as pause } from "node:timers/promises";
import type { Log } from "../observe/log.ts";

/** Between attempts to start it again. */
const RESTART_MS = 1_000;
/** Its last checkpoint may not succeed on a full disk; the write-ahead log is replayed at the next start. */
const STOP_LIMIT_MS = 20_000;
/** As PostgreSQL clients look for it. */
const SOCKET_NAME = ".s.PGSQL.5432";
/** `sun_path` of unix(7), its terminator included. */
const MAX_SOCKET_PATH_BYTES = 108;

export interface EmbeddedDatabase {
  /** The Unix socket that it listens on. */
  socket: string;
  close(): Promise<void>;
}

/** Messages to the Web Worker. */
export type EmbeddedCommand = { start: { folder: string; socket: string } } | "stop";
export type EmbeddedAnswer = "listening" | { failed: string } | "stopped";
/** Sent by itself, at any time: it can serve no more. */
export interface EmbeddedCrash {
  crashed: string;
}

/**
 * Boots PGlite on `folder` (created when missing) and resolves when it listens on a Unix socket in a folder that only
 * this operating system account can enter: the embedded database asks for no password, and its client is a superuser.
 * Throws when another process has the same folder open. The first boot takes several seconds, later ones about half a
 * second. When it crashes, it is started again until that succeeds; connections fail in the meantime.
 */
export async function startEmbeddedDatabase(folder: string, log?: Log): Promise<EmbeddedDatabase> {
  await Deno.mkdir(folder, { recursive: true });
  // PGlite opens no folder through a symbolic link, and the lock must be one for all names of a folder.
  const realFolder = await Deno.realPath(folder);
  const lock = await lockFolder(`${realFolder}.lock`);
  const home = await privateFolder(`${realFolder}.socket`);
  const socket = `${home}/${SOCKET_NAME}`;
  let worker = boot({ folder: realFolder, socket });
  let closing = false;
  try {
    await worker.ready;
  } catch (error) {
    await release();
    throw error;
  }
  supervise();
  return {
    socket,
    close: async () => {
      closing = true;
      await Promise.race([worker.stop(), pause(STOP_LIMIT_MS)]);
      await release();
    },
  };

  /** Restarts the database whenever it crashes: PostgreSQL then recovers from its write-ahead log. */
  async function supervise(): Promise<void> {
    for (;;) {
      const reason = await worker.crashed;
      if (closing) return;
      log?.error("database_crashed", { reason });
      do {
        worker.end();
        await pause(RESTART_MS);
        if (closing) return;
        // Its predecessor did not remove it.
        await Deno.remove(socket).catch(() => {});
        worker = boot({ folder: realFolder, socket });
      } while (!await worker.ready.then(() => true, () => false));
      log?.info("database_restarted");
    }
  }

  async function release(): Promise<void> {
    worker.end();
    // Before unlocking: the next process makes its socket at the same place.
    await Deno.remove(home, { recursive: true }).finally(() => unlock(lock));
  }
}

interface Booted {
  /** Settles when it listens, or cannot. */
  ready: Promise<void>;
  /** Resolves with the reason when it can serve no more. */
  crashed: Promise<string>;
  stop(): Promise<unknown>;
  end(): void;
}

function boot(start: { folder: string; socket: string }): Booted {
  const worker = new Worker(new URL("./embedded_worker.ts", import.meta.url), { type: "module" });
  const crashed = Promise.withResolvers<string>();
  const ask = (command: EmbeddedCommand) =>
    new Promise<EmbeddedAnswer>((resolve) => {
      worker.onmessage = ({ data }: MessageEvent<EmbeddedAnswer | EmbeddedCrash>) => {
        if (typeof data === "object" && "crashed" in data) crashed.resolve(data.crashed);
        else resolve(data);
      };
      worker.postMessage(command);
    });
  worker.onerror = (event) => {
    event.preventDefault();
    crashed.resolve(event.message);
  };
  const listening = ask({ start }).then((answer) => {
    if (answer !== "listening") throw new Error(answer === "stopped" ? "it stopped" : answer.failed);
  });
  const failed = crashed.promise.then((reason) => {
    throw new Error(`The embedded database failed: ${reason}`);
  });
  failed.catch(() => {});
  return {
    ready: Promise.race([listening, failed]),
    crashed: crashed.promise,
    stop: () => Promise.race([ask("stop"), crashed.promise]),
    end: () => worker.terminate(),
  };
}

/** An empty folder that only this operating system account can enter. Called with the lock held: what was there is stale. */
async function privateFolder(path: string): Promise<string> {
  const socketBytes = new TextEncoder().encode(`${path}/${SOCKET_NAME}`).length;
  if (socketBytes >= MAX_SOCKET_PATH_BYTES) return await Deno.makeTempDir({ prefix: "akashi-db-" });
  await Deno.remove(path, { recursive: true }).catch(() => {});
  await Deno.mkdir(path, { mode: 0o700 });
  return path;
}

/** Unlocks before closing: a child process between fork and exec still holds a copy of the descriptor. */
function unlock(lock: Deno.FsFile): void {
  lock.unlockSync();
  lock.close();
}

/** An advisory file lock, which the kernel releases when the process ends, even after a crash. */
async function lockFolder(path: string): Promise<Deno.FsFile> {
  const file = await Deno.open(path, { create: true, read: true, write: true });
  if (await file.tryLock(true)) return file;
  file.close();
  throw new Error(
    `Another Akashi process has the embedded database ${path.replace(/\.lock$/, "")} open. ` +
      "Stop that one, choose another AKASHI_DATA_DIR, or set DATABASE_URL to share a PostgreSQL server.",
  );
}
