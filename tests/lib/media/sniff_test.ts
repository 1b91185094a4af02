import assert from "node:assert/strict";
import { sniff, SNIFF_BYTES } from "../../../lib/media/sniff.ts";
import { mediaNamed } from "../../support/media.ts";
import { picture, sample, tone } from "./samples.ts";

const bytes = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const typeOf = async (head: Uint8Array | string, name = "upload") =>
  (await sniff(typeof head === "string" ? bytes(head) : head, name))?.contentType ?? null;
const head = async (path: string) => (await Deno.readFile(path)).subarray(0, SNIFF_BYTES);
const noise = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 7919 + (i * i) % 251) % 256);

Deno.test("sniff() distinguishes text from media whatever the name claims", async () => {
  assert.equal(await typeOf("This is no video at all.\n", "film.mp4"), "text/plain");
  assert.deepEqual(await sniff(bytes("This is no video.\n"), "film.mp4"), {
    contentType: "text/plain",
    extension: "txt",
    assetType: "document",
  });
  assert.equal(await typeOf("BMW is a maker of cars, and this is text.", "cars.txt"), "text/plain");
  assert.equal(await typeOf(new TextEncoder().encode("Ação e emoção"), "nota.txt"), "text/plain");
  assert.equal(await typeOf("A\xe7\xe3o em Latin-1, como antigamente", "nota.txt"), "text/plain");
  assert.equal(await typeOf(bytes("\xff\xfeO\0l\0\xe1\0"), "nota.txt"), "text/plain");
});

Deno.test("sniff() knows captions, playlists, markup and other text", async () => {
  const cue = "1\n00:00:01,000 --> 00:00:02,000\nHello\n";
  assert.equal(await typeOf(cue, "captions"), "application/x-subrip");
  assert.equal(await typeOf("\xef\xbb\xbf" + cue, "film.srt"), "application/x-subrip");
  assert.equal(await typeOf("WEBVTT\n\n00:01.000 --> 00:02.000\nHi\n"), "text/vtt");
  assert.equal(
    await typeOf("#EXTM3U\n#EXTINF:1,\nhttp://example.com/a.ts\n", "a.mp4"),
    "application/vnd.apple.mpegurl",
  );
  assert.equal(await typeOf("ffconcat version 1.0\nfile /etc/passwd\n", "a.mp4"), "text/plain");
  assert.equal(await typeOf('{"a": 1}', "a.json"), "application/json");
  assert.equal(await typeOf("<!doctype html><html></html>", "a.txt"), "text/html");
  assert.equal(await typeOf('<?xml version="1.0"?><fcpxml version="1.9"/>', "a.fcpxml"), "application/xml");
});

Deno.test("sniff() takes SVG for a document", async () => {
  const plain = await sniff(bytes('<svg xmlns="http://www.w3.org/2000/svg"/>'), "a.png");
  assert.deepEqual(plain, { contentType: "image/svg+xml", extension: "svg", assetType: "document" });
  assert.equal(await typeOf('<?xml version="1.0"?>\n<!-- made by hand -->\n<svg/>'), "image/svg+xml");
});

Deno.test("sniff() knows media by its signature", async () => {
  const known: [string, string, string][] = [
    [
      "\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + "\0".repeat(17) + "\0\0\0\0IDAT" + "\0".repeat(40),
      "image/png",
      "image",
    ],
    ["\xff\xd8\xff\xe0\0\x10JFIF\0", "image/jpeg", "image"],
    ["RIFF\x24\0\0\0WEBPVP8 ", "image/webp", "image"],
    ["GIF89a\x01\0\x01\0", "image/gif", "image"],
    ["8BPS\0\x01\0\0\0\0\0\0", "image/vnd.adobe.photoshop", "image"],
    ["BM\x8a\0\0\0\0\0\0\0\x8a\0\0\0\x7c\0\0\0", "image/bmp", "image"],
    ["\0\0\0\x18ftypheic\0\0\0\0mif1heic", "image/heic", "image"],
    ["\0\0\0\x1cftypavif\0\0\0\0avifmif1", "image/avif", "image"],
    ["\x76\x2f\x31\x01\x02\0\0\0", "image/x-exr", "image"],
    ["\0\0\0\x18ftypisom\0\0\x02\0isommp41", "video/mp4", "video"],
    ["\0\0\0\x14ftypqt  \0\0\0\0qt  ", "video/quicktime", "video"],
    ["RF64\xff\xff\xff\xffWAVEds64\x1c\0\0\0", "audio/wav", "audio"],
    ["fLaC\0\0\0\x22", "audio/flac", "audio"],
    ["%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "application/pdf", "document"],
    ["\x1b\x01junk before %PDF-1.4", "application/pdf", "document"],
    ["\0\0run-in\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02\x01\x01\x02\x04\0", "application/mxf", "video"],
    ["MThd\0\0\0\x06\0\x01\0\x02", "audio/midi", "document"],
  ];
  for (const [start, contentType, assetType] of known) {
    const found = await sniff(bytes(start), "upload.bin");
    assert.deepEqual([found?.contentType, found?.assetType], [contentType, assetType]);
  }
});

Deno.test("sniff() finds transport streams that begin within a packet", async () => {
  const path = await sample(
    "sniffed.ts",
    ...picture("160x120", "25", 1),
    ...tone("mono", 1),
    "-c:v",
    "mpeg2video",
  );
  const stream = await head(path);
  assert.equal(await typeOf(stream), "video/mp2t");
  assert.equal(await typeOf(stream.subarray(100)), "video/mp2t");
});

Deno.test("sniff() uses the file name only when the bytes are inconclusive", async () => {
  assert.equal(await typeOf(noise(5000), "film.mp4"), "video/mp4");
  assert.equal(await typeOf(noise(5000), "FILM.MXF"), "application/mxf");
  assert.equal(await typeOf(noise(5000), "report.pdf"), null);
  assert.equal(await typeOf(noise(5000), "data"), null);
  assert.equal(await typeOf("\xff\xd8\xff\xe0\0\x10JFIF\0", "film.mp4"), "image/jpeg");
  assert.equal(await sniff(new Uint8Array(), "film.mp4"), null);
  assert.doesNotReject(sniff(new Uint8Array([0]), ""));
});

const NAMED: [string, string, string][] = [
  ["phone_photo.heic", "image/heic", "image"],
  ["music.wav", "audio/wav", "audio"],
  ["interview_webm_vp8.webm", "video/webm", "video"],
  ["people_h264.mp4", "video/mp4", "video"],
  ["malformed_captions.srt", "application/x-subrip", "document"],
  ["gps_photo.jpg", "image/jpeg", "image"],
];
for (const [name, contentType, assetType] of NAMED) {
  for (const medium of mediaNamed(name)) {
    Deno.test(`sniff() recognizes ${name} under a wrong name (${medium.origin})`, async () => {
      const found = await sniff(await head(await medium.path()), "wrong.pdf");
      assert.deepEqual([found?.contentType, found?.assetType], [contentType, assetType]);
    });
  }
}
