// Writes an uncompressed TIFF in memory (TIFF 6.0, big-endian), to hand pictures from our own readers to the library.
import { Buffer } from "node:buffer";

export type TiffField =
  | [tag: number, type: "short" | "long", values: number[]]
  | [tag: number, type: "bytes" | "ascii", values: Uint8Array];

const TYPES = { ascii: 2, short: 3, long: 4, bytes: 7 } as const;
const HEADER_BYTES = 8;
const ENTRY_BYTES = 12;

/** One page with these fields and one strip for each plane; offsets and lengths of the strips are added. */
export function writeTiff(fields: TiffField[], planes: Uint8Array[]): Uint8Array {
  const strips: TiffField[] = [
    [273, "long", planes.map(() => 0)],
    [279, "long", planes.map((plane) => plane.byteLength)],
  ];
  const sorted = [...fields, ...strips].sort(([a], [b]) => a - b);
  const valuesAt = HEADER_BYTES + 2 + sorted.length * ENTRY_BYTES + 4;
  const valueBytes = sorted.map((field) => encode(field).byteLength).filter((bytes) => bytes > 4)
    .reduce((sum, bytes) => sum + bytes + bytes % 2, 0);
  let stripAt = valuesAt + valueBytes;
  strips[0]![2] = planes.map((plane) => (stripAt += plane.byteLength) - plane.byteLength);

  const head = Buffer.alloc(valuesAt + valueBytes);
  head.write("MM\0*\0\0\0\x08", "latin1");
  head.writeUInt16BE(sorted.length, HEADER_BYTES);
  let valueAt = valuesAt;
  for (const [nth, field] of sorted.entries()) {
    const at = HEADER_BYTES + 2 + nth * ENTRY_BYTES;
    const value = encode(field);
    head.writeUInt16BE(field[0], at);
    head.writeUInt16BE(TYPES[field[1]], at + 2);
    head.writeUInt32BE(field[2].length, at + 4);
    if (value.byteLength <= 4) head.set(value, at + 8);
    else {
      head.writeUInt32BE(valueAt, at + 8);
      head.set(value, valueAt);
      valueAt += value.byteLength + value.byteLength % 2;
    }
  }
  return Buffer.concat([head, ...planes]);
}

function encode([, type, values]: TiffField): Uint8Array {
  if (type === "bytes" || type === "ascii") return values;
  const bytes = Buffer.alloc(values.length * (type === "short" ? 2 : 4));
  for (const [nth, value] of values.entries()) {
    if (type === "short") bytes.writeUInt16BE(value, nth * 2);
    else bytes.writeUInt32BE(value, nth * 4);
  }
  return bytes;
}
