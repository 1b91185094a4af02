import { Hono } from "hono";
import { streamSSE } from "hono/streaming";
import type { Ctx } from "../lib/context.ts";
import { follow, type LiveEvent } from "../lib/live/live.ts";
import { eventStreams } from "../lib/platform/metrics.ts";
import { isKeyLive } from "../lib/api_keys/sign_in.ts";
import { isLive } from "../lib/sessions/sessions.ts";
import type { AppEnv } from "./env.ts";
import { signedIn } from "./middleware/session.ts";

const HEARTBEAT_MS = 15_000;
/** A reader that is this far behind re-reads the page anyway. */
const MOST_WAITING = 1_000;

/** Live changes of one's own tenant as server-sent events. A session that ends takes its streams with it. */
export function createEvents(): Hono<AppEnv> {
  const events = new Hono<AppEnv>();
  events.get("/", signedIn(), (c) => {
    const { platform, ctx } = c.var;
    c.header("Cache-Control", "no-store");
    c.header("X-Accel-Buffering", "no");
    return streamSSE(c, async (stream) => {
      const waiting: LiveEvent[] = [];
      let wake = () => {};
      const unfollow = await follow(platform.cache, ctx.actor.tenantId, (event) => {
        if (waiting.length < MOST_WAITING) waiting.push(event);
        wake();
      });
      eventStreams.inc();
      stream.onAbort(() => wake());
      try {
        await stream.write("retry: 2000\n\n");
        let beat = Date.now();
        while (!stream.aborted) {
          for (const event of waiting.splice(0)) {
            await stream.writeSSE({ event: event.type, data: JSON.stringify(event) });
          }
          if (Date.now() - beat >= HEARTBEAT_MS) {
            if (!await isStillIn(ctx)) break;
            await stream.write(": still here\n\n");
            beat = Date.now();
          }
          await new Promise<void>((resolve) => {
            const timer = setTimeout(resolve, HEARTBEAT_MS);
            wake = () => {
              clearTimeout(timer);
              resolve();
            };
            if (waiting.length > 0 || stream.aborted) wake();
          });
        }
      } finally {
        eventStreams.dec();
        await unfollow();
      }
    });
  });
  return events;
}

function isStillIn(ctx: Ctx): Promise<boolean> {
  const { keyId, sessionId } = ctx.actor;
  return keyId ? isKeyLive(ctx, keyId) : isLive(ctx, sessionId!);
}
