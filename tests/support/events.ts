// A stream of live events (server-sent events), as text.
import { until } from "./until.ts";
import type { Client } from "./server.ts";

export interface Listening {
  /** Everything received so far. */
  heard(): string;
  /** Waits until this text was received. */
  hears(text: string): Promise<unknown>;
  close(): Promise<void>;
}

/** Opens the stream and reads it until closed. */
export async function listen(client: Client): Promise<Listening> {
  const stream = await client.fetch("/events");
  const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = (await reader.read()).value ?? "";
  const reading = (async () => {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      text += value;
    }
  })().catch(() => {});
  return {
    heard: () => text,
    hears: (part) => until(`the stream says ${part}`, () => text.includes(part)),
    close: async () => {
      // No abort signal: Deno's fetch ignores it once the request object was garbage collected.
      await reader.cancel();
      await reading;
    },
  };
}
