// Times as people read them: in their language, and in the time zone of their browser once that is known.
import type { Language } from "../../../lib/platform/languages.ts";

export interface Times {
  /** Date and time in the reader's zone; with the zone while it is not known. */
  dateTime(iso: string): string;
  /** Date and time to the second, with the zone. */
  fullTime(iso: string): string;
  /** Date and time of a clock that told no zone, as it showed them; `iso` is as though it had run in UTC. */
  clockTime(iso: string): string;
  /** How long ago `iso` was, seen from `now` (milliseconds); after a week, the day. */
  ago(iso: string, now: number): string;
}

const DATE_TIME: Intl.DateTimeFormatOptions = {
  year: "numeric",
  month: "short",
  day: "numeric",
  hour: "numeric",
  minute: "2-digit",
};
const AGO_STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];
const ZONES = new Set([...Intl.supportedValuesOf("timeZone"), "UTC"]);
const cached = new Map<string, Times>();

/** The name of a time zone as it is known here (IANA); undefined for any other text. */
export function findZone(name: string | undefined): string | undefined {
  try {
    const zone = name && new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone;
    return zone && ZONES.has(zone) ? zone : undefined;
  } catch {
    return undefined;
  }
}

/** The times of `language` in `zone`, which `findZone` knows; without one, in the zone of this server. */
export function timesOf(language: Language, zone?: string): Times {
  const key = `${language} ${zone}`;
  const known = cached.get(key);
  if (known) return known;
  const times = makeTimes(language, zone);
  cached.set(key, times);
  return times;
}

function makeTimes(language: Language, timeZone: string | undefined): Times {
  const format = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(language, { timeZone, ...options });
  const day = format({ dateStyle: "medium" });
  const short = format({ ...DATE_TIME, timeZoneName: timeZone ? undefined : "short" });
  const full = format({ ...DATE_TIME, second: "2-digit", timeZoneName: "short" });
  const ago = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" });
  const clock = format({ ...DATE_TIME, timeZone: "UTC" });
  const fullTime = (iso: string) => full.format(new Date(iso));
  return {
    dateTime: (iso) => short.format(new Date(iso)),
    fullTime: timeZone ? (iso) => `${fullTime(iso)} (${timeZone.replaceAll("_", " ")})` : fullTime,
    clockTime: (iso) => clock.format(new Date(iso)),
    ago: (iso, now) => agoText(ago, day, iso, now),
  };
}

function agoText(ago: Intl.RelativeTimeFormat, day: Intl.DateTimeFormat, iso: string, now: number): string {
  const seconds = Math.max(0, (now - Date.parse(iso)) / 1000);
  if (seconds >= 7 * 86_400) return day.format(new Date(iso));
  const step = AGO_STEPS.find(([, size]) => seconds >= size);
  return step ? ago.format(-Math.floor(seconds / step[1]), step[0]) : ago.format(0, "second");
}
