// The result of a measurement: how its numbers are taken and printed.

export type Unit = "ms" | "s" | "MB" | "MB/s" | "kB" | "/s" | "requests";

/** One line of the table. `against` is the baseline of the same run without Akashi, or a limit. */
export interface Row {
  measure: string;
  value: number;
  unit: Unit;
  against?: { what: string; value: number };
}

/** Measures and returns rows; throws when it cannot measure. Leaves nothing behind in either case. */
export type Measure = () => Promise<Row[]>;

const WARM_UP_ROUNDS = 10;
const ROUNDS = 100;
const BUDGET_MS = 25_000;

/**
 * The median milliseconds of each measurement. They are interleaved, so that other load on the machine affects all of
 * them alike. At most 100 rounds or 25 s, at least five rounds; the first ones are warm-up.
 */
export async function mediansInTurn<Name extends string>(
  works: Record<Name, (round: number) => Promise<number>>,
): Promise<Record<Name, number>> {
  const names = Object.keys(works) as Name[];
  const taken = new Map<Name, number[]>(names.map((name) => [name, []]));
  const began = performance.now();
  const isOver = (share: number) => performance.now() - began > share * BUDGET_MS;
  for (let round = 0; round < WARM_UP_ROUNDS && !isOver(0.25); round++) {
    for (const name of names) await works[name](round);
  }
  for (let round = 0; round < ROUNDS && (round < 5 || !isOver(1)); round++) {
    for (const name of names) taken.get(name)!.push(await works[name](round));
  }
  return Object.fromEntries(names.map((name) => [name, median(taken.get(name)!)])) as Record<Name, number>;
}

/** Milliseconds that `work` takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** The value below which `share` (0 to 1) of the values are. */
export function percentile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]!;
}

/** The middle value. */
export function median(values: number[]): number {
  return percentile(values, 0.5);
}

/** Formats rows as a table with the columns measure, value, compared with, ratio. */
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

/** Three significant digits at any magnitude. */
function digits(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(Number.isInteger(value) || size >= 100 ? 0 : size >= 10 ? 1 : 2);
}
