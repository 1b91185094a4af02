// The Web Worker that runs PGlite and relays PostgreSQL's wire protocol to it. PGlite has a single backend: a
// connection holds it from its first message until ReadyForQuery says "idle". A dropped connection is rolled back.
import { PGlite } from "@electric-sql/pglite";
import { vector } from "@electric-sql/pglite-pgvector";
import { pg_trgm } from "@electric-sql/pglite/contrib/pg_trgm";
import { unaccent } from "@electric-sql/pglite/contrib/unaccent";
import type { EmbeddedAnswer, EmbeddedCommand, EmbeddedCrash } from "./embedded.ts";

declare const self: {
  onmessage: ((event: MessageEvent<EmbeddedCommand>) => void) | null;
  postMessage(message: EmbeddedAnswer | EmbeddedCrash): void;
  close(): void;
};

const SSL_REQUEST = 80877103;
const CANCEL_REQUEST = 80877102;
const READY_FOR_QUERY = "Z".charCodeAt(0);
const TERMINATE = "X".charCodeAt(0);
const IDLE = "I".charCodeAt(0);

let db: PGlite;
let listener: Deno.UnixListener;
let backendLock: Promise<void> = Promise.resolve();

self.onmessage = async ({ data }) => {
  try {
    self.postMessage(data === "stop" ? await stop() : await start(data.start));
  } catch (error) {
    self.postMessage({ failed: `The embedded database did not start: ${error}` });
  }
};

async function start({ folder, socket }: { folder: string; socket: string }): Promise<EmbeddedAnswer> {
  db = await PGlite.create({
    dataDir: folder,
    extensions: { vector, pg_trgm, unaccent },
    onStderr: watchPanic,
  });
  listener = Deno.listen({ transport: "unix", path: socket });
  accept(listener);
  return "listening";
}

/**
 * After a panic, as when the write-ahead log cannot be written, PGlite loops for ever. Only the thread itself can stop
 * that: `terminate` of the parent waits for it to return.
 */
function watchPanic(line: string): boolean {
  if (/\bPANIC: /.test(line)) {
    self.postMessage({ crashed: line.trim() });
    self.close();
  }
  return true;
}

async function stop(): Promise<EmbeddedAnswer> {
  listener.close();
  await acquireBackend();
  await db.close();
  return "stopped";
}

async function accept(server: Deno.UnixListener): Promise<void> {
  for await (const connection of server) {
    serve(connection).catch(() => {}).finally(() => connection.close());
  }
}

/** Waits until no other connection holds the backend; returns the function that releases it. */
async function acquireBackend(): Promise<() => void> {
  const previous = backendLock;
  const { promise, resolve } = Promise.withResolvers<void>();
  backendLock = promise;
  await previous;
  return resolve;
}

async function serve(connection: Deno.UnixConn): Promise<void> {
  let release: (() => void) | undefined;
  try {
    for await (const message of messages(connection)) {
      if (message[0] === TERMINATE) return;
      release ??= await acquireBackend();
      let state = 0;
      const answers: Uint8Array[] = [];
      await db.execProtocolRawStream(message, { onRawData: (data) => void answers.push(data.slice()) });
      for (const answer of answers) {
        state = transactionState(answer) ?? state;
        await writeAll(connection, answer);
      }
      if (state === IDLE) {
        release();
        release = undefined;
      }
    }
  } finally {
    if (release) {
      await db.exec("rollback").catch(() => {});
      release();
    }
  }
}

async function writeAll(connection: Deno.UnixConn, data: Uint8Array): Promise<void> {
  for (let sent = 0; sent < data.length;) sent += await connection.write(data.subarray(sent));
}

/** The status byte of the last ReadyForQuery when `answer` ends with one ("Z", length 5, status). */
function transactionState(answer: Uint8Array): number | undefined {
  return answer.at(-6) === READY_FOR_QUERY && answer.at(-2) === 5 ? answer.at(-1) : undefined;
}

/** Splits the byte stream into protocol messages; declines TLS itself and drops cancel requests. */
async function* messages(connection: Deno.UnixConn): AsyncGenerator<Uint8Array> {
  let buffer = new Uint8Array(0);
  let started = false;
  const chunk = new Uint8Array(64 * 1024);
  for (;;) {
    const read = await connection.read(chunk);
    if (read === null) return;
    const joined = new Uint8Array(buffer.length + read);
    joined.set(buffer);
    joined.set(chunk.subarray(0, read), buffer.length);
    buffer = joined;
    for (;;) {
      const length = messageLength(buffer, started);
      if (length === undefined || buffer.length < length) break;
      const message = buffer.slice(0, length);
      buffer = buffer.slice(length);
      const code = started || length < 8 ? 0 : new DataView(message.buffer).getInt32(4);
      if (code === SSL_REQUEST) await connection.write(new TextEncoder().encode("N"));
      else if (code === CANCEL_REQUEST) return;
      else {
        started = true;
        yield message;
      }
    }
  }
}

/** Start-up messages begin with their length, all later ones with a type byte before it. */
function messageLength(buffer: Uint8Array, started: boolean): number | undefined {
  const offset = started ? 1 : 0;
  if (buffer.length < offset + 4) return undefined;
  return offset + new DataView(buffer.buffer, buffer.byteOffset).getInt32(offset);
}
