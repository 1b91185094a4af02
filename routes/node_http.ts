// Requests and responses between Node's HTTP server, which has the limits of time for connections, and a fetch function.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { Readable } from "node:stream";
import { setImmediate } from "node:timers";
import { setTimeout as pause } from "node:timers/promises";

/** Answers a request; its signal is aborted when the client is gone before the answer is complete. */
type Fetch = (request: Request, peer: string | undefined) => Response | Promise<Response>;

/** How long the rest of a body that is not wanted is read, so that its sender sees the answer before the end. */
const LINGER_MS = 1_000;

/** The listener of `createServer` that answers by `fetch`, which must not throw. */
export function listenBy(
  fetch: Fetch,
): (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void> {
  return async (incoming, outgoing) => {
    const gone = new AbortController();
    // First of all listeners: those who read the body find the signal aborted when that fails.
    incoming.on("error", () => gone.abort());
    outgoing.on("error", () => {});
    outgoing.on("close", () => outgoing.writableFinished || gone.abort());
    try {
      const response = await fetch(toRequest(incoming, gone.signal), incoming.socket.remoteAddress);
      await send(response, incoming, outgoing);
    } catch {
      // The answer broke off, at its source or at the client: half of it must not look like all.
      outgoing.destroy();
    }
  };
}

function toRequest(incoming: IncomingMessage, signal: AbortSignal): Request {
  const { method = "GET", headers: { host = "" }, url: target = "/", rawHeaders } = incoming;
  const headers = new Headers();
  for (let at = 0; at < rawHeaders.length; at += 2) headers.append(rawHeaders[at]!, rawHeaders[at + 1]!);
  const url = target.startsWith("/") ? `http://${host}${target}` : target;
  const body = method === "GET" || method === "HEAD" ? null : bodyOf(incoming);
  if (URL.canParse(url)) return new Request(url, { method, headers, body, signal });
  // Refused by `requireHost`, in words: it has to see what the client wrote.
  const request = new Request("http://localhost/", { method, headers, body, signal });
  return Object.defineProperty(request, "url", { value: url });
}

function bodyOf(incoming: IncomingMessage): ReadableStream<Uint8Array<ArrayBuffer>> | null {
  const { "content-length": length, "transfer-encoding": encoding } = incoming.headers;
  if (encoding === undefined && !(Number(length) > 0)) return null;
  const reader = (Readable.toWeb(incoming) as ReadableStream<Uint8Array<ArrayBuffer>>).getReader();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    // A cancelled reader would destroy the message but not its connection, on which later requests then hang.
    cancel: () => void dropRest(reader),
  }, { highWaterMark: 0 });
}

async function dropRest(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  try {
    while (!(await reader.read()).done);
  } catch { /* The client is gone. */ }
}

async function send(response: Response, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  outgoing.statusCode = response.status;
  for (const [name, value] of response.headers) if (name !== "set-cookie") outgoing.setHeader(name, value);
  const cookies = response.headers.getSetCookie();
  if (cookies.length > 0) outgoing.setHeader("Set-Cookie", cookies);
  if (response.body && incoming.method !== "HEAD") await pipe(response.body, outgoing);
  else {
    await response.body?.cancel();
    outgoing.end();
  }
  if (!incoming.complete) await drain(incoming);
}

/** A body that is there as a whole is sent with its length, any other one as it comes. */
async function pipe(body: ReadableStream<Uint8Array>, outgoing: ServerResponse): Promise<void> {
  const reader = body.getReader();
  const leave = () => void reader.cancel().catch(() => {});
  outgoing.on("close", leave);
  try {
    const first = await reader.read();
    const second = first.done ? first : reader.read();
    if (await isWhole(second)) {
      if (!outgoing.hasHeader("Content-Length")) {
        outgoing.setHeader("Content-Length", first.value?.length ?? 0);
      }
      return void outgoing.end(first.value);
    }
    for (let next = first; !next.done; next = next === first ? await second : await reader.read()) {
      if (!outgoing.write(next.value)) await drained(outgoing);
    }
    outgoing.end();
  } finally {
    outgoing.off("close", leave);
  }
}

/** True when the stream has ended by now; what waits for anything outside of this process has not. */
function isWhole(next: Promise<ReadableStreamReadResult<Uint8Array>> | { done: boolean }): Promise<boolean> {
  const later = new Promise<{ done: boolean }>((resolve) => setImmediate(() => resolve({ done: false })));
  return Promise.race([next, later]).then(({ done }) => done);
}

function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve, reject) => {
    const onDrain = () => {
      outgoing.off("close", onClose);
      resolve();
    };
    const onClose = () => {
      outgoing.off("drain", onDrain);
      reject(new Error("The client is gone."));
    };
    outgoing.once("drain", onDrain);
    outgoing.once("close", onClose);
    if (outgoing.destroyed) onClose();
  });
}

async function drain(incoming: IncomingMessage): Promise<void> {
  // The stream over it would hold it back when its buffer is full.
  incoming.removeAllListeners("data");
  incoming.resume();
  const ended = new Promise((resolve) => incoming.once("close", resolve).once("end", resolve));
  await Promise.race([ended, pause(LINGER_MS)]);
  if (!incoming.complete) incoming.socket.destroy();
}

const FAULTS: Record<string, [status: string, detail: string]> = {
  HPE_HEADER_OVERFLOW: ["431 Request Header Fields Too Large", "Address and headers are too long."],
  ERR_HTTP_REQUEST_TIMEOUT: ["408 Request Timeout", "The request did not arrive in time."],
};

/** Answers what is not HTTP, or comes too slowly, as a problem document, and closes the connection. */
export function refuseMalformed(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable) return void socket.destroy();
  const fault = FAULTS[error.code ?? ""] ?? ["400 Bad Request", "This is not a request that HTTP allows."];
  const [status, detail] = fault;
  const body = JSON.stringify({
    type: "about:blank",
    title: status.slice(4),
    status: Number(status.slice(0, 3)),
    detail,
    code: "bad_request",
    errors: [],
  });
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/problem+json\r\nContent-Length: ${body.length}\r\n` +
      `Connection: close\r\n\r\n${body}`,
  );
}
