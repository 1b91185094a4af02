// Sends large bodies over a bare TCP connection, so that the sender costs next to nothing beside the measured server.

export interface Outgoing {
  method: string;
  path: string;
  headers: Record<string, string>;
  /** The body, in this order. */
  pieces: Iterable<Uint8Array>;
  length: number;
}

export interface Answer {
  status: number;
  headers: Headers;
  body: string;
}

export interface Sender {
  send(request: Outgoing): Promise<Answer>;
  close(): void;
}

const LIMIT_MS = 100_000;
const encoder = new TextEncoder();

/** Opens one keep-alive connection. All its requests together may take 100 s. */
export async function openSender(url: string): Promise<Sender> {
  const { hostname, port, host } = new URL(url);
  const connection = await Deno.connect({ hostname, port: Number(port) });
  connection.setNoDelay(true);
  const close = () => {
    clearTimeout(timer);
    try {
      connection.close();
    } catch {
      // Already closed by the limit.
    }
  };
  const timer = setTimeout(close, LIMIT_MS);
  return {
    send: async ({ method, path, headers, pieces, length }) => {
      const lines = Object.entries({ Host: host, "Content-Length": String(length), ...headers })
        .map(([name, value]) => `${name}: ${value}\r\n`);
      await writeAll(connection, encoder.encode(`${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n`));
      for (const piece of pieces) await writeAll(connection, piece);
      return await readAnswer(connection);
    },
    close,
  };
}

/** Repeats `buffer` until `length` bytes. */
export function* repeat(buffer: Uint8Array, length: number): Generator<Uint8Array> {
  for (let sent = 0; sent < length; sent += buffer.length) yield buffer.subarray(0, length - sent);
}

async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    written += await connection.write(bytes.subarray(written));
  }
}

async function readAnswer(connection: Deno.Conn): Promise<Answer> {
  const decoder = new TextDecoder("latin1");
  const buffer = new Uint8Array(64 * 1024);
  let text = "";
  for (;;) {
    const end = text.indexOf("\r\n\r\n");
    if (end >= 0) {
      const [first, ...lines] = text.slice(0, end).split("\r\n");
      const headers = new Headers(lines.map((line) => {
        const colon = line.indexOf(":");
        return [line.slice(0, colon), line.slice(colon + 1).trim()];
      }));
      const body = text.slice(end + 4);
      if (body.length >= Number(headers.get("Content-Length") ?? 0)) {
        return { status: Number(first!.split(" ")[1]), headers, body };
      }
    }
    const read = await connection.read(buffer);
    if (read === null) throw new Error(`The server closed the connection after: ${text.slice(0, 500)}`);
    text += decoder.decode(buffer.subarray(0, read), { stream: true });
  }
}
