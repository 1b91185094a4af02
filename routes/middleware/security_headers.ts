import { createMiddleware } from "hono/factory";
import type { AppEnv } from "../env.ts";

/**
 * Sets the security headers. Only the object store is allowed as another origin, and only scripts with the response's
 * nonce run: `'self'` would allow uploaded files, which are served from the same origin.
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
