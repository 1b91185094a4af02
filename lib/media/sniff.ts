import { fileTypeFromBuffer } from "file-type";
import type { Sniffed } from "./schema.ts";
import { describeType, mediaByName, textByName } from "./sniff_types.ts";

/** How many leading bytes `sniff` wants to see; fewer reduce its accuracy. */
export const SNIFF_BYTES = 64 * 1024;

/** Two-letter signatures that ordinary text may begin with. */
const WEAK = new Set([
  "image/bmp",
  "application/x-msdownload",
  "application/x-compress",
  "audio/mpeg",
  "application/zip",
]);

/** Signatures that file-type does not know: offset, bytes as Latin-1, type, extension. */
const SIGNATURES: [offset: number, bytes: string, mime: string, extension: string][] = [
  [0, "RF64", "audio/wav", "wav"],
  [0, "BW64", "audio/wav", "wav"],
  [0, "riff\x2e\x91\xcf\x11", "audio/x-w64", "w64"],
  [0, ".snd", "audio/basic", "au"],
  [0, "\x7f\xfe\x80\x01", "audio/vnd.dts", "dts"],
  [0, "YUV4MPEG2 ", "video/x-yuv4mpeg", "y4m"],
  [0, "DKIF\0\0", "video/x-ivf", "ivf"],
  [0, "LEITCH\0\0", "video/x-lxf", "lxf"],
  [0, "\0\0\0\0\x01\xbc", "video/x-gxf", "gxf"],
  [0, "\x1f\x07\x00", "video/x-dv", "dv"],
  [0, "\0\0\0\x01\x67", "video/h264", "h264"],
  [0, "\0\0\0\x01\x40\x01", "video/h265", "h265"],
  [0, "nut/multimedia container\0", "video/x-nut", "nut"],
  [0, "\x76\x2f\x31\x01", "image/x-exr", "exr"],
  [0, "SDPX", "image/x-dpx", "dpx"],
  [0, "XPDS", "image/x-dpx", "dpx"],
];

/**
 * Detects the type of a file from its first bytes (`SNIFF_BYTES` of them, or all of a shorter file). When they are
 * inconclusive, a file name with a media extension is trusted until ffprobe decides; a name never overrules the bytes.
 * Other text, including SVG, is a document. Null when the type is unknown.
 */
export async function sniff(head: Uint8Array, filename: string): Promise<Sniffed | null> {
  if (head.byteLength === 0) return null;
  const text = readText(head);
  const found = await fileTypeFromBuffer(head).catch(() => undefined);
  if (found && found.mime !== "application/xml" && !(text !== undefined && WEAK.has(found.mime))) {
    return describeType(found.mime, found.ext);
  }
  if (text !== undefined) return sniffText(text, filename);
  return bySignature(head) ?? byStructure(head) ?? mediaByName(filename);
}

function bySignature(head: Uint8Array): Sniffed | undefined {
  const found = SIGNATURES.find(([offset, bytes]) => startsWith(head, offset, bytes));
  return found && describeType(found[2], found[3]);
}

/** Formats that are detected by a repeating pattern, or that may begin with other data. */
function byStructure(head: Uint8Array): Sniffed | undefined {
  if (isTransportStream(head)) return describeType("video/mp2t", "ts");
  const latin = new TextDecoder("latin1").decode(head);
  if (latin.slice(0, 1024).includes("%PDF-")) return describeType("application/pdf", "pdf");
  // SMPTE 377-1 §6.5: up to 64 KiB of run-in may precede the header partition pack.
  if (latin.includes("\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02\x01\x01\x02")) {
    return describeType("application/mxf", "mxf");
  }
}

/** Sync bytes every 188, 192 (M2TS) or 204 bytes, also when the file begins within a packet (ISO 13818-1). */
function isTransportStream(head: Uint8Array): boolean {
  return [188, 192, 204].some((size) => {
    const rounds = Math.min(8, Math.floor(head.byteLength / size) - 1);
    if (rounds < 3) return false;
    for (let start = 0; start < size; start++) {
      let round = 0;
      while (round < rounds && head[start + round * size] === 0x47) round++;
      if (round === rounds) return true;
    }
    return false;
  });
}

function sniffText(text: string, filename: string): Sniffed {
  const start = text.trimStart().slice(0, 4096);
  if (start.startsWith("<")) {
    // Removes comments with a pattern that cannot backtrack, since the input is untrusted (ReDoS).
    const markup = start.replaceAll(/<!--(?:(?!-->)[\s\S])*-->/g, "").replace(/^\s*<\?xml[^>]*>/, "")
      .trimStart();
    if (/^(?:<!DOCTYPE svg[^>]*>\s*)?<svg[\s/>]/i.test(markup)) return describeType("image/svg+xml", "svg");
    if (/^<(?:!doctype html|html)[\s>]/i.test(markup)) return describeType("text/html", "html");
  }
  if (start.startsWith("<?xml")) return describeType("application/xml", "xml");
  if (start.startsWith("WEBVTT")) return describeType("text/vtt", "vtt");
  if (start.startsWith("#EXTM3U")) return describeType("application/vnd.apple.mpegurl", "m3u8");
  if (start.startsWith("[Script Info]")) return describeType("text/x-ssa", "ass");
  if (/^\d{1,2}:\d{2}:\d{2}[,.]\d{1,3}[ \t]*-->/m.test(start)) {
    return describeType("application/x-subrip", "srt");
  }
  return textByName(filename);
}

/** Decodes the bytes as UTF-8, UTF-16 with a byte order mark, or a legacy 8-bit charset; undefined for binary data. */
function readText(head: Uint8Array): string | undefined {
  const mark = head[0]! * 256 + head[1]!;
  if (mark === 0xfffe || mark === 0xfeff) {
    const text = new TextDecoder(mark === 0xfffe ? "utf-16le" : "utf-16be").decode(head);
    // Audio frames begin with 0xFFFE too, but continue with unassigned characters.
    return /^[\t\n\r\u0020-\ud7ff\uf900-\ufffc]*\ufffd?$/.test(text) ? text : undefined;
  }
  if (head.some(isControl)) return undefined;
  try {
    // Streaming mode, because the last character may be incomplete.
    return new TextDecoder("utf-8", { fatal: true }).decode(head, { stream: true });
  } catch {
    const high = head.reduce((count, byte) => byte > 0x7f ? count + 1 : count, 0);
    return high < head.byteLength * 0.3 ? new TextDecoder("latin1").decode(head) : undefined;
  }
}

function isControl(byte: number): boolean {
  return byte < 0x20 && !(byte >= 0x09 && byte <= 0x0d) && byte !== 0x1b;
}

function startsWith(head: Uint8Array, offset: number, bytes: string): boolean {
  for (let i = 0; i < bytes.length; i++) if (head[offset + i] !== bytes.charCodeAt(i)) return false;
  return true;
}
