import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import { findMediaFailure } from "../../../lib/media/errors.ts";
import { getCapabilities } from "../../../lib/media/ffmpeg.ts";
import { pictureFilters } from "../../../lib/media/filters.ts";
import { makePoster } from "../../../lib/media/poster.ts";
import { probe } from "../../../lib/media/probe.ts";
import { makeProxy } from "../../../lib/media/proxy.ts";
import type { Probe, Rendition } from "../../../lib/media/schema.ts";
import { readMp4Layout } from "../../../lib/media/truncation.ts";
import { mediaNamed } from "../../support/media.ts";
import { turnClockwise } from "../../support/made_media.ts";
import {
  brightness,
  bytesFile,
  hdrSample,
  inFolder,
  keyFrames,
  peak,
  picture,
  pixels,
  rawPhoto,
  sample,
  tone,
} from "./samples.ts";

const RED = [255, 0, 0];
const BLUE = [0, 0, 255];
const OVERLAY = ["-filter_complex", "[0][1]overlay=format=rgb", "-frames:v", "1"];

interface Made {
  source: Probe;
  rendition: Rendition;
  /** The probed rendition. */
  result: Probe;
  bytes: number;
}

/** Makes a proxy and passes it to `check` while it exists. */
async function withProxy(path: string, check: (made: Made) => Promise<void> | void): Promise<void> {
  await inFolder(async (folder) => {
    const source = await probe(path, folder);
    const rendition = await makeProxy(path, folder, source);
    assert.notEqual(rendition, "original");
    await checkRendition(source, rendition as Rendition, folder, check);
  });
}

async function withPoster(path: string, check: (made: Made) => Promise<void> | void): Promise<void> {
  await inFolder(async (folder) => {
    const source = await probe(path, folder);
    const rendition = await makePoster(path, folder, source, { isThorough: true });
    assert.ok(rendition && rendition.width! <= 640 && rendition.height! <= 640);
    await checkRendition(source, rendition, folder, check);
  });
}

async function checkRendition(
  source: Probe,
  rendition: Rendition,
  folder: string,
  check: (made: Made) => Promise<void> | void,
): Promise<void> {
  const result = await probe(rendition.path, folder);
  assert.equal(result.contentType, rendition.contentType);
  assert.deepEqual([result.technical.width, result.technical.height], [rendition.width, rendition.height]);
  assert.equal(result.technical.rotation, 0);
  await check({ source, rendition, result, bytes: (await Deno.stat(rendition.path)).size });
}

/** What holds for every video proxy. */
async function assertPlayable({ source, rendition, result }: Made): Promise<void> {
  const { technical } = result;
  assert.deepEqual([technical.video_codec, technical.pixel_format, technical.bit_depth], [
    "h264",
    "yuv420p",
    8,
  ]);
  assert.deepEqual([technical.scan_type, technical.hdr_format], ["progressive", null]);
  assert.equal(technical.is_variable_frame_rate, false);
  assert.ok(technical.sample_aspect_ratio === null || technical.sample_aspect_ratio === "1:1");
  assert.ok(Math.max(technical.width!, technical.height!) <= 1280);
  assert.equal((await readMp4Layout(rendition.path)).isFastStart, true);
  const late = Math.abs(result.durationMs! - source.durationMs!);
  assert.ok(late <= 100, `${source.durationMs} ms became ${result.durationMs} ms`);
}

function assertColour(actual: number[] | undefined, wanted: number[], least = 70): void {
  const far = actual?.some((value, nth) => Math.abs(value - wanted[nth]!) > least) ?? true;
  assert.ok(!far, `${actual} is not ${wanted}`);
}

/**
 * Red above blue when shown, stored rotated by a quarter turn to the left, as the track header says.
 */
async function turnedSample(): Promise<string> {
  const halves = [
    "-f",
    "lavfi",
    "-i",
    "color=red:s=320x360:d=1:r=25",
    "-f",
    "lavfi",
    "-i",
    "color=blue:s=320x360:d=1:r=25",
  ];
  const path = await sample(
    "stored.mp4",
    ...halves,
    "-filter_complex",
    "[0][1]hstack",
    "-c:v",
    "mpeg4",
    "-q:v",
    "2",
  );
  return await bytesFile("turned.mp4", turnClockwise(await Deno.readFile(path), 360));
}

Deno.test("makeProxy() and makePoster() turn pictures upright", async () => {
  const path = await turnedSample();
  await withProxy(path, async (made) => {
    assert.deepEqual([made.source.technical.rotation, made.source.technical.width], [90, 640]);
    await assertPlayable(made);
    assert.deepEqual([made.rendition.width, made.rendition.height], [360, 640]);
    const [top, bottom] = await pixels(made.rendition.path, 1, 2);
    assertColour(top, RED);
    assertColour(bottom, BLUE);
  });
  await withPoster(path, async ({ rendition }) => {
    assert.deepEqual([rendition.width, rendition.height], [360, 640]);
    const [top, bottom] = await pixels(rendition.path, 1, 2);
    assertColour(top, RED);
    assertColour(bottom, BLUE);
  });
});

Deno.test("makeProxy() makes odd sizes even and keeps several tracks with their languages", async () => {
  const path = await sample(
    "odd.mkv",
    ...picture("853x479", "25", 2),
    ...tone("mono", 2),
    ...tone("5.1", 2),
    "-map",
    "0",
    "-map",
    "1",
    "-map",
    "2",
    "-c:v",
    "ffv1",
    "-c:a",
    "flac",
    "-metadata:s:a:0",
    "language=por",
    "-metadata:s:a:1",
    "language=eng",
  );
  await withProxy(path, async (made) => {
    await assertPlayable(made);
    assert.deepEqual([made.rendition.width, made.rendition.height], [852, 478]);
    const sound = made.result.technical.streams.filter(({ type }) => type === "audio");
    assert.deepEqual(sound.map(({ codec, channels, language }) => [codec, channels, language]), [
      ["aac", 1, "por"],
      ["aac", 2, "eng"],
    ]);
  });
});

Deno.test("makeProxy() deinterlaces, makes pixels square and keeps the timecode of MXF", async () => {
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
  const path = await sample(
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
  );
  await withProxy(path, async (made) => {
    await assertPlayable(made);
    assert.deepEqual([made.rendition.width, made.rendition.height], [1024, 576]);
    assert.equal(made.result.technical.start_timecode, "10:00:00:00");
    assert.equal(made.result.technical.frame_count, 25);
  });
});

Deno.test("makeProxy() keeps 29.97, its drop frame timecode and every frame, with a key frame each 60", async () => {
  const args = [...picture("320x240", "30000/1001", 5), "-timecode", "00:59:58;00", "-c:v", "prores_ks"];
  await withProxy(await sample("drop5.mov", ...args), async (made) => {
    await assertPlayable(made);
    const { technical } = made.result;
    assert.deepEqual([technical.start_timecode, technical.drop_frame], ["00:59:58;00", true]);
    assert.deepEqual([technical.frame_rate_num, technical.frame_rate_den], [30000, 1001]);
    assert.equal(technical.frame_count, made.source.technical.frame_count);
    const times = await keyFrames(made.rendition.path);
    assert.deepEqual(times.map((time) => Math.round(time * 30000 / 1001)), [0, 60, 120]);
  });
});

Deno.test("makeProxy() and makePoster() show transparent parts of a video black, whatever lies under them", async () => {
  const half = (colour: string) => ["-f", "lavfi", "-i", `color=${colour}:s=160x120:d=0.4:r=25,format=rgba`];
  const halves = [...half("red@1"), ...half("white@0"), "-filter_complex", "hstack"];
  for (
    const coding of [["-c:v", "prores_ks", "-pix_fmt", "yuva444p10le"], ["-c:v", "qtrle", "-pix_fmt", "argb"]]
  ) {
    const path = await sample(`${coding[1]}_alpha.mov`, ...halves, ...coding);
    for (const check of [withProxy, withPoster]) {
      await check(path, async ({ rendition }) => {
        const [left, , , right] = await pixels(rendition.path, 4, 1);
        assertColour(left, RED);
        assertColour(right, [0, 0, 0]);
      });
    }
  }
});

Deno.test("makeProxy() makes audible what is on the last of many channels", async () => {
  const round = "pan=hexadecagonal|c15=c0";
  const paths = [
    ...await Promise.all(
      [7, 9, 32].map((channels) => bytesFile(`last_of_${channels}.wav`, lastOf(channels))),
    ),
    await sample("last_place.mov", ...tone("mono", 1), "-af", round, "-c:a", "pcm_s16le"),
  ];
  for (const path of paths) {
    await withProxy(path, async ({ rendition }) => assert.ok(await peak(rendition.path) > 1000, path));
  }
});

Deno.test("makeProxy() makes a varying rate constant and keeps the length", async () => {
  const args = [...picture("320x240", "30", 4), "-vf", "select='not(eq(mod(n,7),3)+eq(mod(n,11),5))'"];
  const path = await sample("varying.mkv", ...args, "-fps_mode", "vfr", "-c:v", "mpeg4", "-b:v", "4M");
  await withProxy(path, async (made) => {
    assert.equal(made.source.technical.is_variable_frame_rate, true);
    await assertPlayable(made);
    assert.equal(made.result.technical.frame_rate, 30);
  });
});

Deno.test("makeProxy() keeps every frame of a phone's clock that jitters", async () => {
  const jitter = "settb=1/90000,setpts='3000*N+if(N,95*if(mod(floor(N/2),2),-1,1))'";
  const timing = ["-fps_mode", "passthrough", "-enc_time_base", "1:90000", "-video_track_timescale", "90000"];
  const args = [...picture("320x240", "30", 4), "-vf", jitter, ...timing, "-c:v", "libx264", "-bf", "0"];
  await withProxy(await sample("jitter.mov", ...args), async (made) => {
    const { technical } = made.source;
    assert.deepEqual([technical.is_variable_frame_rate, technical.frame_rate], [false, 30]);
    assert.deepEqual([technical.frame_count, made.result.technical.frame_count], [120, 120]);
    await assertPlayable(made);
  });
});

Deno.test("makeProxy() keeps the number of each frame where the padding of sound comes first", async () => {
  const ramp = ["-f", "lavfi", "-i", "color=gray:s=160x120:r=25:d=1,geq=lum=30+8*N:cb=128:cr=128"];
  const coding = ["-c:v", "libx264", "-crf", "10", "-c:a", "aac"];
  for (const extension of ["mkv", "ts", "flv"]) {
    const path = await sample(`ramp.${extension}`, ...ramp, ...tone("mono", 1), ...coding);
    await withProxy(path, async ({ rendition }) => {
      const [wanted, actual] = [await brightness(path), await brightness(rendition.path)];
      assert.equal(actual.length, 25);
      assert.ok(actual.every((value, nth) => Math.abs(value - wanted[nth]!) < 4), `${actual}`);
    });
  }
});

Deno.test("makeProxy() halves a rate that browsers cannot follow", async () => {
  const args = [...picture("320x240", "100", 1), "-c:v", "prores_ks"];
  await withProxy(await sample("fast.mov", ...args), async (made) => {
    await assertPlayable(made);
    assert.equal(made.result.technical.frame_rate, 50);
  });
});

for (const transfer of ["smpte2084", "arib-std-b67"]) {
  Deno.test(`makeProxy() tones ${transfer} down with and without zscale`, async () => {
    const path = await hdrSample(transfer);
    await withProxy(path, async (made) => {
      await assertPlayable(made);
      assert.deepEqual([made.result.technical.color_transfer, made.result.technical.color_space], [
        "bt709",
        "bt709",
      ]);
    });
    await withPoster(path, ({ rendition }) => assert.equal(rendition.width, 160));
    const tools = await getCapabilities();
    const plain = { ...tools, filters: new Set([...tools.filters].filter((name) => name !== "zscale")) };
    for (const each of [tools, plain]) {
      const grey = await toneGrey(path, transfer, each);
      assert.ok(grey > 90 && grey < 250, `${grey}`);
    }
  });
}

/** The brightness (of 255) of white paper at 203 cd/m² (ITU-R BT.2408). */
async function toneGrey(path: string, transfer: string, tools: Awaited<ReturnType<typeof getCapabilities>>) {
  const { technical } = await inFolder((folder) => probe(path, folder));
  const level = transfer === "smpte2084" ? 0.58 : 0.75;
  const grey = Math.round(64 + 876 * level);
  const paint = `lutyuv=y=${grey}:u=512:v=512`;
  const filters = pictureFilters(technical, { size: { width: 16, height: 16 }, matrix: "bt601" }, tools);
  const name = `grey-${transfer}-${tools.filters.has("zscale")}.jpg`;
  const image = await sample(
    name,
    "-i",
    path,
    "-frames:v",
    "1",
    "-vf",
    [paint, ...filters].join(","),
    "-update",
    "1",
  );
  const [pixel] = await pixels(image, 1, 1);
  assert.ok(Math.max(...pixel!) - Math.min(...pixel!) < 12, `${pixel} is not grey`);
  return pixel![1]!;
}

for (const medium of mediaNamed("people_h264.mp4")) {
  Deno.test(`makeProxy() answers the original when it plays as well (${medium.origin})`, async () => {
    const path = await medium.path();
    await inFolder(async (folder) => {
      assert.equal(await makeProxy(path, folder, await probe(path, folder)), "original");
      assert.deepEqual([...Deno.readDirSync(folder)], []);
    });
  });
}

for (const medium of mediaNamed("rotated_portrait.mp4")) {
  Deno.test(`makeProxy() makes a phone's 5.1 upright stereo (${medium.origin})`, async () => {
    const path = await medium.path();
    await withProxy(path, async (made) => {
      await assertPlayable(made);
      assert.deepEqual([made.rendition.width, made.rendition.height], [720, 1280]);
      assert.equal(made.result.technical.audio_channels, 2);
      assert.ok(made.bytes < (await Deno.stat(path)).size);
    });
  });
}

for (const medium of mediaNamed("rotated_portrait.mp4")) {
  Deno.test(`makePoster() passes over black frames at the start (${medium.origin})`, async () => {
    const path = await medium.path();
    await withPoster(path, async ({ rendition }) => {
      const [pixel] = await pixels(rendition.path, 1, 1);
      assert.ok(Math.max(...pixel!) > 60, `${pixel}`);
    });
  });
}

for (const medium of mediaNamed("interview_webm_vp8.webm")) {
  Deno.test(`makeProxy() stays smaller than a WebM and reports its progress (${medium.origin})`, async () => {
    const path = await medium.path();
    const percents: number[] = [];
    await inFolder(async (folder) => {
      const source = await probe(path, folder);
      const options = { onProgress: (percent: number) => percents.push(percent) };
      const rendition = await makeProxy(path, folder, source, options) as Rendition;
      await checkRendition(source, rendition, folder, async (made) => {
        await assertPlayable(made);
        assert.ok(made.bytes <= (await Deno.stat(path)).size);
      });
    });
    // The made one is too short for more than a report or two.
    assert.ok(percents.length > (medium.origin === "real" ? 3 : 1) && percents.at(-1) === 100, `${percents}`);
    assert.deepEqual(percents, percents.toSorted((a, b) => a - b));
  });
}

for (const medium of mediaNamed("two_audio_tracks.mp4")) {
  Deno.test(`makeProxy() makes AAC in MP4 of sound, track by track (${medium.origin})`, async () => {
    const path = await medium.path();
    await withProxy(path, async ({ result, rendition, bytes }) => {
      assert.deepEqual([rendition.contentType, result.assetType], ["audio/mp4", "audio"]);
      assert.deepEqual(result.technical.streams.map(({ codec, channels }) => [codec, channels]), [
        ["aac", 2],
        ["aac", 2],
      ]);
      assert.ok(bytes < (await Deno.stat(path)).size);
    });
  });
}

for (const medium of mediaNamed("music.wav")) {
  Deno.test(`makePoster() shows the cover of sound, makeProxy() leaves it out (${medium.origin})`, async () => {
    const path = await medium.path();
    await withPoster(
      path,
      ({ rendition }) => assert.deepEqual([rendition.width, rendition.height], [500, 500]),
    );
    await withProxy(path, ({ result }) => {
      assert.deepEqual(result.technical.streams.map(({ codec }) => codec), ["aac"]);
      assert.ok(Math.abs(result.durationMs! - medium.facts.durationMs!) < 100);
    });
  });
}

for (const medium of mediaNamed("phone_photo.heic")) {
  const isReal = medium.origin === "real";
  Deno.test(`makeProxy() and makePoster() show a phone's HEIC (${medium.origin})`, async () => {
    const path = await medium.path();
    await withProxy(path, async ({ rendition, bytes }) => {
      assert.deepEqual([rendition.contentType, rendition.width, rendition.height], [
        "image/jpeg",
        ...isReal ? [1586, 2048] : [480, 640],
      ]);
      assert.ok(bytes < (await Deno.stat(path)).size);
    });
    await withPoster(path, ({ rendition }) => {
      assert.deepEqual([rendition.width, rendition.height], isReal ? [496, 640] : [480, 640]);
    });
  });
}

for (const medium of mediaNamed("exif_orientation_6.jpg")) {
  Deno.test(`makeProxy() turns a photograph upright and stays smaller (${medium.origin})`, async () => {
    const path = await medium.path();
    await withProxy(path, async ({ rendition, bytes }) => {
      assert.deepEqual([rendition.width, rendition.height], [1800, 1200]);
      assert.ok(bytes <= (await Deno.stat(path)).size);
    });
  });
}

Deno.test("makeProxy() keeps transparency and makes pictures of what sharp cannot read", async () => {
  const alpha = await sample(
    "alpha.png",
    "-f",
    "lavfi",
    "-i",
    "color=red@0.5:s=64x64,format=rgba",
    "-frames:v",
    "1",
  );
  const noise = ["-f", "lavfi", "-i", "nullsrc=s=200x100,geq=random(1)*255:128:128", "-frames:v", "1"];
  await withProxy(alpha, async ({ rendition }) => {
    assert.equal(rendition.contentType, "image/webp");
    const over = await sample(
      "over.png",
      "-f",
      "lavfi",
      "-i",
      "color=blue:s=64x64",
      "-i",
      rendition.path,
      ...OVERLAY,
    );
    assertColour((await pixels(over, 1, 1))[0], [128, 0, 128], 40);
  });
  await withPoster(alpha, ({ rendition }) => assert.equal(rendition.contentType, "image/webp"));
  await withProxy(await sample("noise.bmp", ...noise), ({ source, rendition }) => {
    assert.equal(source.contentType, "image/bmp");
    assert.deepEqual([rendition.contentType, rendition.width, rendition.height], ["image/jpeg", 200, 100]);
  });
});

Deno.test("makeProxy() shows the finished picture inside a raw photograph, upright", async () => {
  const jpeg = await Deno.readFile(
    await sample("preview.jpg", ...picture("320x200", "1", 1), "-frames:v", "1"),
  );
  const path = await rawPhoto("photo.dng", jpeg, 6);
  await inFolder(async (work) => {
    const source = await probe(path, work);
    assert.equal(source.contentType, "image/x-adobe-dng");
    assert.deepEqual([source.technical.width, source.technical.rotation], [320, 90]);
    assert.equal(source.technical.camera.make, "Cam");
    const proxy = await makeProxy(path, work, source) as Rendition;
    assert.deepEqual([proxy.width, proxy.height], [200, 320]);
  });
});

Deno.test("makePoster() finds a bright frame in a video that begins and ends black", async () => {
  const args = ["-f", "lavfi", "-i", "color=black:s=160x120:r=25:d=3", ...picture("160x120", "25", 3)];
  const path = await sample(
    "dark.mp4",
    ...args,
    "-filter_complex",
    "[0][1]concat",
    "-c:v",
    "mpeg4",
    "-g",
    "250",
  );
  await withPoster(path, async ({ rendition }) => {
    const values = (await pixels(rendition.path, 8, 8)).flat();
    assert.ok(Math.max(...values) - Math.min(...values) > 100);
  });
});

Deno.test("makePoster() finds a short bright part of a dark video", async () => {
  const light = "drawbox=x=20:y=20:w=80:h=60:color=white:t=fill:enable='between(t,13.2,14.7)'";
  const path = await sample(
    "night.mp4",
    "-f",
    "lavfi",
    "-i",
    "color=black:s=160x120:r=25:d=20",
    "-vf",
    light,
    "-c:v",
    "mpeg4",
  );
  await withPoster(path, async ({ rendition }) => {
    assert.ok(Math.max(...(await pixels(rendition.path, 8, 8)).flat()) > 150);
  });
});

Deno.test("makeProxy() takes over what plays already but cannot be made smaller", async () => {
  const path = await sample(
    "scarce.mp4",
    ...picture("160x90", "1", 120),
    ...tone("mono", 120),
    "-c:v",
    "libx264",
    "-crf",
    "48",
    "-c:a",
    "aac",
    "-ar",
    "8000",
    "-b:a",
    "8k",
  );
  await withProxy(path, async (made) => {
    await assertPlayable(made);
    // The rebuilt index may be a few bytes longer.
    assert.ok(made.bytes <= (await Deno.stat(path)).size * 1.01);
    assert.deepEqual([made.rendition.width, made.rendition.height], [160, 90]);
  });
});

Deno.test("makeProxy() stays as small as a voice memo", async () => {
  const memo = ["-c:a", "libopus", "-b:a", "16k", "-ar", "16000"];
  const path = await sample("memo.ogg", ...tone("mono", 30), ...memo);
  await withProxy(path, async ({ result, bytes }) => {
    assert.equal(result.technical.audio_channels, 1);
    assert.ok(bytes <= (await Deno.stat(path)).size);
  });
});

Deno.test("makeProxy() makes a picture of a scan of 300 million pixels", async () => {
  await withProxy(await bytesFile("map.png", blankPng(20_000, 15_000)), ({ source, rendition }) => {
    assert.deepEqual([source.technical.width, source.technical.height], [20_000, 15_000]);
    assert.deepEqual([rendition.width, rendition.height], [2048, 1536]);
  });
});

Deno.test("makeProxy() keeps animated images animated", async () => {
  const path = await sample("moving.gif", ...picture("64x48", "10", 1));
  await inFolder(async (folder) => {
    assert.equal(await makeProxy(path, folder, await probe(path, folder)), "original");
  });
});

Deno.test("makeProxy() makes nothing of documents, makePoster() nothing of bare sound", async () => {
  await inFolder(async (folder) => {
    const text = await bytesFile("note.txt", "words\n");
    const document = await probe(text, folder);
    assert.equal(await makePoster(text, folder, document), null);
    assert.equal(await makeProxy(text, folder, document), "original");
    const sound = await sample("bare.flac", ...tone("stereo", 1));
    assert.equal(await makePoster(sound, folder, await probe(sound, folder)), null);
  });
});

Deno.test("makeProxy() calls a video whose pictures are noise unreadable", async () => {
  const bytes = await Deno.readFile(
    await sample("ruined.mp4", ...picture("320x240", "25", 3), "-c:v", "mpeg4", "-b:v", "1M"),
  );
  const media = new TextDecoder("latin1").decode(bytes).indexOf("mdat");
  const index = new TextDecoder("latin1").decode(bytes).indexOf("moov");
  for (let at = media + 4; at < index - 4; at++) bytes[at] = 0;
  const path = await bytesFile("zeros.mp4", bytes);
  await inFolder(async (folder) => {
    const source = await probe(path, folder);
    await assert.rejects(makeProxy(path, folder, source), (error) => findMediaFailure(error) !== undefined);
    await assert.rejects(makePoster(path, folder, source), (error) => findMediaFailure(error) !== undefined);
  });
});

Deno.test("makeProxy() ends within a second of an abort and after its time", async () => {
  const args = [...picture("1280x720", "50", 8), "-c:v", "mpeg2video", "-b:v", "20M"];
  const path = await sample("long.ts", ...args);
  await inFolder(async (folder) => {
    const source = await probe(path, folder);
    const controller = new AbortController();
    const reason = new Error("no longer wanted");
    let [aborted, reached] = [0, 0];
    const onProgress = (percent: number) => {
      aborted ||= Date.now();
      reached = percent;
      controller.abort(reason);
    };
    await assert.rejects(makeProxy(path, folder, source, { signal: controller.signal, onProgress }), reason);
    assert.ok(reached < 90, `${reached} %`);
    assert.ok(Date.now() - aborted < 5000);
    const late = makeProxy(path, folder, source, { wallMs: 200 });
    await assert.rejects(late, (error) => findMediaFailure(error) === "timed_out");
    assert.ok((await Deno.stat(join(folder, "proxy.mp4"))).size >= 0);
  });
});

/** A second of uncompressed WAVE at 8 kHz, without places for its channels, a tone on the last. */
function lastOf(channels: number): Uint8Array {
  const frame = 2 * channels;
  const file = Buffer.alloc(44 + 8000 * frame);
  file.write("RIFF    WAVEfmt ", "latin1");
  file.writeUInt32LE(file.length - 8, 4);
  [16, 1 + channels * 0x10000, 8000, 8000 * frame, frame + 16 * 0x10000].forEach((value, nth) =>
    file.writeUInt32LE(value, 16 + 4 * nth)
  );
  file.write("data", 36);
  file.writeUInt32LE(file.length - 44, 40);
  for (let nth = 0; nth < 8000; nth++) {
    file.writeInt16LE(Math.round(8000 * Math.sin(nth / 3)), 44 + (nth + 1) * frame - 2);
  }
  return file;
}

/** A black PNG with one bit per pixel. */
function blankPng(width: number, height: number): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  header[8] = 1;
  const lines = deflateSync(Buffer.alloc((Math.ceil(width / 8) + 1) * height));
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    pngChunk("IHDR", header),
    pngChunk("IDAT", lines),
    pngChunk("IEND", Buffer.alloc(0)),
  ]);
}

function pngChunk(type: string, data: Uint8Array): Uint8Array {
  const body = Buffer.concat([Buffer.from(type), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}
