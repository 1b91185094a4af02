import { type CameraFacts, clockFact } from "./camera.ts";
import { dateOfIptc, datesOfXmp, firstCredible, type StatedDate } from "./photo_dates.ts";
import {
  type ByteSource,
  bytesSource,
  type Directory,
  numbersOf,
  readDirectories,
  readSubdirectory,
  TAG,
  textOf,
} from "./tiff.ts";

/** Facts that photographs carry about themselves. */
export interface PhotoFacts {
  camera: CameraFacts;
  recordedAt: string | null;
  /** EXIF 1–8: how to rotate and mirror the stored picture for display. */
  orientation: number;
}

/** Where facts may stand: an EXIF block (or a whole TIFF file), an XMP packet, IPTC records. */
export interface PhotoBlocks {
  exif?: Uint8Array | ByteSource;
  xmp?: Uint8Array;
  iptc?: Uint8Array;
}

/** Tags of EXIF 3.0 beyond those of TIFF. */
const EXIF = {
  exposureTime: 0x829a,
  fNumber: 0x829d,
  iso: 0x8827,
  dateTimeOriginal: 0x9003,
  dateTimeDigitized: 0x9004,
  offsetTime: 0x9010,
  offsetTimeOriginal: 0x9011,
  offsetTimeDigitized: 0x9012,
  focalLength: 0x920a,
  focalLength35mm: 0xa405,
  lensModel: 0xa434,
} as const;
const GPS = {
  latitudeRef: 1,
  latitude: 2,
  longitudeRef: 3,
  longitude: 4,
  altitudeRef: 5,
  altitude: 6,
  time: 7,
  date: 29,
} as const;

/** Reads the facts of a photograph. What is broken is left out: it never makes a picture unreadable. */
export function parsePhoto({ exif, xmp, iptc }: PhotoBlocks): PhotoFacts {
  const source = exif instanceof Uint8Array ? bytesSource(withoutHeader(exif)) : exif;
  const main = source && readDirectories(source)[0];
  const photo = source && readSubdirectory(source, main, TAG.exif);
  const place = source && readSubdirectory(source, main, TAG.gps);
  const [orientation = 1] = main ? numbersOf(main, TAG.orientation) : [];
  const recorded = firstCredible(datesOf({ main, photo, place, xmp, iptc }));
  return {
    camera: { ...cameraOf(main, photo, place), ...clockFact(recorded) },
    recordedAt: recorded?.at ?? null,
    orientation: orientation >= 1 && orientation <= 8 ? orientation : 1,
  };
}

/** JPEG writes `Exif`, HEIF the length of its header before the TIFF structure. */
function withoutHeader(block: Uint8Array): Uint8Array {
  const isMarked = block[0] === 0x45 && block[1] === 0x78 && block[2] === 0x69 && block[3] === 0x66;
  return isMarked ? block.subarray(6) : block;
}

interface Stated {
  main?: Directory;
  photo?: Directory;
  place?: Directory;
  xmp?: Uint8Array;
  iptc?: Uint8Array;
}

/** In the order of trust: when it was taken, when it was digitised or fixed by satellite, when the file was last changed. */
function datesOf({ main, photo, place, xmp, iptc }: Stated): StatedDate[] {
  const offset = textOf(photo, EXIF.offsetTimeOriginal) ?? textOf(photo, EXIF.offsetTime);
  const { original, created } = datesOfXmp(xmp);
  return [
    { text: textOf(photo, EXIF.dateTimeOriginal), offset },
    original,
    dateOfIptc(iptc),
    {
      text: textOf(photo, EXIF.dateTimeDigitized),
      offset: textOf(photo, EXIF.offsetTimeDigitized) ?? offset,
    },
    created,
    dateOfPlace(place),
    { text: textOf(main, TAG.dateTime), offset: textOf(photo, EXIF.offsetTime) },
  ];
}

/** UTC by the satellites; the date alone when the time is missing. */
function dateOfPlace(place: Directory | undefined): StatedDate {
  const day = textOf(place, GPS.date);
  const time = place ? numbersOf(place, GPS.time) : [];
  if (!day || time.length !== 3 || !time.every((part) => part >= 0 && part < 61)) return { text: day };
  const clock = time.map((part) => String(Math.floor(part)).padStart(2, "0")).join(":");
  return { text: `${day} ${clock}`, offset: "Z" };
}

function cameraOf(main?: Directory, photo?: Directory, place?: Directory): CameraFacts {
  const first = (directory: Directory | undefined, tag: number) =>
    positive(directory && numbersOf(directory, tag)[0]);
  const facts: Record<string, string | number | undefined> = {
    make: toText(textOf(main, TAG.make)),
    model: toText(textOf(main, TAG.model)),
    lens: toText(textOf(photo, EXIF.lensModel)),
    software: toText(textOf(main, TAG.software)),
    exposure_time: first(photo, EXIF.exposureTime),
    f_number: first(photo, EXIF.fNumber),
    iso: first(photo, EXIF.iso),
    focal_length: first(photo, EXIF.focalLength),
    focal_length_35mm: first(photo, EXIF.focalLength35mm),
    latitude: degrees(place, GPS.latitude, GPS.latitudeRef, 90),
    longitude: degrees(place, GPS.longitude, GPS.longitudeRef, 180),
    altitude: altitude(place),
  };
  return Object.fromEntries(
    Object.entries(facts).filter((entry): entry is [string, string | number] => entry[1] !== undefined),
  );
}

function toText(value: string | undefined): string | undefined {
  const text = value?.slice(0, 200).replaceAll(/\p{Cc}/gu, " ").toWellFormed().trim();
  return text || undefined;
}

function positive(value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(value) && value > 0 ? value : undefined;
}

function degrees(
  place: Directory | undefined,
  tag: number,
  reference: number,
  most: number,
): number | undefined {
  const parts = place ? numbersOf(place, tag) : [];
  if (parts.length !== 3 || !parts.every(Number.isFinite)) return undefined;
  const value = parts[0]! + parts[1]! / 60 + parts[2]! / 3600;
  if (Math.abs(value) > most) return undefined;
  return Number((/^[SW]/i.test(textOf(place, reference) ?? "") ? -value : value).toFixed(6));
}

function altitude(place: Directory | undefined): number | undefined {
  const [value] = place ? numbersOf(place, GPS.altitude) : [];
  if (value === undefined || !Number.isFinite(value)) return undefined;
  const [reference] = numbersOf(place!, GPS.altitudeRef);
  return Number((reference === 1 ? -value : value).toFixed(2));
}
