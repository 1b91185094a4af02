import { z } from "zod";

/** Text that can be stored: at most `max` characters, no NUL (PostgreSQL has none), no lone surrogates (no UTF-8). */
export function text(max: number) {
  return z.string().max(max).refine(isStorable, "must be valid text without NUL");
}

const MOST_LEVELS = 32;

/** A JSON object that can be stored, at most 64 KiB as written. */
export const jsonObject = z.record(z.string(), z.unknown()).refine(
  (value) => isShallow(value) && isStorableJson(JSON.stringify(value)),
  "must be valid text without NUL, at most 64 KiB and 32 levels deep",
);

/** Level by level and never by recursion: what is to be refused here would end it. */
function isShallow(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; depth <= MOST_LEVELS; depth++) {
    level = level.flatMap((each) => typeof each === "object" && each !== null ? Object.values(each) : []);
    if (level.length === 0) return true;
  }
  return false;
}

function isStorable(value: string): boolean {
  return !value.includes("\0") && value.isWellFormed();
}

function isStorableJson(written: string): boolean {
  return written.length <= 65_536 && !written.includes("\\u0000") && !/\\ud[89a-f]/i.test(written);
}

const YES = ["true", "1", "yes", "on"] as const;
const NO = ["false", "0", "no", "off"] as const;

/** Yes or no as queries and forms write it, in any case: `True` is how Python does. */
export const yesOrNo = z.preprocess(
  (value) => ["string", "boolean"].includes(typeof value) ? String(value).toLowerCase() : value,
  z.enum([...YES, ...NO]),
).transform((word) => (YES as readonly string[]).includes(word));

/**
 * A moment as ISO 8601 with offset, between the years 1000 and 9999 of UTC: beyond them PostgreSQL writes in a way of
 * its own. It knows no offset of 16 hours or more, nor does the world.
 */
export const moment = z.iso.datetime({
  offset: true,
  abort: true,
  error: "must be a moment as ISO 8601 with offset, such as 2026-11-23T20:00:00-03:00",
}).refine(
  (text) => /^[1-9]\d{3}-/.test(new Date(text).toISOString()) && !/[+-](1[6-9]|2\d):\d\d$/.test(text),
  "must be in the years 1000 to 9999, its offset less than 16 hours",
);

/** Fields without those that were left empty: they say nothing, and a default holds. */
export function withoutBlanks(fields: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ""));
}
