// Camera metadata under the same names for video and photographs. Pure.

export type CameraFacts = Record<string, string | number>;

/** When something was recorded. */
export interface Recorded {
  /** ISO 8601. Without a zone as though the clock had run in UTC. */
  at: string;
  hasZone: boolean;
}

/** `recorded_clock`: what a clock showed that told no zone. */
export function clockFact(recorded: Recorded | null): CameraFacts {
  return recorded && !recorded.hasZone ? { recorded_clock: recorded.at.slice(0, 19) } : {};
}

type Tags = Record<string, string>;

/** Our names, and the container tags they are read from in order of preference. */
const TAGS: [name: string, tags: string[]][] = [
  ["make", ["com.apple.quicktime.make", "make", "com.android.manufacturer"]],
  ["model", ["com.apple.quicktime.model", "model", "com.android.model"]],
  ["lens", ["com.apple.quicktime.camera.lens_model", "lens", "lens_model"]],
  ["software", ["com.apple.quicktime.software", "software"]],
];

/**
 * Camera facts from the tags of a container and its streams: `make model lens software latitude longitude altitude`.
 */
export function cameraFromTags(tags: Tags): CameraFacts {
  const facts: CameraFacts = {};
  for (const [name, candidates] of TAGS) {
    const value = candidates.map((tag) => tags[tag]).find(Boolean);
    if (value) facts[name] = value;
  }
  const place = tags["com.apple.quicktime.location.iso6709"] ?? tags["location"] ?? tags["location-eng"];
  return { ...facts, ...parsePlace(place) };
}

/** Recording time; null when missing or when the camera clock was never set. */
export function recordedFromTags(tags: Tags, now: number = Date.now()): Recorded | null {
  const broadcastWave = tags.date && tags.creation_time?.match(/^\d{2}:\d{2}:\d{2}$/)
    ? `${tags.date}T${tags.creation_time}`
    : undefined;
  const candidates = [tags["com.apple.quicktime.creationdate"], broadcastWave, tags.creation_time, tags.date];
  for (const text of candidates) {
    const moment = parseMoment(text, now);
    if (moment) return moment;
  }
  return null;
}

/** Parses a date-time; dates before 1980 are the epoch of an unset clock (1904, 1970). */
function parseMoment(text: string | undefined, now: number): Recorded | null {
  if (!text || !/^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}|$)/.test(text)) return null;
  const hasZone = /(?:Z|[+-]\d{2}:?\d{2})$/.test(text.slice(10));
  const time = Date.parse(text.replace(" ", "T") + (text.length > 10 && !hasZone ? "Z" : ""));
  const isCredible = time >= Date.UTC(1980, 0, 2) && time <= now + 48 * 3600 * 1000;
  return isCredible ? { at: new Date(time).toISOString(), hasZone } : null;
}

/** ISO 6709 as written by phones: `+39.0513-094.2888+260.560/`. */
function parsePlace(text: string | undefined): CameraFacts {
  const match = /^([+-]\d{1,2}(?:\.\d+)?)([+-]\d{1,3}(?:\.\d+)?)([+-]\d+(?:\.\d+)?)?/.exec(text ?? "");
  const [latitude, longitude] = [Number(match?.[1]), Number(match?.[2])];
  if (!match || Math.abs(latitude) > 90 || Math.abs(longitude) > 180) return {};
  return { latitude, longitude, ...(match[3] ? { altitude: Number(match[3]) } : {}) };
}
