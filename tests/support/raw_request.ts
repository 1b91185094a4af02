// Requests written byte by byte, for clients that break off.

/** Sends these bytes to a server over a connection of its own, which the caller closes. */
export async function sendBytes(url: string, ...parts: (string | Uint8Array)[]): Promise<Deno.Conn> {
  const { hostname, port } = new URL(url);
  const connection = await Deno.connect({ hostname, port: Number(port) });
  for (const part of parts) {
    const bytes = typeof part === "string" ? new TextEncoder().encode(part) : part;
    for (let sent = 0; sent < bytes.length;) sent += await connection.write(bytes.subarray(sent));
  }
  return connection;
}
