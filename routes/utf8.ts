// Percent-encoded text, of addresses and of URL-encoded forms, is UTF-8 (WHATWG URL §1.3, §5.2).
import { requestError } from "./reasons.ts";

/** Throws `bad_request` for encoded bytes that are not UTF-8: they would be kept as they are written, or replaced. */
export function requireUtf8(encoded: string): void {
  for (const [bytes] of encoded.matchAll(/(%[0-9a-f]{2})+/gi)) {
    if (!isDecodable(bytes)) throw requestError("bytes_not_utf8", { bytes });
  }
}

function isDecodable(bytes: string): boolean {
  try {
    decodeURIComponent(bytes);
    return true;
  } catch {
    return false;
  }
}
