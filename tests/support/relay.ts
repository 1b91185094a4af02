// A TCP relay to a server, which can be cut or slowed down to simulate a bad network.
export interface Wire {
  port: number;
  /** Closes all connections and accepts no new ones until `mend`. */
  cut(): void;
  mend(): void;
  /** Delays every message by this many milliseconds. */
  slow(ms: number): void;
  close(): void;
}

/** Listens on a free port and forwards to the host and port of `url`. */
export function openWire(url: string): Wire {
  const { hostname, port } = new URL(url);
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.Conn>();
  let [isCut, delay] = [false, 0];

  async function carry(from: Deno.Conn, to: Deno.Conn): Promise<void> {
    try {
      for await (const bytes of from.readable) {
        if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
        for (let sent = 0; sent < bytes.length;) sent += await to.write(bytes.subarray(sent));
      }
    } catch { /* One side was closed: close the other. */ }
    for (const end of [from, to]) {
      open.delete(end);
      try {
        end.close();
      } catch { /* Closed already. */ }
    }
  }

  (async () => {
    for await (const near of listener) {
      if (isCut) {
        near.close();
        continue;
      }
      const far = await Deno.connect({ hostname, port: Number(port) }).catch(() => undefined);
      if (!far) near.close();
      else {
        open.add(near).add(far);
        carry(near, far);
        carry(far, near);
      }
    }
  })().catch(() => {});

  const drop = () => {
    for (const end of open) {
      try {
        end.close();
      } catch { /* Closed already. */ }
    }
    open.clear();
  };
  return {
    port: (listener.addr as Deno.NetAddr).port,
    cut: () => {
      isCut = true;
      drop();
    },
    mend: () => isCut = false,
    slow: (ms) => delay = ms,
    close: () => {
      listener.close();
      drop();
    },
  };
}

/** `url` with the relay in place of its host and port. */
export function through({ port }: Wire, url: string): string {
  const changed = new URL(url);
  changed.hostname = "127.0.0.1";
  changed.port = String(port);
  return changed.href;
}
