// Starts the embedded PostgreSQL in a Web Worker, so that a long query does not block the event loop.

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

/**
 * Boots PGlite on `folder` (created when missing) and resolves when it listens on a Unix socket in a folder that only
 * this operating system account can enter: the embedded database asks for no password, and its client is a superuser.
 * Throws when another process has the same folder open. The first boot takes several seconds, later ones about half a
 * second.
 */
export async function startEmbeddedDatabase(folder: string): Promise<EmbeddedDatabase> {
  await Deno.mkdir(folder, { recursive: true });
  // PGlite opens no folder through a symbolic link, and the lock must be one for all names of a folder.
  const realFolder = await Deno.realPath(folder);
  const lock = await lockFolder(`${realFolder}.lock`);
  const home = await privateFolder(`${realFolder}.socket`);
  const socket = `${home}/${SOCKET_NAME}`;
  const worker = new Worker(new URL("./embedded_worker.ts", import.meta.url), { type: "module" });
  try {
    const answer = await ask(worker, { start: { folder: realFolder, socket } });
    if (answer !== "listening") throw new Error(answer === "stopped" ? "it stopped" : answer.failed);
  } catch (error) {
    await release();
    throw error;
  }
  return {
    socket,
    close: async () => {
      await ask(worker, "stop");
      await release();
    },
  };

  async function release(): Promise<void> {
    worker.terminate();
    // Before unlocking: the next process makes its socket at the same place.
    await Deno.remove(home, { recursive: true }).finally(() => unlock(lock));
  }
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
