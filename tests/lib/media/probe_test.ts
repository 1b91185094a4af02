import assert from "node:assert/strict";
import { AppError } from "../../../lib/platform/errors.ts";
import { findMediaFailure, type MediaFailure } from "../../../lib/media/errors.ts";
import { runFfprobe } from "../../../lib/media/ffmpeg.ts";
import { probe } from "../../../lib/media/probe.ts";
import { mediaNamed } from "../../support/media.ts";
import { bytesFile, hdrSample, inFolder, picture, sample, tone } from "./samples.ts";

const probed = (path: string, filename?: string) => inFolder((folder) => probe(path, folder, { filename }));

async function failsWith(failure: MediaFailure, path: string, filename?: string): Promise<void> {
  await assert.rejects(probed(path, filename), (error: AppError) => {
    assert.equal(findMediaFailure(error), failure, `${error.stack}`);
    assert.match(error.message, /^[A-Z].*\.$/);
    return true;
  });
}

for (const medium of mediaNamed("people_h264.mp4")) {
  Deno.test(`probe() measures a plain MP4 (${medium.origin})`, async () => {
    const path = await medium.path();
    const { technical, ...file } = await probed(path);
    assert.deepEqual(file, {
      assetType: "video",
      contentType: "video/mp4",
      durationMs: medium.facts.durationMs,
      recordedAt: "2017-09-26T16:57:49.000Z",
    });
    assert.equal(technical.frame_count, medium.facts.frames);
    assert.deepEqual([technical.frame_rate_num, technical.frame_rate_den], [10, 1]);
    assert.deepEqual([technical.container_format, technical.video_codec], ["mp4", "h264"]);
    assert.deepEqual([technical.resolution_category, technical.aspect_ratio], ["SD", "16:9"]);
    assert.deepEqual([technical.scan_type, technical.bit_depth, technical.audio_codec], [
      "progressive",
      8,
      null,
    ]);
  });
}

for (const medium of mediaNamed("rotated_portrait.mp4")) {
  Deno.test(`probe() tells how to turn a picture upright (${medium.origin})`, async () => {
    const path = await medium.path();
    const { technical } = await probed(path);
    assert.deepEqual([technical.width, technical.height, technical.rotation], [1920, 1080, 90]);
    assert.deepEqual([technical.aspect_ratio, technical.resolution_category], ["9:16", "FHD"]);
    assert.deepEqual([technical.audio_channels, technical.audio_channel_layout], [6, "5.1"]);
  });
}

for (const medium of mediaNamed("interview_webm_vp8.webm")) {
  Deno.test(`probe() sees that a rate varies later on (${medium.origin})`, async () => {
    const path = await medium.path();
    const { technical, contentType, durationMs } = await probed(path);
    assert.deepEqual([contentType, technical.container_format], ["video/webm", "webm"]);
    assert.deepEqual([technical.is_variable_frame_rate, technical.frame_rate], [true, 30]);
    assert.equal(durationMs, medium.facts.durationMs);
    assert.equal(technical.frame_count, medium.facts.frames);
  });
}

for (const medium of mediaNamed("music.wav")) {
  Deno.test(`probe() tells a cover from video (${medium.origin})`, async () => {
    const path = await medium.path();
    const { assetType, durationMs, technical } = await probed(path);
    assert.deepEqual([assetType, durationMs, technical.width], ["audio", medium.facts.durationMs, null]);
    assert.deepEqual(technical.streams.map(({ type }) => type), ["audio", "cover"]);
    assert.deepEqual([technical.container_format, technical.bit_depth], ["wav", 16]);
  });
}

for (const medium of mediaNamed("two_audio_tracks.mp4")) {
  Deno.test(`probe() calls sound in MP4 audio (${medium.origin})`, async () => {
    const path = await medium.path();
    const { assetType, contentType, technical } = await probed(path);
    assert.deepEqual([assetType, contentType], ["audio", "audio/mp4"]);
    assert.equal(technical.streams.filter(({ type }) => type === "audio").length, 2);
  });
}

for (const medium of mediaNamed("exif_orientation_6.jpg")) {
  Deno.test(`probe() reads how a photograph was held (${medium.origin})`, async () => {
    const path = await medium.path();
    const { technical } = await probed(path, "photo.jpg");
    assert.deepEqual([technical.width, technical.height, technical.rotation], [1200, 1800, 90]);
    assert.deepEqual([technical.aspect_ratio, technical.container_format], ["3:2", "jpeg"]);
  });
}

for (const medium of mediaNamed("exif_orientation_8.jpg")) {
  Deno.test(`probe() reads the other way a photograph was held (${medium.origin})`, async () => {
    const path = await medium.path();
    assert.equal((await probed(path)).technical.rotation, 270);
  });
}

for (const medium of mediaNamed("gps_photo.jpg")) {
  Deno.test(`probe() reads what a camera wrote (${medium.origin})`, async () => {
    const path = await medium.path();
    const { recordedAt, technical: { camera } } = await probed(path);
    assert.equal(recordedAt, "2008-10-22T16:28:39.000Z");
    assert.deepEqual([camera.make, camera.model, camera.iso], ["NIKON", "COOLPIX P6000", 64]);
    assert.deepEqual([camera.latitude, camera.longitude], [43.467448, 11.885127]);
  });
}

for (const medium of mediaNamed("phone_photo.heic")) {
  Deno.test(`probe() measures a phone's HEIC as shown (${medium.origin})`, async () => {
    const path = await medium.path();
    const { assetType, contentType, recordedAt, technical } = await probed(path, "IMG_1.JPG");
    assert.deepEqual([assetType, contentType], ["image", "image/heic"]);
    assert.deepEqual([technical.width, technical.height, technical.rotation], [...medium.facts.size!, 0]);
    assert.equal(recordedAt, "2021-04-11T20:47:53.000Z");
    assert.equal(technical.camera.model, "iPhone 11 Pro Max");
    assert.ok(Math.abs(Number(technical.camera.longitude) + 94.288772) < 1e-6);
  });
}

for (const medium of mediaNamed("malformed_captions.srt")) {
  Deno.test(`probe() takes captions for a document (${medium.origin})`, async () => {
    const path = await medium.path();
    const { assetType, contentType } = await probed(path);
    assert.deepEqual([assetType, contentType], ["document", "application/x-subrip"]);
  });
}

Deno.test("probe() reads drop frame timecode and rational rates", async () => {
  const args = [...picture("160x120", "30000/1001", 2), "-timecode", "00:59:58;00", "-c:v", "mpeg4"];
  const { technical } = await probed(await sample("drop.mov", ...args));
  assert.deepEqual([technical.start_timecode, technical.drop_frame], ["00:59:58;00", true]);
  assert.deepEqual([technical.frame_rate_num, technical.frame_rate_den], [30000, 1001]);
  assert.deepEqual([technical.container_format, technical.frame_count], ["mov", 60]);
  assert.equal(technical.streams.at(-1)?.type, "data");
});

Deno.test("probe() reads fields, pixel shape and the timecode of MXF", async () => {
  const coding = [
    "-c:v",
    "mpeg2video",
    "-flags",
    "+ilme+ildct",
    "-top",
    "1",
    "-b:v",
    "8M",
    "-timecode",
    "10:00:00:00",
  ];
  const { technical } = await probed(
    await sample(
      "pal.mxf",
      ...picture("720x576", "25", 1),
      ...tone("mono", 1),
      "-vf",
      "setsar=64/45,setfield=tff",
      ...coding,
      "-c:a",
      "pcm_s16le",
      "-ar",
      "48000",
    ),
  );
  assert.deepEqual([technical.container_format, technical.scan_type], ["mxf", "interlaced_tff"]);
  assert.deepEqual([technical.sample_aspect_ratio, technical.aspect_ratio], ["64:45", "16:9"]);
  assert.deepEqual([technical.start_timecode, technical.drop_frame], ["10:00:00:00", false]);
  assert.deepEqual([technical.frame_rate, technical.frame_count], [25, 25]);
  assert.deepEqual([technical.audio_channels, technical.audio_channel_layout], [1, "mono"]);
});

Deno.test("probe() names HDR by its transfer", async () => {
  const names = { smpte2084: "HDR10", "arib-std-b67": "HLG" } as const;
  for (const [transfer, format] of Object.entries(names)) {
    const path = await hdrSample(transfer);
    const { technical } = await probed(path);
    assert.equal(technical.hdr_format, format);
    assert.deepEqual([technical.color_transfer, technical.color_primaries], [transfer, "bt2020"]);
    assert.equal(technical.bit_depth, 10);
  }
});

Deno.test("probe() keeps languages and titles of tracks", async () => {
  const path = await sample(
    "tracks.mkv",
    ...picture("160x120", "25", 1),
    ...tone("mono", 1),
    ...tone("5.1", 1),
    "-map",
    "0",
    "-map",
    "1",
    "-map",
    "2",
    "-c:v",
    "mpeg4",
    "-c:a",
    "flac",
    "-metadata:s:a:0",
    "language=por",
    "-metadata:s:a:1",
    "title=M&E",
  );
  const { technical, contentType } = await probed(path);
  assert.equal(contentType, "video/x-matroska");
  assert.deepEqual([technical.container_format, technical.frame_count], ["matroska", 25]);
  const [, first, second] = technical.streams;
  assert.deepEqual([first?.language, first?.channel_layout], ["por", "mono"]);
  assert.deepEqual([second?.title, second?.channels, second?.channel_layout], ["M&E", 6, "5.1"]);
});

Deno.test("probe() trusts the bytes over the file name", async () => {
  const path = await sample("tone.flac", ...tone("stereo", 1));
  assert.equal((await probed(path, "film.mp4")).contentType, "audio/flac");
  const text = await bytesFile("text.mp4", "no film, only words\n");
  assert.equal((await probed(text)).assetType, "document");
  const unknown = await probed(await bytesFile("blob", new Uint8Array(1000).fill(7)));
  assert.deepEqual([unknown.assetType, unknown.contentType], ["document", "application/octet-stream"]);
});

Deno.test("probe() reports an MP4 without its end or index as truncated", async () => {
  const args = [...picture("320x240", "25", 2), "-c:v", "mpeg4", "-b:v", "1M"];
  const indexLast = await Deno.readFile(await sample("whole.mp4", ...args));
  const indexFirst = await Deno.readFile(await sample("fast.mp4", ...args, "-movflags", "+faststart"));
  await failsWith("truncated", await bytesFile("cut1.mp4", indexLast.subarray(0, indexLast.length / 2)));
  await failsWith("truncated", await bytesFile("cut2.mp4", indexFirst.subarray(0, indexFirst.length * 0.9)));
  const matroska = await Deno.readFile(await sample("whole.mkv", ...args));
  await failsWith("truncated", await bytesFile("cut.mkv", matroska.subarray(0, matroska.length / 2)));
});

Deno.test("probe() reports truncation of other containers that declare their length", async () => {
  const video = [...picture("320x240", "25", 2), "-c:v", "mpeg2video"];
  const whole: Record<string, string> = {
    avi: await sample("whole.avi", ...video),
    mxf: await sample("whole.mxf", ...video),
    wav: await sample("whole.wav", ...tone("stereo", 1)),
    png: await sample("whole.png", ...picture("320x240", "1", 1), "-frames:v", "1"),
    webp: await sample("whole.webp", ...picture("320x240", "1", 1), "-frames:v", "1"),
    tif: await sample("whole.tif", ...picture("320x240", "1", 1), "-frames:v", "1"),
  };
  for (const [extension, path] of Object.entries(whole)) {
    const bytes = await Deno.readFile(path);
    const cut = bytes.subarray(0, bytes.length * 0.6);
    await failsWith("truncated", await bytesFile(`cut.${extension}`, cut));
    // Trailing data is harmless.
    await probed(await bytesFile(`more.${extension}`, new Uint8Array([...bytes, ...bytes.subarray(0, 99)])));
  }
});

Deno.test("probe() accepts audio with a placeholder length", async () => {
  const bytes = await Deno.readFile(await sample("whole.wav", ...tone("stereo", 1)));
  for (const unknown of [0, 0x7ffff000, 0xffffffff]) {
    const streamed = bytes.slice();
    new DataView(streamed.buffer).setUint32(4, unknown, true);
    assert.equal((await probed(await bytesFile("streamed.wav", streamed))).durationMs, 1000);
  }
});

Deno.test("probe() says why a file cannot be used", async () => {
  const box = (type: string, body = "") => {
    const bytes = new TextEncoder().encode(`\0\0\0\0${type}${body}`);
    new DataView(bytes.buffer).setUint32(0, bytes.length);
    return [...bytes];
  };
  const type = box("ftyp", "isom\0\0\x02\0isommp41");
  await failsWith(
    "no_streams",
    await bytesFile("empty.mp4", new Uint8Array([...type, ...box("moov"), ...box("mdat", "x")])),
  );
  await failsWith(
    "truncated",
    await bytesFile("headless.mp4", new Uint8Array([...type, ...box("mdat", "x")])),
  );
  const noise = crypto.getRandomValues(new Uint8Array(60_000)).map((byte, i) => i < 4 ? 1 : byte);
  await failsWith("unreadable", await bytesFile("noise.mp4", noise));
  await failsWith(
    "truncated",
    await bytesFile("broken.jpg", new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 0, 16, 1, 2, 3])),
  );
});

Deno.test("probe() refuses pictures that would fill the memory", async () => {
  const header = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\x01\x86\xa0\0\x01\x86\xa0\x08\x02\0\0\0";
  const bytes = Uint8Array.from(header, (letter) => letter.charCodeAt(0));
  const checksum = new Uint8Array(4);
  new DataView(checksum.buffer).setUint32(0, crc32(bytes.subarray(12)));
  const data = Uint8Array.from(
    "\0\0\0\0IDAT\x35\xaf\x06\x1e\0\0\0\0IEND\xae\x42\x60\x82",
    (letter) => letter.charCodeAt(0),
  );
  await failsWith(
    "too_large_picture",
    await bytesFile("bomb.png", new Uint8Array([...bytes, ...checksum, ...data])),
  );
});

Deno.test("probe() opens nothing but the file it was given", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let connections = 0;
  const serving = (async () => {
    for await (const connection of listener) {
      connections++;
      connection.close();
    }
  })();
  const url = `http://127.0.0.1:${listener.addr.port}/a.ts`;
  const other = await sample("other.ts", ...picture("160x120", "25", 1), "-c:v", "mpeg2video");
  const traps = {
    "list.m3u8": `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n${url}\n#EXT-X-ENDLIST\n`,
    "list.mp4": `#EXTM3U\n#EXTINF:1,\nfile://${other}\n#EXT-X-ENDLIST\n`,
    "list.mov": `ffconcat version 1.0\nfile '${other}'\n`,
    "list.mpd": `<?xml version="1.0"?><MPD><Period><BaseURL>${url}</BaseURL></Period></MPD>`,
  };
  for (const [name, text] of Object.entries(traps)) {
    const path = await bytesFile(name, text);
    assert.equal((await probed(path)).assetType, "document");
    const limits = { wallMs: 20_000, memoryBytes: 2 ** 30 };
    const opening = inFolder((folder) => runFfprobe(path, ["-show_streams"], { folder, ...limits }));
    await assert.rejects(opening, (error) => findMediaFailure(error) !== undefined);
  }
  assert.equal(connections, 0);
  listener.close();
  await serving;
});

Deno.test("probe() ends at once when it is aborted", async () => {
  const path = await sample("tone.flac", ...tone("stereo", 1));
  const reason = new Error("no longer wanted");
  const signal = AbortSignal.abort(reason);
  await assert.rejects(inFolder((folder) => probe(path, folder, { signal })), reason);
});

function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
