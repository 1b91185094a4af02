// Starts the embedded PostgreSQL in a Web Worker, so that a long query does not block the event loop.

export interface EmbeddedDatabase {
  url: string;
  close(): Promise<void>;
}

/** Messages to the Web Worker. */
export type EmbeddedCommand = { start: { folder: string } } | "stop";
export type EmbeddedAnswer = { listening: number } | { failed: string } | "stopped";

/**
 * Boots PGlite on `folder` (created when missing) and resolves when its socket listens on the loopback interface.
 * Throws when another process has the same folder open. The first boot takes several seconds, later ones about half a
 * second.
 */
export async function startEmbeddedDatabase(folder: string): Promise<EmbeddedDatabase> {
  await Deno.mkdir(folder, { recursive: true });
  // PGlite opens no folder through a symbolic link, and the lock must be one for all names of a folder.
  const realFolder = await Deno.realPath(folder);
  const lock = await lockFolder(`${realFolder}.lock`);
  const worker = new Worker(new URL("./embedded_worker.ts", import.meta.url), { type: "module" });
  try {
    const answer = await ask(worker, { start: { folder: realFolder } });
    if (typeof answer === "object" && "listening" in answer) {
      return {
        url: `postgres://postgres@127.0.0.1:${answer.listening}/postgres`,
        close: async () => {
          await ask(worker, "stop");
          worker.terminate();
          unlock(lock);
        },
      };
    }
    throw new Error(typeof answer === "object" && "failed" in answer ? answer.failed : "it stopped");
  } catch (error) {
    worker.terminate();
    unlock(lock);
    throw error;
  }
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

function ask(worker: Worker, command: EmbeddedCommand): Promise<EmbeddedAnswer> {
  return new Promise((resolve, reject) => {
    worker.onmessage = (event: MessageEvent<EmbeddedAnswer>) => resolve(event.data);
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(`The embedded database failed: ${event.message}`));
    };
    worker.postMessage(command);
  });
}
