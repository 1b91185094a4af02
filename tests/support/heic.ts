// A HEIC photograph written by hand (ISO 23008-12): one HEVC picture that is to be shown turned, with its Exif.

interface Still {
  /** An MP4 file whose first sample is the coded picture. */
  mp4: Uint8Array;
  width: number;
  height: number;
  /** Exif as a JPEG carries it: "Exif", two zero bytes and a TIFF file. */
  exif: Uint8Array;
}

const QUARTER_TURN_CLOCKWISE = 3;

/** Puts the coded picture into a HEIC file; it is shown a quarter turn clockwise. */
export function writeHeic({ mp4, width, height, exif }: Still): Uint8Array {
  const picture = findBox(mp4, "mdat").subarray(8);
  // The Exif item begins with the distance from its header to the TIFF file.
  const items = [picture, join([bytes32(6), exif])];
  const properties = [
    findBox(mp4, "hvcC"),
    box("ispe", bytes32(0), bytes32(width), bytes32(height)),
    box("irot", [QUARTER_TURN_CLOCKWISE]),
  ];
  const head = box("ftyp", text("heic"), bytes32(0), text("mif1heic"));
  const lengths = items.map((item) => item.length);
  const start = head.length + meta(properties, 0, lengths).length + 8;
  return join([head, meta(properties, start, lengths), box("mdat", ...items)]);
}

/** The index: which items there are, where they lie and what holds for them. `start` is where the first item lies. */
function meta(properties: Uint8Array[], start: number, [picture, exif]: number[]): Uint8Array {
  const located = (id: number, offset: number, length: number) =>
    join([bytes16(id), bytes16(0), bytes16(1), bytes32(offset), bytes32(length)]);
  const named = (id: number, type: string) =>
    box("infe", bytes32(2 << 24), bytes16(id), bytes16(0), text(type), [0]);
  return box(
    "meta",
    bytes32(0),
    box("hdlr", bytes32(0), bytes32(0), text("pict"), new Uint8Array(13)),
    box("pitm", bytes32(0), bytes16(1)),
    box("iinf", bytes32(0), bytes16(2), named(1, "hvc1"), named(2, "Exif")),
    box("iref", bytes32(0), box("cdsc", bytes16(2), bytes16(1), bytes16(1))),
    box(
      "iprp",
      box("ipco", ...properties),
      // Of the picture, all three properties; the first and the last are essential.
      box("ipma", bytes32(0), bytes32(1), bytes16(1), [3, 0x81, 2, 0x83]),
    ),
    box(
      "iloc",
      bytes32(0),
      [0x44, 0],
      bytes16(2),
      located(1, start, picture!),
      located(2, start + picture!, exif!),
    ),
  );
}

function findBox(file: Uint8Array, type: string): Uint8Array {
  const at = new TextDecoder("latin1").decode(file).indexOf(type) - 4;
  return file.slice(at, at + new DataView(file.buffer, file.byteOffset + at).getUint32(0));
}

function box(type: string, ...parts: (Uint8Array | number[])[]): Uint8Array {
  const content = join(parts);
  return join([bytes32(8 + content.length), text(type), content]);
}

function join(parts: (Uint8Array | number[])[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function text(letters: string): Uint8Array {
  return new TextEncoder().encode(letters);
}

function bytes16(value: number): number[] {
  return [value >> 8 & 255, value & 255];
}

function bytes32(value: number): number[] {
  return [...bytes16(value >>> 16), ...bytes16(value)];
}
