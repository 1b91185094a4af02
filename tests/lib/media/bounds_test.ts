// What a proxy costs follows from what the file holds, not from what it claims.
import assert from "node:assert/strict";
import { findMediaFailure } from "../../../lib/media/errors.ts";
import { measureHeld } from "../../../lib/media/held.ts";
import { probe } from "../../../lib/media/probe.ts";
import { makeProxy } from "../../../lib/media/proxy.ts";
import type { Rendition } from "../../../lib/media/schema.ts";
import { inFolder, picture, sample, tone } from "./samples.ts";

const HOURS = 46;
const QUICK_MS = 20_000;
const GAP = HOURS * 3600;
const coding = ["-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", "-fps_mode", "passthrough"];
const late = [
  "-vf",
  `setpts='if(lt(N,15),PTS,PTS+${GAP}/TB)'`,
  "-af",
  `asetpts='if(lt(N,20),PTS,PTS+${GAP}*SR)'`,
];

Deno.test("makeProxy() encodes the frames that a film holds, not the hours between them", async () => {
  for (const name of ["gap.mkv", "gap.mp4"]) {
    const path = await sample(name, ...picture("320x180", "25", 1.2), ...late, ...coding);
    await withProxy(path, async ({ rendition, folder, ms }) => {
      const [held] = (await measureHeld(rendition.path, folder)).values();
      assert.equal(held!.packets, 30);
      assert.ok(Math.abs(held!.spanMs - GAP * 1000) < 2_000, `${held!.spanMs} ms`);
      assert.ok(ms < QUICK_MS, `${ms} ms`);
    });
  }
});

Deno.test("makeProxy() leaves out sound that is next to none, and keeps the pictures", async () => {
  const path = await sample(
    "gap_sound.mkv",
    ...picture("320x180", "25", 1.2),
    ...tone("mono", 1.2),
    ...late,
    ...coding,
  );
  await withProxy(path, async ({ rendition, folder, ms }) => {
    assert.equal((await measureHeld(rendition.path, folder)).size, 1);
    assert.ok(ms < QUICK_MS, `${ms} ms`);
  });
});

Deno.test("makeProxy() refuses sound that is next to none over the time that it claims", async () => {
  const path = await sample("gap.mka", ...tone("mono", 1.2), ...late.slice(2), "-c:a", "aac");
  await inFolder(async (folder) => {
    const source = await probe(path, folder);
    assert.ok(source.durationMs! > GAP * 1000, `${source.durationMs} ms`);
    await assert.rejects(
      makeProxy(path, folder, source),
      (error) => findMediaFailure(error) === "mostly_gaps",
    );
  });
});

Deno.test("makeProxy() makes no more frames than a claimed million a second shows", async () => {
  const fast = ["-vf", "settb=1/1000000,setpts=N", "-enc_time_base", "1/1000000"];
  const path = await sample("fast.mp4", ...picture("320x180", "25", 2), ...fast, ...coding);
  await withProxy(path, async ({ rendition, folder }) => {
    const [held] = (await measureHeld(rendition.path, folder)).values();
    assert.ok(held!.packets <= 60, `${held!.packets} frames`);
  });
});

Deno.test("makeProxy() repeats pictures of a slideshow no further than its few frames warrant", async () => {
  const slow = ["-vf", "setpts=PTS*300"];
  const path = await sample("slides.mkv", ...picture("320x180", "25", 1), ...slow, ...coding);
  await withProxy(path, async ({ rendition, folder }) => {
    const [held] = (await measureHeld(rendition.path, folder)).values();
    assert.ok(held!.packets <= 1_700 && held!.spanMs > 280_000, JSON.stringify(held));
  });
});

interface Made {
  rendition: Rendition;
  folder: string;
  ms: number;
}

async function withProxy(path: string, check: (made: Made) => Promise<void>): Promise<void> {
  await inFolder(async (folder) => {
    const source = await probe(path, folder);
    const began = performance.now();
    const rendition = await makeProxy(path, folder, source);
    assert.notEqual(rendition, "original");
    await check({ rendition: rendition as Rendition, folder, ms: performance.now() - began });
  });
}
