// All cookies. Over https their names begin with `__Host-`, so that no other host and no plain connection can set them;
// an installation on plain http (development) goes without the prefix.
import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { publicUrl } from "../../lib/platform/config.ts";
import type { AppEnv } from "../env.ts";

/** The last three are preferences that islands write (`islands/kit/choices.ts`). */
type Name =
  | "akashi"
  | "akashi-step"
  | "akashi-provider"
  | "akashi_flash"
  | "akashi_tenant"
  | "akashi_rail"
  | "akashi_grid"
  | "akashi_zone";

/** The value of a cookie. */
export function readCookie(c: Context<AppEnv>, name: Name): string | undefined {
  return getCookie(c, name, isSecure(c) ? "host" : undefined);
}

/** Sets a cookie that scripts cannot read; `maxAge` in seconds. */
export function writeCookie(c: Context<AppEnv>, name: Name, value: string, maxAge: number): void {
  setCookie(c, name, value, { ...optionsFor(c), httpOnly: true, sameSite: "Lax", maxAge });
}

/** Deletes a cookie. */
export function dropCookie(c: Context<AppEnv>, name: Name): void {
  deleteCookie(c, name, optionsFor(c));
}

function optionsFor(c: Context<AppEnv>) {
  return isSecure(c)
    ? { path: "/", secure: true, prefix: "host" } as const
    : { path: "/", secure: false } as const;
}

function isSecure(c: Context<AppEnv>): boolean {
  return publicUrl(c.var.platform.config).startsWith("https:");
}
