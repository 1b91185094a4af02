import { createMiddleware } from "hono/factory";
import type { AppEnv } from "../env.ts";

/**
 * Sets what browsers must know of every answer. Nothing from elsewhere but what the object store shows, and no script but
 * those that carry the answer's nonce: not those at our own address either, where people's files are too.
 */
export function securityHeaders(mediaOrigin: string | undefined) {
  const media = mediaOrigin ? ` ${mediaOrigin}` : "";
  const policy = (nonce: string) =>
    [
      "default-src 'self'",
      `script-src 'nonce-${nonce}'`,
      `img-src 'self' data: blob:${media}`,
      `media-src 'self' blob:${media}`,
      "object-src 'none'",
      "base-uri 'none'",
      "form-action 'self'",
      "frame-ancestors 'none'",
    ].join("; ");
  return createMiddleware<AppEnv>(async function securityHeaders(c, next) {
    const nonce = crypto.getRandomValues(new Uint8Array(16)).toBase64();
    c.set("nonce", nonce);
    await next();
    const headers = c.res.headers;
    if (!headers.has("Content-Security-Policy")) headers.set("Content-Security-Policy", policy(nonce));
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
