// When a photograph was taken, from the several places that cameras, scanners and archives write it to. Pure.
import type { Recorded } from "./camera.ts";

/** A photograph is not older than the art itself (Niépce, 1826). */
const FIRST_YEAR = 1826;
/** Clocks of cameras may run ahead, or in a zone that the date does not name. */
const AHEAD_MS = 48 * 3600 * 1000;
/** Days on which clocks begin that were never set. */
const EPOCHS = ["1904-01-01", "1970-01-01", "1980-01-01"];

/** A date as a file states it, with the offset that stands in a field of its own. */
export interface StatedDate {
  text: string | undefined;
  offset?: string;
}

/**
 * The first credible date, with milliseconds; null when there is none. A date without an offset is taken as
 * UTC. Zeros, unset clocks and dates in the future are not credible.
 */
export function firstCredible(dates: StatedDate[], now: number = Date.now()): Recorded | null {
  for (const date of dates) {
    const found = parseDate(date);
    if (found && found.time <= now + AHEAD_MS) {
      return { at: new Date(found.time).toISOString(), hasZone: found.hasZone };
    }
  }
  return null;
}

/** `2001:02:03 04:05:06`, also with dashes, a `T`, fractions of a second, an offset or without a time. */
const PATTERN =
  /^\s*(\d{4})[:/.-](\d{2})[:/.-](\d{2})(?:[ T](\d{2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?)?\s*$/;

function parseDate({ text, offset }: StatedDate): { time: number; hasZone: boolean } | undefined {
  const match = PATTERN.exec(text ?? "");
  if (!match) return undefined;
  const [year, month, day, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map((part) =>
    part === undefined ? undefined : Number(part)
  ) as [number, number, number, number?, number?, number?];
  const iso = text!.trim().slice(0, 10).replaceAll(/[:/.]/g, "-");
  if (year < FIRST_YEAR || month < 1 || month > 12 || day < 1 || day > 31 || EPOCHS.includes(iso)) {
    return undefined;
  }
  if (hour > 23 || minute > 59 || second > 60) return undefined;
  const zone = match[7] ?? offset;
  return {
    time: Date.UTC(year, month - 1, day, hour, minute, second) - offsetMs(zone),
    hasZone: /^\s*(?:Z|[+-]\d{2}:?\d{2})\s*$/.test(zone ?? ""),
  };
}

function offsetMs(offset: string | undefined): number {
  const match = /^\s*([+-])(\d{2}):?(\d{2})\s*$/.exec(offset ?? "");
  if (!match) return 0;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return (match[1] === "-" ? -minutes : minutes) * 60_000;
}

/** Dates in an XMP packet (ISO 16684-1), as attribute or element, under the prefixes that all writers use. */
export function datesOfXmp(packet: Uint8Array | undefined): Record<"original" | "created", StatedDate> {
  const text = new TextDecoder().decode(packet?.subarray(0, 4 * 2 ** 20));
  const find = (...names: string[]) =>
    names.map((name) =>
      new RegExp(`\\b${name}\\s*(?:=\\s*["']([^"'<>]{4,40})["']|>\\s*([^<]{4,40})<)`).exec(text)
    )
      .map((match) => match?.[1] ?? match?.[2]).find((value) => value !== undefined);
  return {
    original: { text: find("exif:DateTimeOriginal", "photoshop:DateCreated") },
    created: { text: find("xmp:CreateDate", "exif:DateTimeDigitized") },
  };
}

/** Date and time of creation in IPTC records (IIM 4.2, 2:55 and 2:60), wherever they stand in the block. */
export function dateOfIptc(block: Uint8Array | undefined): StatedDate {
  const text = new TextDecoder("latin1").decode(block?.subarray(0, 4 * 2 ** 20));
  // deno-lint-ignore no-control-regex -- records begin with the byte 0x1c
  const date = /\x1c\x02\x37\x00\x08(\d{4})(\d{2})(\d{2})/.exec(text);
  // deno-lint-ignore no-control-regex
  const time = /\x1c\x02\x3c\x00[\x06\x0b](\d{2})(\d{2})(\d{2})([+-]\d{4})?/.exec(text);
  if (!date) return { text: undefined };
  const day = date.slice(1).join("-");
  return { text: time ? `${day} ${time.slice(1, 4).join(":")}` : day, offset: time?.[4] };
}
