import { createMiddleware } from "hono/factory";
import type { AppEnv } from "../env.ts";

/** Sets what browsers must know of every answer. Nothing inline, nothing from elsewhere but the object store. */
export function securityHeaders(mediaOrigin: string | undefined) {
  const media = mediaOrigin ? ` ${mediaOrigin}` : "";
  const policy = [
    "default-src 'self'",
    `img-src 'self' data: blob:${media}`,
    `media-src 'self' blob:${media}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
  return createMiddleware<AppEnv>(async (c, next) => {
    await next();
    const headers = c.res.headers;
    if (!headers.has("Content-Security-Policy")) headers.set("Content-Security-Policy", policy);
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("X-Frame-Options", "DENY");
    headers.set("Referrer-Policy", "same-origin");
    headers.set("Cross-Origin-Opener-Policy", "same-origin");
    headers.set("Cross-Origin-Resource-Policy", "same-origin");
    headers.set("Permissions-Policy", "camera=(), microphone=(), geolocation=()");
    if (c.var.platform.config.APP_ENV === "production") {
      headers.set("Strict-Transport-Security", "max-age=63072000; includeSubDomains");
    }
  });
}
