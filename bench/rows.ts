// What a measure answers, how its numbers are taken and how they are printed.

export type Unit = "ms" | "s" | "MB" | "MB/s" | "kB" | "/s" | "requests";

/** One line of the table. `against` is what the same run did without Akashi, or the limit that holds. */
export interface Row {
  measure: string;
  value: number;
  unit: Unit;
  against?: { what: string; value: number };
}

/** Answers its rows; throws when it could not measure. Leaves nothing behind either way. */
export type Measure = () => Promise<Row[]>;

const WARM_UP = 20;

interface Bounds {
  times?: number;
  /** No further repetition is begun after this. */
  budgetMs?: number;
}

/** Milliseconds of each repetition of `work`, after some that do not count. At least five. */
export async function sample(
  work: (nth: number) => Promise<unknown>,
  { times = 200, budgetMs = 5_000 }: Bounds = {},
): Promise<number[]> {
  for (let nth = 0, until = performance.now() + budgetMs / 4; nth < WARM_UP; nth++) {
    if (nth > 0 && performance.now() > until) break;
    await work(nth);
  }
  const taken: number[] = [];
  const until = performance.now() + budgetMs;
  for (let nth = 0; nth < times && (nth < 5 || performance.now() < until); nth++) {
    taken.push(await timed(() => work(nth)));
  }
  return taken;
}

/** Milliseconds that `work` takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** The value below which `share` (0 to 1) of them lie. */
export function percentile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]!;
}

export function median(values: number[]): number {
  return percentile(values, 0.5);
}

/** The rows as a table with a column each for measure, value, compared with, ratio. */
export function formatTable(rows: Row[]): string {
  const cells = [["measure", "value", "compared with", "ratio"], ...rows.map(formatRow)];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((row) => row[column]!.length)));
  const lines = cells.map(([measure, value, against, ratio]) =>
    [
      measure!.padEnd(widths[0]!),
      value!.padStart(widths[1]!),
      against!.padEnd(widths[2]!),
      ratio!.padStart(widths[3]!),
    ].join("  ")
  );
  lines.splice(1, 0, widths.map((width) => "─".repeat(width)).join("  "));
  return lines.join("\n");
}

function formatRow({ measure, value, unit, against }: Row): string[] {
  return [
    measure,
    `${digits(value)} ${unit}`,
    against ? `${against.what}: ${digits(against.value)} ${unit}` : "",
    against ? `${digits(value / against.value)}×` : "",
  ];
}

/** Three figures that mean something, whatever the size. */
function digits(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(Number.isInteger(value) || size >= 100 ? 0 : size >= 10 ? 1 : 2);
}
