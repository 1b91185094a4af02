import { z } from "zod";

/**
 * Text that PostgreSQL can store: at most `max` characters, no NUL, no lone surrogates. Kept in Unicode normalization form
 * C (UAX #15), so that what reads the same is the same: macOS writes names in form D.
 */
export function text(max: number) {
  return storable(z.string().normalize("NFC").max(max));
}

/** Text as `text`, kept as it was sent: for secrets, which are compared or hashed. */
export function exactText(max: number) {
  return storable(z.string().max(max));
}

function storable(schema: z.ZodString) {
  return schema.refine(isStorable, "must be valid text without NUL");
}

const MAX_DEPTH = 32;

/** A JSON object that can be stored, at most 64 KiB when serialized. */
export const jsonObject = z.record(z.string(), z.unknown()).refine(
  (value) => isShallow(value) && isStorableJson(JSON.stringify(value)),
  "must be valid text without NUL, at most 64 KiB and 32 levels deep",
);

/** Breadth first instead of recursive, because deep input would overflow the stack. */
function isShallow(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; depth <= MAX_DEPTH; depth++) {
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

/** A boolean as queries and forms write it, in any case: Python writes `True`. */
export const yesOrNo = z.preprocess(
  (value) => ["string", "boolean"].includes(typeof value) ? String(value).toLowerCase() : value,
  z.enum([...YES, ...NO]),
).transform((word) => (YES as readonly string[]).includes(word));

/**
 * An ISO 8601 date-time with offset, in the years 1000 to 9999 of UTC, where PostgreSQL prints it as ISO 8601.
 * PostgreSQL accepts no offset of 16 hours or more.
 */
export const moment = z.iso.datetime({
  offset: true,
  abort: true,
  error: "must be a moment as ISO 8601 with offset, such as 2026-11-23T20:00:00-03:00",
}).refine(
  (text) => /^[1-9]\d{3}-/.test(new Date(text).toISOString()) && !/[+-](1[6-9]|2\d):\d\d$/.test(text),
  "must be in the years 1000 to 9999, its offset less than 16 hours",
);

/** Drops empty form fields, so that defaults apply. */
export function withoutBlanks(fields: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ""));
}
