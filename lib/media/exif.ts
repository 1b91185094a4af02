import { Buffer } from "node:buffer";
import readExif from "exif-reader";
import { type CameraFacts, parseMoment } from "./camera.ts";

/** Facts from the EXIF data of a photograph. */
export interface PhotoFacts {
  camera: CameraFacts;
  recordedAt: string | null;
  /** EXIF 1–8: how to rotate and mirror the stored picture for display. */
  orientation: number;
}

/**
 * Parses an EXIF block, or a whole TIFF-based file. Broken EXIF yields empty facts: it never makes a picture
 * unreadable.
 */
export function parseExif(block: Uint8Array | undefined): PhotoFacts {
  const nothing = { camera: {}, recordedAt: null, orientation: 1 };
  if (!block) return nothing;
  try {
    const exif = readExif(Buffer.from(block.buffer, block.byteOffset, block.byteLength));
    const orientation = Number(exif.Image?.Orientation);
    return {
      camera: cameraOf(exif),
      recordedAt: recordedAtOf(exif),
      orientation: orientation >= 1 && orientation <= 8 ? orientation : 1,
    };
  } catch {
    return nothing;
  }
}

type Exif = ReturnType<typeof readExif>;

function cameraOf({ Image, Photo, GPSInfo }: Exif): CameraFacts {
  const facts: Record<string, string | number | undefined> = {
    make: toText(Image?.Make),
    model: toText(Image?.Model),
    lens: toText(Photo?.LensModel),
    software: toText(Image?.Software),
    exposure_time: positive(Photo?.ExposureTime),
    f_number: positive(Photo?.FNumber),
    iso: positive([Photo?.ISOSpeedRatings ?? Photo?.PhotographicSensitivity].flat()[0]),
    focal_length: positive(Photo?.FocalLength),
    focal_length_35mm: positive(Photo?.FocalLengthIn35mmFilm),
    latitude: degrees(GPSInfo?.GPSLatitude, GPSInfo?.GPSLatitudeRef, 90),
    longitude: degrees(GPSInfo?.GPSLongitude, GPSInfo?.GPSLongitudeRef, 180),
    altitude: altitude(GPSInfo),
  };
  return Object.fromEntries(
    Object.entries(facts).filter((entry): entry is [string, string | number] => entry[1] !== undefined),
  );
}

/** Local time with the time zone that newer cameras add; without one UTC is assumed. */
function recordedAtOf({ Image, Photo }: Exif): string | null {
  const taken = Photo?.DateTimeOriginal ?? Photo?.DateTimeDigitized ?? Image?.DateTime;
  if (!(taken instanceof Date) || Number.isNaN(taken.getTime())) return null;
  const zone = toText(Photo?.OffsetTimeOriginal ?? Photo?.OffsetTime);
  const isZone = zone && /^[+-]\d{2}:\d{2}$/.test(zone);
  return parseMoment(taken.toISOString().replace("Z", isZone ? zone : "Z"));
}

function toText(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  const text = value.slice(0, 200).replaceAll(/\p{Cc}/gu, " ").toWellFormed().trim();
  return text || undefined;
}

function positive(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) && value > 0 ? value : undefined;
}

function degrees(parts: unknown, reference: unknown, most: number): number | undefined {
  if (!Array.isArray(parts) || parts.length !== 3 || !parts.every(Number.isFinite)) return undefined;
  const value = parts[0] + parts[1] / 60 + parts[2] / 3600;
  if (Math.abs(value) > most) return undefined;
  return Number((/^[SW]/i.test(String(reference)) ? -value : value).toFixed(6));
}

function altitude(place: Exif["GPSInfo"]): number | undefined {
  const value = place?.GPSAltitude;
  if (typeof value !== "number" || !Number.isFinite(value)) return undefined;
  return Number((Number(place?.GPSAltitudeRef) === 1 ? -value : value).toFixed(2));
}
