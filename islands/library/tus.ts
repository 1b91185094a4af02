// tus 1.0.0 resumable uploads over XMLHttpRequest, because fetch reports no upload progress.

/** The response to one request. `status` is 0 when there was none. */
export interface Answer {
  status: number;
  offset: number | undefined;
  location: string | null;
  assetId: string | null;
  /** The asset that has the same bytes. */
  duplicateOf: string | null;
  /** Those bytes may not be kept twice here; otherwise it is for the person to decide. */
  isRefused: boolean;
  /** Milliseconds to wait before a retry, when the server gives them. */
  retryAfterMs: number | undefined;
}

interface Sending {
  method: "POST" | "HEAD" | "PATCH" | "DELETE";
  url: string;
  headers?: Record<string, string>;
  body?: Blob;
  signal?: AbortSignal;
  onSent?(bytes: number): void;
}

/** Size of the part sent in one request; a lost connection costs at most this much. */
export const PART_BYTES = 16 * 1024 * 1024;
const QUIET_MS = 60_000;
/** How long the server may take once it has all bytes: it puts the parts of a large file together. */
const FINISHING_MS = 10 * 60_000;

/** Creates an upload that stops before it becomes a second asset; `location` of the response is its URL. */
export function createUpload(file: File, signal: AbortSignal): Promise<Answer> {
  const metadata = {
    filename: file.name,
    ...(file.type && { filetype: file.type }),
    duplicate_rule: "refuse",
  };
  const written = Object.entries(metadata).map(([name, value]) => `${name} ${base64(value)}`).join(",");
  const headers = { "Upload-Length": String(file.size), "Upload-Metadata": written };
  return send({ method: "POST", url: "/api/v1/uploads", headers, signal });
}

/** Reads how much of an upload is stored; 404 or 410 when the server no longer has it. */
export function askOffset(url: string, signal?: AbortSignal): Promise<Answer> {
  return send({ method: "HEAD", url, signal });
}

/** Sends the part that starts at `offset`. `onSent` is called with the bytes sent so far. */
export function sendPart(
  url: string,
  file: File,
  offset: number,
  signal: AbortSignal,
  onSent: (bytes: number) => void,
): Promise<Answer> {
  const headers = { "Upload-Offset": String(offset), "Content-Type": "application/offset+octet-stream" };
  return send({
    method: "PATCH",
    url,
    headers,
    body: file.slice(offset, offset + PART_BYTES),
    signal,
    onSent,
  });
}

/** Makes an asset of a complete upload although the library has its bytes. */
export function keepDuplicate(url: string, bytes: number, signal: AbortSignal): Promise<Answer> {
  const headers = { "Upload-Offset": String(bytes), "Content-Type": "application/offset+octet-stream" };
  return send({ method: "PATCH", url: `${url}?duplicate_rule=keep`, headers, body: new Blob(), signal });
}

/** Deletes an upload on the server. */
export function forgetUpload(url: string): Promise<Answer> {
  return send({ method: "DELETE", url });
}

function send({ method, url, headers = {}, body, signal, onSent }: Sending): Promise<Answer> {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    let quiet = setTimeout(() => request.abort(), QUIET_MS);
    const stop = () => request.abort();
    request.open(method, url);
    for (const [name, value] of Object.entries({ "Tus-Resumable": "1.0.0", ...headers })) {
      request.setRequestHeader(name, value);
    }
    request.upload.addEventListener("progress", (event) => {
      clearTimeout(quiet);
      quiet = setTimeout(stop, QUIET_MS);
      onSent?.(event.loaded);
    });
    request.upload.addEventListener("load", () => {
      clearTimeout(quiet);
      quiet = setTimeout(stop, FINISHING_MS);
    });
    request.addEventListener("loadend", () => {
      clearTimeout(quiet);
      signal?.removeEventListener("abort", stop);
      resolve(read(request));
    });
    signal?.addEventListener("abort", stop);
    if (signal?.aborted) return resolve(read(request));
    request.send(body);
  });
}

/** The parts of a problem document (RFC 9457) that say why an upload is refused. */
interface Problem {
  reason?: string;
  duplicate_of?: string;
}

function read(request: XMLHttpRequest): Answer {
  const answered = request.status > 0;
  const header = (name: string) => answered ? request.getResponseHeader(name) : null;
  const [offset, wait] = [header("Upload-Offset"), header("Retry-After")];
  const problem = readProblem(request);
  return {
    status: request.status,
    offset: offset === null ? undefined : Number(offset),
    location: header("Location"),
    assetId: header("Akashi-Asset-Id"),
    duplicateOf: problem.duplicate_of ?? header("Akashi-Duplicate-Of"),
    isRefused: problem.reason === "duplicate.refused",
    retryAfterMs: wait === null ? undefined : Number(wait) * 1000,
  };
}

function readProblem(request: XMLHttpRequest): Problem {
  try {
    return request.status === 409 ? JSON.parse(request.responseText) : {};
  } catch {
    return {};
  }
}

function base64(text: string): string {
  return btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(""));
}
