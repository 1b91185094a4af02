import assert from "node:assert/strict";
import { aspectRatio, fitInside, resolutionCategory, shownSize } from "../../../lib/media/picture.ts";

Deno.test("shownSize() turns pictures upright and makes pixels square", () => {
  const stored = { width: 720, height: 576, rotation: 0, sample_aspect_ratio: "64:45" } as const;
  assert.deepEqual(shownSize(stored), { width: 1024, height: 576 });
  assert.deepEqual(shownSize({ ...stored, rotation: 90 }), { width: 576, height: 1024 });
  assert.deepEqual(shownSize({ ...stored, sample_aspect_ratio: "0:1" }), { width: 720, height: 576 });
  assert.equal(shownSize({ ...stored, width: null }), undefined);
});

Deno.test("fitInside() keeps the shape, never enlarges and makes even sides", () => {
  assert.deepEqual(fitInside({ width: 1920, height: 1080 }, 1280, true), { width: 1280, height: 720 });
  assert.deepEqual(fitInside({ width: 1080, height: 1920 }, 1280, true), { width: 720, height: 1280 });
  assert.deepEqual(fitInside({ width: 853, height: 479 }, 1280, true), { width: 852, height: 478 });
  assert.deepEqual(fitInside({ width: 4096, height: 1 }, 1280, true), { width: 1280, height: 2 });
  assert.deepEqual(fitInside({ width: 320, height: 240 }, 640), { width: 320, height: 240 });
});

Deno.test("aspectRatio() uses the usual names", () => {
  const named: [number, number, string][] = [
    [1920, 1080, "16:9"],
    [854, 480, "16:9"],
    [1080, 1920, "9:16"],
    [720, 540, "4:3"],
    [4096, 2160, "17:9"],
    [1998, 1080, "1.85:1"],
    [2048, 858, "2.39:1"],
    [1000, 1000, "1:1"],
    [3313, 2566, "1.29:1"],
  ];
  for (const [width, height, label] of named) assert.equal(aspectRatio({ width, height }), label);
});

Deno.test("resolutionCategory() goes by the longer side", () => {
  const sides: [number, string][] = [[1279, "SD"], [1280, "HD"], [1920, "FHD"], [2560, "QHD"], [3840, "4K"], [
    7680,
    "8K",
  ]];
  for (const [width, category] of sides) {
    assert.equal(resolutionCategory({ width, height: 100 }), category);
    assert.equal(resolutionCategory({ width: 100, height: width }), category);
  }
});
