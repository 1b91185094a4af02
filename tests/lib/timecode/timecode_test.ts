import assert from "node:assert/strict";
import {
  canDropFrames,
  COMMON_RATES,
  countFrames,
  findCommonRate,
  formatElapsed,
  framesPerDay,
  framesPerSecond,
  framesToMs,
  framesToTimecode,
  hasTimecode,
  msToFrames,
  parseTimecode,
  type Rate,
  timecodeAt,
  timecodeToFrames,
} from "../../../lib/timecode/timecode.ts";

const NTSC = { num: 30000, den: 1001 };
const NTSC_60 = { num: 60000, den: 1001 };
const FILM = { num: 24000, den: 1001 };
const PAL = { num: 25, den: 1 };
const DROP = { dropFrame: true };

/** Every frame near the places where counting can go wrong, and a stride over the whole day. */
function* framesOfADay(rate: Rate, day: number): Generator<number> {
  const minute = 60 * framesPerSecond(rate);
  for (let frame = 0; frame < day; frame += 997) yield frame;
  for (let at = 0; at <= day; at += minute) {
    for (let frame = Math.max(0, at - 130); frame < Math.min(day, at + 6); frame++) yield frame;
  }
}

Deno.test("timecodeToFrames() answers the frame that framesToTimecode() wrote, all day at every rate", () => {
  for (const rate of COMMON_RATES) {
    for (const dropFrame of canDropFrames(rate) ? [false, true] : [false]) {
      const day = framesPerDay(rate, { dropFrame });
      for (const frame of framesOfADay(rate, day)) {
        const text = framesToTimecode(frame, rate, { dropFrame });
        if (timecodeToFrames(text, rate) !== frame) {
          assert.fail(`${frame} at ${rate.num}/${rate.den}: ${text}`);
        }
      }
      assert.equal(framesToTimecode(day, rate, { dropFrame }), framesToTimecode(0, rate, { dropFrame }));
    }
  }
});

Deno.test("framesToTimecode() counts up by one and never writes a dropped number, for an hour of 29.97", () => {
  let last = "";
  for (let frame = 0; frame < 108_000; frame++) {
    const text = framesToTimecode(frame, NTSC, DROP);
    if (text <= last) assert.fail(`${last} then ${text}`);
    if (/[1-9]:00;0[01]$/.test(text)) assert.fail(text);
    last = text;
  }
});

Deno.test("msToFrames() answers the frame that framesToMs() placed, all day at every rate", () => {
  for (const rate of COMMON_RATES) {
    const day = framesPerDay(rate);
    for (const frame of framesOfADay(rate, day)) {
      const ms = framesToMs(frame, rate);
      if (msToFrames(ms, rate) !== frame) assert.fail(`${frame} at ${rate.num}/${rate.den}: ${ms} ms`);
    }
  }
});

Deno.test("framesToTimecode() agrees with known values of drop frame", () => {
  const known: [number, Rate, string][] = [
    [0, NTSC, "00:00:00;00"],
    [1799, NTSC, "00:00:59;29"],
    [1800, NTSC, "00:01:00;02"],
    [17981, NTSC, "00:09:59;29"],
    [17982, NTSC, "00:10:00;00"],
    [19782, NTSC, "00:11:00;02"],
    [107892, NTSC, "01:00:00;00"],
    [2589407, NTSC, "23:59:59;29"],
    [2589408, NTSC, "00:00:00;00"],
    [-1, NTSC, "23:59:59;29"],
    [3599, NTSC_60, "00:00:59;59"],
    [3600, NTSC_60, "00:01:00;04"],
    [35964, NTSC_60, "00:10:00;00"],
    [215784, NTSC_60, "01:00:00;00"],
  ];
  for (const [frame, rate, text] of known) assert.equal(framesToTimecode(frame, rate, DROP), text);
});

Deno.test("framesToTimecode() counts without drops at other rates", () => {
  assert.equal(framesToTimecode(90_000, PAL), "01:00:00:00");
  assert.equal(framesToTimecode(86_400, FILM, DROP), "01:00:00:00");
  assert.equal(framesToTimecode(-1, PAL), "23:59:59:24");
  assert.equal(framesToTimecode(108_000, NTSC), "01:00:00:00");
  assert.equal(framesToTimecode(119, { num: 120, den: 1 }), "00:00:00:119");
  assert.equal(framesPerDay(PAL), 2_160_000);
  assert.equal(framesPerDay(NTSC, DROP), 2_589_408);
});

Deno.test("framesToMs() agrees with known values", () => {
  assert.equal(framesToMs(107_892, NTSC), 3_599_996);
  assert.equal(framesToMs(1, FILM), 42);
  assert.equal(framesToMs(25, PAL), 1000);
  assert.equal(msToFrames(39, PAL), 0);
  assert.equal(msToFrames(40, PAL), 1);
  assert.equal(countFrames(139_400, { num: 10, den: 1 }), 1394);
});

Deno.test("timecodeToFrames() refuses what is no timecode at the rate", () => {
  const refused = [
    "",
    "1:2:3:4",
    "00:00:00",
    "24:00:00:00",
    "00:60:00:00",
    "00:00:60:00",
    "00:00:00:30",
    "00:01:00;00",
  ];
  for (const text of [...refused, "00:01:00;01", "xx:00:00:00"]) {
    assert.equal(timecodeToFrames(text, NTSC), undefined);
  }
  assert.equal(timecodeToFrames("00:00:10;00", PAL), undefined);
  assert.equal(timecodeToFrames("00:01:00:00", NTSC), 1800);
  assert.equal(timecodeToFrames("00:01:00.02", NTSC), 1800);
});

Deno.test("parseTimecode() fills what a person types from the right", () => {
  const typed: [string, number][] = [["5", 5], ["1:00", 25], ["1000", 250], ["1.2.3", 1553], ["1 2 3", 1553]];
  const more: [string, number][] = [["01:00:00:00", 90_000], ["01000000", 90_000], ["90:00", 2250], [
    "1::",
    1500,
  ]];
  for (const [text, frame] of [...typed, ...more]) assert.equal(parseTimecode(text, PAL), frame, text);
  for (const text of ["", "abc", "1:2:3:4:5", "-1", ":", "1e3"]) {
    assert.equal(parseTimecode(text, PAL), undefined, text);
  }
  assert.equal(parseTimecode("24000000", PAL), 0);
});

Deno.test("parseTimecode() goes on to the next number when drop frame leaves the typed one out", () => {
  assert.equal(parseTimecode("10000", NTSC, DROP), 1800);
  assert.equal(parseTimecode("00:01:00;00", NTSC), 1800);
  assert.equal(parseTimecode("100000", NTSC, DROP), 17_982);
});

Deno.test("timecodeAt() counts from the start timecode and takes its way of counting", () => {
  assert.equal(timecodeAt(1, PAL), "00:00:00:01");
  assert.equal(timecodeAt(25, PAL, "10:00:00:00"), "10:00:01:00");
  assert.equal(timecodeAt(1, NTSC, "00:00:59;29"), "00:01:00;02");
  assert.equal(timecodeAt(1, PAL, "23:59:59:24"), "00:00:00:00");
  assert.equal(timecodeAt(1, PAL, "nonsense"), "00:00:00:01");
});

Deno.test("formatElapsed() shows hours only when there are any", () => {
  assert.equal(formatElapsed(0), "0:00");
  assert.equal(formatElapsed(9_637), "0:09");
  assert.equal(formatElapsed(139_400), "2:19");
  assert.equal(formatElapsed(3_600_000), "1:00:00");
  assert.equal(formatElapsed(360_000_000), "100:00:00");
});

Deno.test("findCommonRate() puts measured rates right and tells 23.976 from 24", () => {
  assert.deepEqual(findCommonRate(29.97), NTSC);
  assert.deepEqual(findCommonRate(23.98), FILM);
  assert.deepEqual(findCommonRate(24), { num: 24, den: 1 });
  assert.deepEqual(findCommonRate(59.9401), NTSC_60);
  assert.equal(findCommonRate(12.5), undefined);
});

Deno.test("hasTimecode() is true at the rates of film and television alone", () => {
  for (const rate of [FILM, PAL, NTSC, NTSC_60, { num: 120, den: 1 }]) assert.ok(hasTimecode(rate));
  for (const rate of [{ num: 25, den: 2 }, { num: 15, den: 1 }, { num: 2499, den: 125 }]) {
    assert.ok(!hasTimecode(rate));
  }
});
