import { z } from "zod";

/**
 * A UUID of any version; our own are version 7. A regular expression without flags, because OpenAPI cannot express
 * flags.
 */
export const uuidSchema = z.string().regex(
  /^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$/,
  "must be a UUID",
).transform((id) => id.toLowerCase());

/** The nil UUID (RFC 9562 §5.9), which sorts before every id. */
export const NIL_ID = "00000000-0000-0000-0000-000000000000";

let lastMs = 0;
let sequence = 0;

/**
 * Makes a UUID v7 (RFC 9562 §5.7): 48 bits of Unix milliseconds, then a 12-bit counter (method 1 of §6.2), so that ids
 * from one process sort in order of creation, then 62 random bits.
 */
export function newId(now: number = Date.now()): string {
  if (now > lastMs) {
    lastMs = now;
    sequence = 0;
  } else if (++sequence > 0xfff) {
    lastMs += 1;
    sequence = 0;
  }
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, Math.floor(lastMs / 2 ** 32));
  view.setUint32(2, lastMs % 2 ** 32);
  view.setUint16(6, 0x7000 | sequence);
  view.setUint8(8, 0x80 | (view.getUint8(8) & 0x3f));
  const hex = bytes.toHex();
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
