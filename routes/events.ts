import { type Context, Hono } from "hono";
import { streamSSE } from "hono/streaming";
import type { Ctx } from "../lib/access/context.ts";
import { follow } from "../lib/work/live/live.ts";
import { followLog } from "../lib/platform/observe/log_share.ts";
import { rateLimitError } from "../lib/platform/cache/reasons.ts";
import { eventStreams } from "../lib/platform/observe/metrics.ts";
import { isKeyLive } from "../lib/identity/api_keys/sign_in.ts";
import { isLive } from "../lib/identity/sessions/sessions.ts";
import { routesOf } from "./declare.ts";
import type { AppEnv } from "./env.ts";
import { noSuchEndpoint } from "./problems.ts";

const HEARTBEAT_MS = 15_000;
/** Beyond this many unsent events more are dropped: the client re-reads the page after a gap anyway. */
const MOST_WAITING = 1_000;

/** Live events as server-sent events. A stream ends with its session. */
export function createEvents(): Hono<AppEnv> {
  const events = new Hono<AppEnv>();
  const routes = routesOf(events, "file");
  // Changes in the own tenant.
  routes.get("/", { who: "events.read", rate: "page" }, (c) => {
    const { platform, ctx } = c.var;
    return stream(
      c,
      (send) =>
        follow(
          platform.cache,
          ctx.actor,
          (event) => send({ event: event.type, data: JSON.stringify(event) }),
        ),
    );
  });
  // Log lines of all processes, about every tenant.
  routes.get("/logs", { who: "logs.read", rate: "page" }, (c) => {
    const { platform } = c.var;
    return stream(c, (send) => followLog(platform.cache, (data) => send({ event: "log", data })));
  });
  routes.rest({ who: "public" }, noSuchEndpoint);
  return events;
}

interface Message {
  event: string;
  data: string;
}

/** Open streams of each person on this server. */
const openStreams = new Map<string, number>();

/** Counts a stream of `person`; answers the function that counts it out. Throws `rate_limited` at the limit. */
function countStream(person: string, most: number): () => void {
  const open = openStreams.get(person) ?? 0;
  if (open >= most) throw rateLimitError("streams", { most });
  openStreams.set(person, open + 1);
  return () => {
    const left = openStreams.get(person)! - 1;
    if (left > 0) openStreams.set(person, left);
    else openStreams.delete(person);
  };
}

/** Sends the messages of a subscription until the client disconnects or its session ends. */
function stream(
  c: Context<AppEnv>,
  start: (send: (message: Message) => void) => Promise<() => Promise<void>>,
): Response {
  const { ctx, platform } = c.var;
  // Hono answers HEAD by the GET handler and drops the body: its subscription would never end.
  if (c.req.method === "HEAD") return c.body(null, 200, { "Content-Type": "text/event-stream" });
  const countOut = countStream(ctx.actor.userId!, platform.config.EVENT_STREAMS_PER_PERSON);
  c.header("Cache-Control", "no-store");
  c.header("X-Accel-Buffering", "no");
  return streamSSE(c, async (stream) => {
    const waiting: Message[] = [];
    let wake = () => {};
    let stop = () => Promise.resolve();
    eventStreams.inc();
    stream.onAbort(() => wake());
    try {
      stop = await start((message) => {
        if (waiting.length < MOST_WAITING) waiting.push(message);
        wake();
      });
      await stream.write("retry: 2000\n\n");
      let beat = performance.now();
      while (!stream.aborted) {
        for (const message of waiting.splice(0)) await stream.writeSSE(message);
        if (performance.now() - beat >= HEARTBEAT_MS) {
          if (!await isStillIn(ctx)) break;
          await stream.write(": still here\n\n");
          beat = performance.now();
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
      countOut();
      await stop();
    }
  });
}

function isStillIn(ctx: Ctx): Promise<boolean> {
  const { keyId, sessionId } = ctx.actor;
  return keyId ? isKeyLive(ctx, keyId) : isLive(ctx, sessionId!);
}
