import type { Ctx } from "../lib/access/context.ts";
import type { Platform } from "../lib/platform/platform.ts";
import type { Log } from "../lib/platform/observe/log.ts";
import type { Policy } from "./policy.ts";
import type { Viewer } from "../lib/identity/principals/schema.ts";

export type { Viewer };

/** Variables that middleware sets on a request. `ctx` and `viewer` are set for signed-in requests only. */
export interface AppEnv {
  Variables: {
    platform: Platform;
    requestId: string;
    /** CSP nonce of the response. */
    nonce: string;
    log: Log;
    /** Of the route that answers; set by its first middleware. */
    policy: Policy;
    ctx: Ctx;
    viewer: Viewer;
    /** How the request was authenticated: cookies need the same-origin proof, bearer tokens do not. */
    signedInBy: "cookie" | "bearer";
  };
  Bindings: {
    /** The peer's address, where the runtime tells it. */
    remoteAddress?: string;
  };
}
