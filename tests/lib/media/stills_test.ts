// Pictures of unusual kinds, judged by their pixels and facts. Each input is made here.
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import sharp from "sharp";
import { findMediaFailure } from "../../../lib/media/errors.ts";
import { makePoster } from "../../../lib/media/poster.ts";
import { makeProxy } from "../../../lib/media/proxy.ts";
import { probe } from "../../../lib/media/probe.ts";
import { type TiffField, writeTiff } from "../../../lib/media/tiff_write.ts";
import { madeMedium } from "../../support/made_media.ts";
import { bytesFile, inFolder, picture, sample } from "./samples.ts";

const SIDE = 64;
const AREA = SIDE * SIDE;

/** Probes a file and renders it; answers its facts and the colours of the four quarters, in reading order. */
async function show(path: string) {
  return await inFolder(async (folder) => {
    const facts = await probe(path, folder);
    const poster = await makePoster(path, folder, facts);
    const { data } = await sharp(poster!.path).resize(2, 2, { fit: "fill", kernel: "nearest" }).ensureAlpha()
      .raw().toBuffer({
        resolveWithObject: true,
      });
    const quarters = Array.from({ length: 4 }, (_, nth) => [...data.subarray(nth * 4, nth * 4 + 4)]);
    return { facts, poster: poster!, quarters };
  });
}

async function recordedAt(path: string): Promise<string | null> {
  return await inFolder(async (folder) => (await probe(path, folder)).recordedAt);
}

function assertColours(actual: number[][], expected: number[][], tolerance = 3): void {
  for (const [nth, colour] of expected.entries()) {
    for (const [channel, value] of colour.entries()) {
      const far = Math.abs(actual[nth]![channel]! - value);
      assert.ok(far <= tolerance, `quarter ${nth} is ${actual[nth]}, expected ${colour}`);
    }
  }
}

/** One page of SIDE × SIDE with these samples per pixel. */
async function tiff(name: string, samples: number, more: TiffField[], pixels: Uint8Array): Promise<string> {
  const fields: TiffField[] = [
    [256, "long", [SIDE]],
    [257, "long", [SIDE]],
    [277, "short", [samples]],
    [278, "long", [SIDE]],
    [259, "short", [1]],
    ...more,
  ];
  return await bytesFile(name, writeTiff(fields, [pixels]));
}

function repeat(pixel: number[]): Uint8Array {
  return Uint8Array.from({ length: pixel.length * AREA }, (_, at) => pixel[at % pixel.length]!);
}

Deno.test("a picture in a folder behind a symbolic link is shown", async () => {
  const grey = sharp({ create: { width: SIDE, height: SIDE, channels: 3, background: "#787878" } });
  const path = await bytesFile("linked.jpg", await grey.jpeg().toBuffer());
  await inFolder(async (folder) => {
    await Deno.symlink(path.slice(0, path.lastIndexOf("/")), `${folder}/link`);
    const { facts, quarters } = await show(`${folder}/link/linked.jpg`);
    assertColours(quarters, [[120, 120, 120]]);
    assert.deepEqual(facts.technical.notes, []);
  });
});

Deno.test("floating-point TIFF is shown with one as white", async () => {
  const pixels = Buffer.alloc(AREA * 4);
  for (let at = 0; at < AREA; at++) pixels.writeFloatBE((at % SIDE) < SIDE / 2 ? 0.25 : 1, at * 4);
  const more: TiffField[] = [[258, "short", [32]], [262, "short", [1]], [339, "short", [3]]];
  const { quarters, facts } = await show(await tiff("float.tif", 1, more, pixels));
  assertColours(quarters, [[64, 64, 64], [255, 255, 255], [64, 64, 64], [255, 255, 255]]);
  assert.equal(facts.technical.bit_depth, 32);
});

Deno.test("TIFF in luma and chroma is converted", async () => {
  // Pure red by the equations of JFIF.
  const more: TiffField[] = [[258, "short", [8, 8, 8]], [262, "short", [6]], [530, "short", [1, 1]]];
  const { quarters } = await show(await tiff("ycc.tif", 3, more, repeat([76, 85, 255])));
  assertColours(quarters, [[254, 0, 0]]);
});

Deno.test("a channel of unknown meaning is no transparency, and one that says so is", async () => {
  for (const [extra, alpha] of [[0, 255], [2, 0]] as const) {
    const more: TiffField[] = [[258, "short", [8, 8, 8, 8]], [262, "short", [2]], [338, "short", [extra]]];
    const { quarters } = await show(await tiff(`extra-${extra}.tif`, 4, more, repeat([200, 100, 50, 0])));
    assert.equal(quarters[0]![3], alpha);
    if (extra === 0) assertColours(quarters, [[200, 100, 50]]);
  }
});

Deno.test("Lab TIFF with 8 bits is shown, with signed and with centred colours", async () => {
  for (const [photometric, pixel] of [[8, [136, 80, 67]], [9, [136, 208, 195]]] as const) {
    const more: TiffField[] = [[258, "short", [8, 8, 8]], [262, "short", [photometric]]];
    const { quarters } = await show(await tiff(`lab-${photometric}.tif`, 3, more, repeat([...pixel])));
    assertColours(quarters, [[255, 0, 0]]);
  }
});

Deno.test("12-bit TIFF is shown by the second decoder, which is noted", async () => {
  const packed = Buffer.alloc(AREA * 3 / 2);
  for (let at = 0; at < packed.length; at += 3) packed.set([0x80, 0x08, 0x00], at);
  const more: TiffField[] = [[258, "short", [12]], [262, "short", [1]]];
  const { quarters, facts } = await show(await tiff("12-bit.tif", 1, more, packed));
  assertColours(quarters, [[128, 128, 128]]);
  assert.deepEqual(facts.technical.notes, ["second_decoder"]);
});

Deno.test("a reduced first page of a TIFF is not the picture", async () => {
  const pages = [
    { side: 16, subfile: 1, colour: [0, 0, 255] },
    { side: SIDE, subfile: 0, colour: [255, 0, 0] },
  ].map(({ side, subfile, colour }) =>
    Buffer.from(writeTiff([
      [254, "long", [subfile]],
      [256, "long", [side]],
      [257, "long", [side]],
      [258, "short", [8, 8, 8]],
      [259, "short", [1]],
      [262, "short", [2]],
      [277, "short", [3]],
      [278, "long", [side]],
    ], [repeat(colour).subarray(0, side * side * 3)]))
  );
  const { facts, quarters } = await show(await bytesFile("reduced.tif", chain(pages[0]!, pages[1]!)));
  assert.deepEqual([facts.technical.width, facts.technical.frame_count], [SIDE, null]);
  assertColours(quarters, [[255, 0, 0]]);
});

/** Appends the page of the second file to the first: its offsets move by the length of the first. */
function chain(first: Buffer, second: Buffer): Buffer {
  const moved = Buffer.from(second);
  const count = moved.readUInt16BE(8);
  for (let entry = 0; entry < count; entry++) {
    const at = 10 + entry * 12;
    const bytes = ({ 3: 2, 4: 4 } as Record<number, number>)[moved.readUInt16BE(at + 2)]! *
      moved.readUInt32BE(at + 4);
    if (bytes > 4 || moved.readUInt16BE(at) === 273) {
      moved.writeUInt32BE(moved.readUInt32BE(at + 8) + first.length, at + 8);
    }
  }
  const linked = Buffer.from(first);
  linked.writeUInt32BE(first.length + 8, 10 + linked.readUInt16BE(8) * 12);
  return Buffer.concat([linked, moved]);
}

Deno.test("a raw photograph is shown by its large preview, upright", async () => {
  const half = { width: SIDE / 2, height: SIDE * 3 / 4, channels: 3 as const };
  const preview = await sharp({ create: { ...half, width: SIDE, background: "#ff0000" } })
    .composite([{ input: { create: { ...half, background: "#0000ff" } }, left: 0, top: 0 }]).jpeg()
    .toBuffer();
  const ascii = (text: string) => new TextEncoder().encode(`${text}\0`);
  const raw = writeTiff([
    [256, "long", [4000]],
    [257, "long", [3000]],
    [258, "short", [12]],
    [259, "short", [65535]],
    [262, "short", [32803]],
    [271, "ascii", ascii("PENTAX")],
    [272, "ascii", ascii("PENTAX K-3")],
    [274, "short", [6]],
    [277, "short", [1]],
    [306, "ascii", ascii("2021:05:06 07:08:09")],
  ], [crypto.getRandomValues(new Uint8Array(20_000)).map((byte) => byte & 0x7f), preview]);
  const { facts, poster, quarters } = await show(await bytesFile("raw.pef", raw));
  assert.equal(facts.contentType, "image/x-pentax-pef");
  assert.deepEqual([poster.width, poster.height], [SIDE * 3 / 4, SIDE]);
  assertColours(quarters, [[0, 0, 255], [0, 0, 255], [255, 0, 0], [255, 0, 0]], 12);
  assert.equal(facts.technical.camera.model, "PENTAX K-3");
  assert.equal(facts.recordedAt, "2021-05-06T07:08:09.000Z");
});

Deno.test("Photoshop files are shown flat or packed, in every colour mode and depth", async () => {
  const cases: [name: string, mode: number, depth: number, planes: number[], shown: number[]][] = [
    ["rgb", 3, 8, [200, 100, 50], [200, 100, 50, 255]],
    ["rgb16", 3, 16, [200, 100, 50], [200, 100, 50, 255]],
    ["grey", 1, 8, [120], [120, 120, 120, 255]],
    ["lab", 9, 8, [255, 128, 128], [255, 255, 255, 255]],
    ["lab red", 9, 8, [136, 208, 195], [255, 0, 0, 255]],
    ["lab16", 9, 16, [136, 128, 128], [127, 127, 127, 255]],
    ["no ink", 4, 8, [255, 255, 255, 255], [255, 255, 255, 255]],
  ];
  for (const isPacked of [true, false]) {
    for (const [name, mode, depth, planes, shown] of isPacked ? cases : cases.slice(0, 2)) {
      const { quarters, facts } = await show(
        await psd(`${name}-${isPacked}.psd`, { mode, depth, planes, isPacked }),
      );
      assertColours(quarters, [shown]);
      assert.deepEqual([facts.technical.width, facts.technical.bit_depth], [SIDE, depth], name);
    }
  }
});

Deno.test("a further channel of a Photoshop file is transparency when its layers say so", async () => {
  const planes = [200, 100, 50, 0];
  for (const [layers, alpha] of [[-1, 0], [1, 255]] as const) {
    const path = await psd(`alpha${layers}.psd`, { mode: 3, depth: 8, planes, isPacked: true, layers });
    assert.equal((await show(path)).quarters[0]![3], alpha);
  }
});

Deno.test("a Photoshop file that ends early is cut off", async () => {
  const path = await psd("whole.psd", { mode: 3, depth: 8, planes: [1, 2, 3], isPacked: false });
  const bytes = await Deno.readFile(path);
  const cut = await bytesFile("cut.psd", bytes.subarray(0, bytes.length - AREA));
  await assert.rejects(show(cut), (error) => findMediaFailure(error) === "truncated");
});

interface PsdPlan {
  mode: number;
  depth: number;
  /** The value of each channel. */
  planes: number[];
  isPacked: boolean;
  layers?: number;
}

async function psd(name: string, { mode, depth, planes, isPacked, layers }: PsdPlan): Promise<string> {
  const head = Buffer.alloc(34);
  head.write("8BPS\0\x01", "latin1");
  head.writeUInt16BE(planes.length, 12);
  head.writeUInt32BE(SIDE, 14);
  head.writeUInt32BE(SIDE, 18);
  head.writeUInt16BE(depth, 22);
  head.writeUInt16BE(mode, 24);
  const layerBlock = Buffer.alloc(layers === undefined ? 4 : 10);
  if (layers !== undefined) {
    layerBlock.writeUInt32BE(6, 0);
    layerBlock.writeUInt32BE(2, 4);
    layerBlock.writeInt16BE(layers, 8);
  }
  const rowBytes = SIDE * depth / 8;
  const row = (value: number) => isPacked ? packedRow(value, rowBytes) : Buffer.alloc(rowBytes, value);
  const rows = planes.flatMap((value) => Array.from({ length: SIDE }, () => row(value)));
  const lengths = Buffer.alloc(isPacked ? rows.length * 2 : 0);
  if (isPacked) { for (const [nth, each] of rows.entries()) lengths.writeUInt16BE(each.length, nth * 2); }
  const compression = Buffer.from([0, isPacked ? 1 : 0]);
  return await bytesFile(name, Buffer.concat([head, layerBlock, compression, lengths, ...rows]));
}

/** Runs of at most 128 equal bytes. */
function packedRow(value: number, rowBytes: number): Buffer {
  const runs: number[] = [];
  for (let left = rowBytes; left > 0; left -= Math.min(left, 128)) {
    runs.push(257 - Math.min(left, 128), value);
  }
  return Buffer.from(runs);
}

Deno.test("animations of PNG and AVIF keep moving, and their posters are not blank", async () => {
  const moving = ["-f", "lavfi", "-i", "color=red:size=64x64:rate=10:duration=1,fade=in:0:3"];
  const apng = await sample("moving.apng", ...picture("64x48", "10", 1), "-f", "apng");
  const avif = await sample(
    "moving.avif",
    ...moving,
    "-c:v",
    "libaom-av1",
    "-cpu-used",
    "8",
    "-brand",
    "avis",
    "-f",
    "mp4",
  );
  for (const path of [apng, avif]) {
    const { facts, quarters } = await show(path);
    assert.equal(facts.assetType, "image", path);
    assert.equal(facts.technical.frame_count, 10, path);
    assert.ok(Math.max(...quarters.flatMap((colour) => colour.slice(0, 3))) > 100, `${path}: ${quarters}`);
    assert.equal(await inFolder((folder) => makeProxy(path, folder, facts)), "original");
  }
});

Deno.test("a JPEG without its end marker is shown, one without pixels is cut off", async () => {
  const noise = { type: "gaussian", mean: 128, sigma: 40 } as const;
  const whole = await sharp({ create: { width: 256, height: 256, channels: 3, background: "red", noise } })
    .jpeg().toBuffer();
  const { facts } = await show(await bytesFile("no-end.jpg", whole.subarray(0, -2)));
  assert.deepEqual(facts.technical.notes, ["missing_end"]);
  const half = await bytesFile("half.jpg", whole.subarray(0, whole.length / 2));
  await assert.rejects(show(half), (error) => findMediaFailure(error) === "truncated");
  assert.deepEqual((await show(await bytesFile("whole.jpg", whole))).facts.technical.notes, []);
});

Deno.test("a HEIC that is cut short is cut off, whatever its decoder prints", async () => {
  const whole = await Deno.readFile(await madeMedium("phone_photo.heic"));
  const cut = await bytesFile("cut.heic", whole.subarray(0, Math.floor(whole.length * 0.8)));
  await assert.rejects(show(cut), (error) => findMediaFailure(error) === "truncated");
});

Deno.test("the date is the first credible one of EXIF, XMP, IPTC and GPS", async () => {
  const exif = (photo: Record<string, string>, main: Record<string, string> = {}, place = {}) => ({
    IFD0: main,
    IFD2: photo,
    IFD3: place,
  });
  const cases: [name: string, exif: ReturnType<typeof exif>, expected: string | null][] = [
    ["before 1980", exif({ DateTimeOriginal: "1958:06:01 12:00:00" }), "1958-06-01T12:00:00.000Z"],
    ["offset within", exif({ DateTimeOriginal: "2025:01:14 18:31:30+0900" }), "2025-01-14T09:31:30.000Z"],
    [
      "offset beside",
      exif({ DateTimeOriginal: "2025:01:14 18:31:30", OffsetTimeOriginal: "-03:00" }),
      "2025-01-14T21:31:30.000Z",
    ],
    [
      "zeros first",
      exif({ DateTimeOriginal: "0000:00:00 00:00:00" }, { DateTime: "2007:02:19 08:09:10" }),
      "2007-02-19T08:09:10.000Z",
    ],
    ["unset clock", exif({ DateTimeOriginal: "1970:01:01 00:00:12" }), null],
    ["not a date", exif({ DateTimeOriginal: "2025:13:45 99:00:00" }), null],
    [
      "GPS alone",
      exif({}, {}, { GPSDateStamp: "2014:05:06", GPSTimeStamp: "7/1 8/1 9/1" }),
      "2014-05-06T07:08:09.000Z",
    ],
  ];
  const base = () => sharp({ create: { width: 8, height: 8, channels: 3, background: "red" } }).jpeg();
  for (const [name, blocks, expected] of cases) {
    const path = await bytesFile(`${name}.jpg`, await base().withExif(blocks).toBuffer());
    assert.equal(await recordedAt(path), expected, name);
  }
  const xmp =
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">' +
    '<rdf:Description xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" photoshop:DateCreated="2001-02-03T04:05:06+01:00"/>' +
    "</rdf:RDF></x:xmpmeta>";
  const withXmp = await bytesFile("xmp.jpg", await base().withXmp(xmp).toBuffer());
  assert.equal(await recordedAt(withXmp), "2001-02-03T03:05:06.000Z");
  const withIptc = await bytesFile("iptc.jpg", addIptc(await base().toBuffer(), "19991231", "235958+0000"));
  assert.equal(await recordedAt(withIptc), "1999-12-31T23:59:58.000Z");
});

/** Inserts an APP13 segment with the date and time of creation after the start marker of a JPEG. */
function addIptc(jpeg: Buffer, date: string, time: string): Buffer {
  const record = (dataset: number, value: string) =>
    Buffer.concat([Buffer.from([0x1c, 2, dataset, 0, value.length]), Buffer.from(value)]);
  const records = Buffer.concat([record(55, date), record(60, time)]);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(records.length);
  const body = Buffer.concat([Buffer.from("Photoshop 3.0\x008BIM\x04\x04\0\0", "latin1"), size, records]);
  const head = Buffer.from([0xff, 0xed, 0, 0]);
  head.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([jpeg.subarray(0, 2), head, body, jpeg.subarray(2)]);
}

Deno.test("a TIFF tells its camera, place and date", async () => {
  const ascii = (text: string) => new TextEncoder().encode(`${text}\0`);
  const build = (exif: number, gps: number) =>
    writeTiff([
      [256, "long", [SIDE]],
      [257, "long", [SIDE]],
      [258, "short", [8]],
      [259, "short", [1]],
      [262, "short", [1]],
      [271, "ascii", ascii("DJI")],
      [272, "ascii", ascii("FC6360")],
      [277, "short", [1]],
      [278, "long", [SIDE]],
      [34665, "long", [exif]],
      [34853, "long", [gps]],
    ], [repeat([120])]);
  const at = build(0, 0).length;
  const exif = directory(at, [[0x9003, 2, ascii("2021:12:20 10:11:12")]]);
  const gps = directory(at + exif.length, [
    [1, 2, ascii("S")],
    [2, 5, rationals(23, 33, 0)],
    [3, 2, ascii("W")],
    [4, 5, rationals(46, 38, 0)],
  ]);
  const path = await bytesFile("facts.tif", Buffer.concat([build(at, at + exif.length), exif, gps]));
  const { facts } = await show(path);
  assert.deepEqual(facts.technical.camera, {
    make: "DJI",
    model: "FC6360",
    recorded_clock: "2021-12-20T10:11:12",
    latitude: -23.55,
    longitude: -46.633333,
  });
  assert.equal(facts.recordedAt, "2021-12-20T10:11:12.000Z");
});

function rationals(...values: number[]): Uint8Array {
  const bytes = Buffer.alloc(values.length * 8);
  for (const [nth, value] of values.entries()) {
    bytes.writeUInt32BE(value, nth * 8);
    bytes.writeUInt32BE(1, nth * 8 + 4);
  }
  return bytes;
}

/** A directory of ASCII (2) and rational (5) values at this position of a file. */
function directory(at: number, entries: [tag: number, type: 2 | 5, value: Uint8Array][]): Buffer {
  const head = Buffer.alloc(2 + entries.length * 12 + 4);
  head.writeUInt16BE(entries.length);
  let valueAt = at + head.length;
  for (const [nth, [tag, type, value]] of entries.entries()) {
    const entry = 2 + nth * 12;
    head.writeUInt16BE(tag, entry);
    head.writeUInt16BE(type, entry + 2);
    head.writeUInt32BE(type === 2 ? value.length : value.length / 8, entry + 4);
    if (value.length <= 4) head.set(value, entry + 8);
    else {
      head.writeUInt32BE(valueAt, entry + 8);
      valueAt += value.length;
    }
  }
  return Buffer.concat([head, ...entries.map(([, , value]) => value).filter((value) => value.length > 4)]);
}
