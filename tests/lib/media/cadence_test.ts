import assert from "node:assert/strict";
import { findCadence } from "../../../lib/media/cadence.ts";

const steady = (step: number, count = 200) => Array.from({ length: count }, (_, i) => i * step);
const rounded = (times: number[]) => times.map((time) => Math.round(time * 1000) / 1000);

Deno.test("findCadence() chooses the declared rate that fits the packets", () => {
  const ntsc = { num: 30000, den: 1001 };
  assert.deepEqual(findCadence({ avg: "30000/1001", real: "60000/1001" }, steady(1001 / 30000)), {
    rate: ntsc,
    isVariable: false,
  });
  assert.deepEqual(findCadence({ avg: "2997/100", real: "90000/1" }, steady(1001 / 30000)).rate, ntsc);
  assert.deepEqual(findCadence({ avg: "0/0", real: "0/0" }, steady(1 / 25)).rate, { num: 25, den: 1 });
  assert.deepEqual(findCadence({ avg: "25/1", real: "25/1" }, []).rate, { num: 25, den: 1 });
  assert.deepEqual(findCadence({}, []), { rate: null, isVariable: false });
});

Deno.test("findCadence() calls times in whole milliseconds constant", () => {
  for (const [num, den] of [[24000, 1001], [30000, 1001], [60000, 1001], [50, 1], [120, 1]] as const) {
    const found = findCadence({ avg: `${num}/${den}` }, rounded(steady(den / num)));
    assert.deepEqual(found, { rate: { num, den }, isVariable: false });
  }
});

Deno.test("findCadence() calls varying steps variable and names the usual one", () => {
  const times = steady(1 / 30, 300).filter((_, i) => i % 7 !== 3 && i % 11 !== 5);
  assert.deepEqual(findCadence({ avg: "23/1", real: "30/1" }, times), {
    rate: { num: 30, den: 1 },
    isVariable: true,
  });
});

Deno.test("findCadence() is variable when a steady start differs from the overall mean", () => {
  assert.equal(findCadence({ avg: "18/1", real: "30/1" }, steady(1 / 30)).isVariable, true);
});

Deno.test("findCadence() counts frames where packets are fields", () => {
  assert.deepEqual(findCadence({ avg: "25/1", real: "50/1" }, steady(1 / 50)), {
    rate: { num: 25, den: 1 },
    isVariable: false,
  });
});

Deno.test("findCadence() calls a phone's jitter around an even grid constant, but not steps that wander", () => {
  const jitter = [0, 0.0008, -0.0011, 0.0008, -0.0005, 0.0012, -0.0008];
  const phone = steady(1 / 30).map((time, i) => time + jitter[i % jitter.length]!);
  assert.deepEqual(findCadence({ avg: "3600000/120017", real: "90000/1" }, phone), {
    rate: { num: 30, den: 1 },
    isVariable: false,
  });
  let time = 0;
  const wandering = Array.from({ length: 200 }, (_, i) => time += i % 40 < 20 ? 1 / 27 : 1 / 33);
  assert.equal(findCadence({ avg: "297/10", real: "90000/1" }, wandering).isVariable, true);
});
