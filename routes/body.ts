// Request bodies as streams.
import type { Context } from "hono";
import { requestError } from "./reasons.ts";
import type { AppEnv } from "./env.ts";

/** Slower than a line of 32 kbit/s: no upload is, and what trickles holds a connection and a part of the store. */
const LEAST_BYTES_PER_SECOND = 4096;

/**
 * The body of a request, empty when it has none. It fails, by default with `timed_out`, when no byte arrives for
 * UPLOAD_IDLE_SECONDS, and when the client has kept the server waiting for longer than that and the time that its bytes
 * take at LEAST_BYTES_PER_SECOND: a silent or trickling client must not hold buffers or an upload slot.
 */
export function steadyBody(c: Context<AppEnv>, failure = slow): ReadableStream<Uint8Array<ArrayBuffer>> {
  const { body } = c.req.raw;
  if (!body) return new ReadableStream({ start: (controller) => controller.close() });
  const idle = c.var.platform.config.UPLOAD_IDLE_SECONDS;
  const reader = body.getReader();
  // Only waiting for the client counts: a slow store is not its fault.
  let [received, waitedMs] = [0, 0];
  return new ReadableStream({
    async pull(controller) {
      const left = Math.max(0, idle + received / LEAST_BYTES_PER_SECOND - waitedMs / 1000);
      const { promise: late, reject } = Promise.withResolvers<never>();
      const timer = setTimeout(() => reject(failure(idle)), Math.min(idle, left) * 1000);
      const began = performance.now();
      try {
        const { done, value } = await Promise.race([reader.read(), late]);
        waitedMs += performance.now() - began;
        received += value?.length ?? 0;
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (error) {
        reader.cancel(error).catch(() => {});
        throw error;
      } finally {
        clearTimeout(timer);
      }
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
}

function slow(seconds: number): Error {
  return requestError("stalled", { seconds, least: LEAST_BYTES_PER_SECOND });
}
