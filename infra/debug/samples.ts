// Parses Prometheus' text format, and computes rates and quantiles between two readings.

export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

export interface Reading {
  /** Milliseconds since the epoch. */
  at: number;
  samples: Sample[];
}

/** Parses samples in Prometheus' exposition format 0.0.4. Pure. */
export function parseSamples(text: string): Sample[] {
  return text.split("\n").flatMap((line) => {
    const [, name, labels, value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)/.exec(line) ?? [];
    if (!name) return [];
    const pairs = [...(labels ?? "").matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map((
      [, key, text],
    ) => [key, text]);
    return [{ name, labels: Object.fromEntries(pairs), value: Number(value) }];
  });
}

type Match = (labels: Record<string, string>) => boolean;

/** The sum of all samples of a metric that match; undefined when there is none. */
export function sum({ samples }: Reading, name: string, match: Match = () => true): number | undefined {
  const found = samples.filter((sample) => sample.name === name && match(sample.labels));
  return found.length === 0 ? undefined : found.reduce((total, { value }) => total + value, 0);
}

/** Growth per second of a counter between two readings; a counter that was reset counts from zero. */
export function rate(before: Reading, now: Reading, name: string, match?: Match): number {
  const seconds = (now.at - before.at) / 1000;
  const grown = (sum(now, name, match) ?? 0) - (sum(before, name, match) ?? 0);
  return seconds > 0 ? Math.max(0, grown) / seconds : 0;
}

/** A quantile of a histogram between two readings, interpolated as Prometheus does; undefined without samples. */
export function quantile(
  q: number,
  before: Reading,
  now: Reading,
  name: string,
  match: Match = () => true,
): number | undefined {
  const bounds = [
    ...new Set(now.samples.filter((each) => each.name === `${name}_bucket`).map((each) => each.labels.le!)),
  ]
    .map((le) => ({ le, bound: le === "+Inf" ? Infinity : Number(le) })).sort((a, b) => a.bound - b.bound);
  const counts = bounds.map(({ le }) => {
    const inBucket = (labels: Record<string, string>) => labels.le === le && match(labels);
    return Math.max(
      0,
      (sum(now, `${name}_bucket`, inBucket) ?? 0) - (sum(before, `${name}_bucket`, inBucket) ?? 0),
    );
  });
  const total = counts.at(-1) ?? 0;
  if (total === 0) return undefined;
  const at = counts.findIndex((count) => count >= q * total);
  const [lower, below] = at === 0 ? [0, 0] : [bounds[at - 1]!.bound, counts[at - 1]!];
  const upper = bounds[at]!.bound;
  return upper === Infinity ? lower : lower + (upper - lower) * ((q * total - below) / (counts[at]! - below));
}
