import { z } from "zod";

/** Text that can be stored: at most `max` characters, no NUL (PostgreSQL has none), no lone surrogates (no UTF-8). */
export function text(max: number) {
  return z.string().max(max).refine(isStorable, "must be valid text without NUL");
}

/** A JSON object that can be stored, at most 64 KiB as written. */
export const jsonObject = z.record(z.string(), z.unknown()).refine(
  (value) => isStorableJson(JSON.stringify(value)),
  "must be valid text without NUL, at most 64 KiB",
);

function isStorable(value: string): boolean {
  return !value.includes("\0") && value.isWellFormed();
}

function isStorableJson(written: string): boolean {
  return written.length <= 65_536 && !written.includes("\\u0000") && !/\\ud[89a-f]/i.test(written);
}
