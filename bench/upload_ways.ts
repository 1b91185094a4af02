// The three ways to upload a file, as HTTP requests.
import { type Answer, type Outgoing, repeat, type Sender } from "./sender.ts";

/** The part size of the browser's upload tray on a fast connection. */
const TUS_BYTES = 32 * 2 ** 20;
const BOUNDARY = "akashi-bench-boundary";

/** Sends `length` bytes of the source in one way and returns the asset's id. */
export type Way = (sender: Sender, source: Uint8Array, length: number, token: string) => Promise<string>;

/** Uploads as a multipart form. */
export async function byForm(
  sender: Sender,
  source: Uint8Array,
  length: number,
  token: string,
): Promise<string> {
  const head = new TextEncoder().encode(
    `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="large.bin"\r\n` +
      "Content-Type: application/octet-stream\r\n\r\n",
  );
  const tail = new TextEncoder().encode(`\r\n--${BOUNDARY}--\r\n`);
  const answer = await send(sender, token, {
    method: "POST",
    path: "/api/v1/ingest",
    headers: { "Content-Type": `multipart/form-data; boundary=${BOUNDARY}` },
    pieces: [head, ...repeat(source, length), tail],
    length: head.length + length + tail.length,
  }, 201);
  return JSON.parse(answer.body).asset_id;
}

/** Uploads as a raw PUT body. */
export async function byPut(
  sender: Sender,
  source: Uint8Array,
  length: number,
  token: string,
): Promise<string> {
  const answer = await send(sender, token, {
    method: "PUT",
    path: "/api/v1/ingest/large.bin",
    headers: { "Content-Type": "application/octet-stream" },
    pieces: repeat(source, length),
    length,
  }, 201);
  return JSON.parse(answer.body).asset_id;
}

/** Uploads by tus in parts. */
export async function byTus(
  sender: Sender,
  source: Uint8Array,
  length: number,
  token: string,
): Promise<string> {
  const version = { "Tus-Resumable": "1.0.0" };
  const made = await send(sender, token, {
    method: "POST",
    path: "/api/v1/uploads",
    headers: {
      ...version,
      "Upload-Length": String(length),
      "Upload-Metadata": `filename ${btoa("large.bin")}`,
    },
    pieces: [],
    length: 0,
  }, 201);
  for (let offset = 0; offset < length;) {
    const bytes = Math.min(TUS_BYTES, length - offset);
    const answer = await send(sender, token, {
      method: "PATCH",
      path: made.headers.get("Location")!,
      headers: {
        ...version,
        "Upload-Offset": String(offset),
        "Content-Type": "application/offset+octet-stream",
      },
      pieces: repeat(source, bytes),
      length: bytes,
    }, 204);
    offset += bytes;
    if (offset === length) return answer.headers.get("Akashi-Asset-Id")!;
  }
  throw new Error("The file is empty.");
}

async function send(
  sender: Sender,
  token: string,
  request: Outgoing,
  status: number,
): Promise<Answer> {
  const headers = { Authorization: `Bearer ${token}`, ...request.headers };
  const answer = await sender.send({ ...request, headers });
  if (answer.status !== status) {
    throw new Error(`${request.method} ${request.path}: ${answer.status} ${answer.body}`);
  }
  return answer;
}
