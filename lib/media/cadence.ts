// How often a picture comes: the rational frame rate, and whether it is constant. Pure.
import { findCommonRate, type Rate } from "../timecode/timecode.ts";
import { parseRatio } from "./picture.ts";

export interface Cadence {
  rate: Rate | null;
  isVariable: boolean;
}

/** Faster than any camera: what is above comes from a clock, not from frames. */
const MAX_RATE = 1000;

/**
 * The cadence of a stream by what its container claims (`avg_frame_rate`, `r_frame_rate`) and the times of some
 * packets in seconds, rising. Constant means that at least 95 % of the steps are alike, as far as the clock of the
 * container tells, and that the mean of the whole is no other. The rate of a variable one is that of its usual step, if it has one, else the mean.
 */
export function findCadence(claims: { avg?: string; real?: string }, times: number[]): Cadence {
  const average = toRate(claims.avg);
  const steps = times.slice(1).map((time, i) => time - times[i]!).filter((step) => step > 0);
  if (steps.length < 4) return { rate: average ?? toRate(claims.real), isVariable: false };
  const usual = median(steps);
  // Matroska and FLV keep whole milliseconds: neighbours may differ by one of them.
  const tolerance = Math.max(0.0011, usual * 0.05);
  const alike = steps.filter((step) => Math.abs(step - usual) <= tolerance);
  const measured = alike.length / alike.reduce((sum, step) => sum + step, 0);
  // Packets of single fields: two of them are a frame.
  if (average && Math.abs(measured * average.den / average.num - 2) < 0.02) {
    return { rate: average, isVariable: false };
  }
  const isElsewhereOther = average !== null && Math.abs(average.num / average.den / measured - 1) > 0.05;
  const isVariable = alike.length < steps.length * 0.95 || isElsewhereOther;
  if (!isVariable) return { rate: nearest(measured, [average, toRate(claims.real)]), isVariable };
  const hasUsualStep = alike.length > steps.length * 0.5;
  return { rate: hasUsualStep ? nearest(measured, [toRate(claims.real)]) : average, isVariable };
}

/** The claim that fits what was measured within 2 %, else a common rate that does, else the measure itself. */
function nearest(measured: number, claims: (Rate | null)[]): Rate {
  const distance = (rate: Rate) => Math.abs(rate.num / rate.den / measured - 1);
  const fitting = claims.filter((rate) => rate !== null).filter((rate) => distance(rate) < 0.02);
  const best = fitting.sort((a, b) => distance(a) - distance(b))[0];
  if (best) return best;
  return findCommonRate(measured) ?? { num: Math.round(measured * 1000), den: 1000 };
}

/** A claimed rate; the mean of a short file is a little off, so that the common rate beside it is meant. */
function toRate(text: string | undefined): Rate | null {
  const ratio = parseRatio(text);
  if (!ratio) return null;
  const [num, den] = ratio;
  if (num / den > MAX_RATE) return null;
  return findCommonRate(num / den) ?? { num, den };
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
