import type { AssetType, Sniffed } from "./schema.ts";

/** Common names of types for which file-type uses a newer or unusual one. */
const USUAL_NAMES: Record<string, string> = {
  "video/matroska": "video/x-matroska",
  "video/vnd.avi": "video/x-msvideo",
  "video/MP1S": "video/mpeg",
  "video/MP2P": "video/mpeg",
  "video/x-m4v": "video/mp4",
  "audio/x-m4a": "audio/mp4",
  "audio/ogg; codecs=opus": "audio/ogg",
  "application/ogg": "audio/ogg",
  "application/vnd.ms-asf": "video/x-ms-asf",
  "application/vnd.rn-realmedia": "video/vnd.rn-realmedia",
  "audio/vnd.dolby.dd-raw": "audio/ac3",
  "application/x-ft-apple.alias": "application/octet-stream",
};

/** Media formats that cannot be decoded here: kept as documents, without renditions. */
const KEPT_AS_DOCUMENTS = new Set([
  "image/svg+xml",
  "image/vnd.dwg",
  "image/ktx",
  "image/icns",
  "image/x-icon",
  "image/bpg",
  "image/flif",
  "image/x-xcf",
  "image/vnd.ms-photo",
  "image/jls",
  "audio/midi",
  "audio/x-it",
  "audio/x-s3m",
  "audio/x-xm",
]);

/** For files with inconclusive bytes: streams without a signature, and media that are broken at the start. */
const BY_EXTENSION: Record<string, string> = {
  "video/mp4": "mp4 m4v",
  "video/quicktime": "mov qt",
  "video/x-matroska": "mkv",
  "video/webm": "webm",
  "video/x-msvideo": "avi",
  "video/mpeg": "mpg mpeg m2v vob",
  "video/mp2t": "ts m2ts mts m2t",
  "application/mxf": "mxf",
  "video/x-flv": "flv",
  "video/x-ms-asf": "wmv asf",
  "video/3gpp": "3gp",
  "video/ogg": "ogv",
  "video/x-dv": "dv dif",
  "video/h264": "h264 264",
  "video/h265": "h265 hevc 265",
  "audio/mpeg": "mp3 mp2",
  "audio/mp4": "m4a",
  "audio/aac": "aac",
  "audio/wav": "wav wave bwf",
  "audio/flac": "flac",
  "audio/ogg": "ogg oga opus",
  "audio/aiff": "aif aiff aifc",
  "audio/x-ms-wma": "wma",
  "audio/ac3": "ac3 eac3",
  "audio/vnd.dts": "dts",
  "audio/amr": "amr",
  "image/jpeg": "jpg jpeg",
  "image/png": "png",
  "image/gif": "gif",
  "image/webp": "webp",
  "image/tiff": "tif tiff",
  "image/bmp": "bmp",
  "image/vnd.adobe.photoshop": "psd psb",
  "image/heic": "heic heif",
  "image/avif": "avif",
  "image/jp2": "jp2 j2k",
  "image/jxl": "jxl",
};

const TEXT_BY_EXTENSION: Record<string, string> = {
  srt: "application/x-subrip",
  vtt: "text/vtt",
  ass: "text/x-ssa",
  ssa: "text/x-ssa",
  csv: "text/csv",
  json: "application/json",
  md: "text/markdown",
  html: "text/html",
  htm: "text/html",
  xml: "application/xml",
  fcpxml: "application/xml",
  ttml: "application/ttml+xml",
  m3u8: "application/vnd.apple.mpegurl",
  log: "text/plain",
  edl: "text/plain",
  txt: "text/plain",
};

/** A detected type under its common name, with its asset type. */
export function describeType(mime: string, extension: string): Sniffed {
  const contentType = USUAL_NAMES[mime] ?? mime;
  return { contentType, extension, assetType: assetTypeOf(contentType) };
}

/**
 * The type from the file extension, for inconclusive bytes. Media only, because any file may be called `report.pdf`.
 */
export function mediaByName(filename: string): Sniffed | null {
  const extension = extensionOf(filename);
  const found = Object.entries(BY_EXTENSION).find(([, names]) => names.split(" ").includes(extension));
  return found ? describeType(found[0], extension) : null;
}

/** The text type from the file extension; `text/plain` for extensions that are not text. */
export function textByName(filename: string): Sniffed {
  const extension = extensionOf(filename);
  const contentType = TEXT_BY_EXTENSION[extension];
  return describeType(contentType ?? "text/plain", contentType ? extension : "txt");
}

function assetTypeOf(contentType: string): AssetType {
  if (KEPT_AS_DOCUMENTS.has(contentType)) return "document";
  if (contentType === "application/mxf") return "video";
  const family = contentType.split("/")[0];
  return family === "video" || family === "audio" || family === "image" ? family : "document";
}

function extensionOf(filename: string): string {
  return /\.([a-z0-9]{1,8})$/.exec(filename.toLowerCase())?.[1] ?? "";
}
