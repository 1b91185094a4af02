// Somebody's stream of live events, as text.
import { until } from "./until.ts";
import type { Client } from "./server.ts";

export interface Listening {
  /** All that came so far. */
  heard(): string;
  /** Waits until this came. */
  hears(text: string): Promise<unknown>;
  close(): Promise<void>;
}

/** Opens the stream and reads along until closed. */
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
      // Not by a signal: once the collector took the request, Deno's fetch no longer hears of it.
      await reader.cancel();
      await reading;
    },
  };
}
