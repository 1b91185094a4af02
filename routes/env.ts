import type { Ctx } from "../lib/access/context.ts";
import type { Platform } from "../lib/platform/platform.ts";
import type { Log } from "../lib/platform/observe/log.ts";
import type { Policy } from "./policy.ts";
import type { Viewer } from "../lib/identity/principals/schema.ts";

export type { Viewer };

/** What middleware puts beside a request. `ctx` and `viewer` are there once somebody is signed in. */
export interface AppEnv {
  Variables: {
    platform: Platform;
    requestId: string;
    /** What scripts of this answer carry, so that no others run. */
    nonce: string;
    log: Log;
    /** Of the route that answers; set by its first middleware. */
    policy: Policy;
    ctx: Ctx;
    viewer: Viewer;
    /** How they signed in: cookies need the same-origin proof, bearer tokens do not. */
    signedInBy: "cookie" | "bearer";
  };
  Bindings: {
    /** The peer's address, where the runtime tells it. */
    remoteAddress?: string;
  };
}
