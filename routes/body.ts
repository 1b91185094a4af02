// Request bodies as streams.
import type { Context } from "hono";
import { requestError } from "./reasons.ts";
import type { AppEnv } from "./env.ts";

/**
 * The body of a request, empty when it has none. It fails when no byte arrives for UPLOAD_IDLE_SECONDS, by default with
 * `bad_request`: a silent client must not hold buffers or an upload slot.
 */
export function steadyBody(c: Context<AppEnv>, failure = slow): ReadableStream<Uint8Array<ArrayBuffer>> {
  const { body } = c.req.raw;
  if (!body) return new ReadableStream({ start: (controller) => controller.close() });
  const seconds = c.var.platform.config.UPLOAD_IDLE_SECONDS;
  const reader = body.getReader();
  return new ReadableStream({
    async pull(controller) {
      const { promise: late, reject } = Promise.withResolvers<never>();
      const timer = setTimeout(() => reject(failure(seconds)), seconds * 1000);
      try {
        const { done, value } = await Promise.race([reader.read(), late]);
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
  return requestError("stalled", { seconds });
}
