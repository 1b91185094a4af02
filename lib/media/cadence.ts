// Frame cadence: the rational frame rate, and whether it is constant. Pure.
import { findCommonRate, type Rate } from "../timecode/timecode.ts";
import { parseRatio } from "./picture.ts";

export interface Cadence {
  rate: Rate | null;
  isVariable: boolean;
}

/** Rates above this come from the container's time base, not from frames. */
const MAX_RATE = 1000;

/**
 * The cadence of a stream from the rates its container declares (`avg_frame_rate`, `r_frame_rate`) and the ascending
 * timestamps of some packets in seconds. Constant means that at least 95 % of the intervals are equal within the
 * precision of the container, or jitter around an even grid as those of phones do, and that the average over the whole
 * file agrees. The rate of a variable stream is that of
 * its most common interval if there is one, otherwise the average.
 */
export function findCadence(claims: { avg?: string; real?: string }, times: number[]): Cadence {
  const average = toRate(claims.avg);
  const steps = times.slice(1).map((time, i) => time - times[i]!).filter((step) => step > 0);
  if (steps.length < 4) return { rate: average ?? toRate(claims.real), isVariable: false };
  const typical = median(steps);
  // Matroska and FLV store whole milliseconds, so equal intervals may differ by 1 ms.
  const tolerance = Math.max(0.0011, typical * 0.05);
  const alike = steps.filter((step) => Math.abs(step - typical) <= tolerance);
  const measured = alike.length / alike.reduce((sum, step) => sum + step, 0);
  // Each packet is a single field; two of them make a frame.
  if (average && Math.abs(measured * average.den / average.num - 2) < 0.02) {
    return { rate: average, isVariable: false };
  }
  const isEven = alike.length >= steps.length * 0.95;
  const rate = nearest(isEven ? measured : meanRate(steps, typical), [average, toRate(claims.real)]);
  const averageDiffers = average !== null &&
    Math.abs(average.num * rate.den / average.den / rate.num - 1) > 0.05;
  const isVariable = averageDiffers || !(isEven || staysOnGrid(steps, rate));
  if (!isVariable) return { rate, isVariable };
  const hasTypicalStep = alike.length > steps.length * 0.5;
  return { rate: hasTypicalStep ? nearest(measured, [toRate(claims.real)]) : average, isVariable };
}

/** Over the steps that are nearly typical: neither gaps nor repeated times. */
function meanRate(steps: number[], typical: number): number {
  const near = steps.filter((step) => Math.abs(step - typical) < typical / 4);
  return near.length / near.reduce((sum, step) => sum + step, 0);
}

/** Whether frames stay within a quarter of a frame of an even grid, but for the gaps between samples and a few more. */
function staysOnGrid(steps: number[], { num, den }: Rate): boolean {
  const even = den / num;
  let [phase, lost] = [0, 0];
  for (const step of steps) {
    phase += step - even;
    if (Math.abs(phase) <= even / 4) continue;
    phase = 0;
    lost++;
  }
  return lost <= steps.length * 0.05;
}

/** The declared rate within 2 % of the measurement, else a common rate within 2 %, else the measurement itself. */
function nearest(measured: number, claims: (Rate | null)[]): Rate {
  const distance = (rate: Rate) => Math.abs(rate.num / rate.den / measured - 1);
  const fitting = claims.filter((rate) => rate !== null).filter((rate) => distance(rate) < 0.02);
  const best = fitting.sort((a, b) => distance(a) - distance(b))[0];
  if (best) return best;
  return findCommonRate(measured) ?? { num: Math.round(measured * 1000), den: 1000 };
}

/** A declared rate. The average of a short file is slightly off, so it is snapped to a common rate. */
export function toRate(text: string | undefined): Rate | null {
  const ratio = parseRatio(text);
  if (!ratio) return null;
  const [num, den] = ratio;
  if (num / den > MAX_RATE) return null;
  return findCommonRate(num / den) ?? { num, den };
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
