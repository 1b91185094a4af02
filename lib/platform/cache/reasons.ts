import { defineReasons } from "../errors.ts";

/** Why the cache fails. */
export const cacheError = defineReasons("cache", {
  unavailable: { code: "unavailable", detail: "The cache does not answer right now.", retryAfter: 1 },
});

/** What a rate limit was exceeded with. */
export const rateLimitError = defineReasons("rate_limit", {
  requests: { code: "rate_limited", detail: "Too many requests. Try again in {seconds} s." },
  codes: { code: "rate_limited", detail: "Too many codes were tried. Try again in {seconds} s." },
  streams: {
    code: "rate_limited",
    detail: "You have {most} event streams open, which is the most. Close one first.",
    retryAfter: 30,
  },
  password_resets: { code: "rate_limited", detail: "Asked for too often. Try again in {seconds} s." },
});
export type RateLimitReason = keyof typeof rateLimitError.reasons;
