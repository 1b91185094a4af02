// Reads what `deno test` reports: counts per file from its JUnit file, failures from its output.

export interface FileCounts {
  passed: number;
  failed: number;
}

const FAILURE = /^(?:.* => \.\/(\S+?):\d+:\d+|\.\/(\S+) \(uncaught error\))$/;

export function stripColors(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/\x1b\[[0-9;]*m/g, "");
}

/** Tests passed and failed in each file of a JUnit report. A step is no test of its own. */
export function readCounts(report: string): Map<string, FileCounts> {
  const counts = new Map<string, FileCounts>();
  for (const [, file, cases] of report.matchAll(/<testsuite name="\.\/([^"]*)"[^>]*>(.*?)<\/testsuite>/gs)) {
    const names = new Set<string>();
    const known = counts.get(file!) ?? { passed: 0, failed: 0 };
    for (const [, name, body] of cases!.matchAll(/<testcase name="([^"]*)"[^>]*>(.*?)<\/testcase>/gs)) {
      if (isStep(name!, names)) continue;
      names.add(name!);
      if (body!.includes("<failure")) known.failed++;
      else if (!body!.includes("<skipped")) known.passed++;
    }
    counts.set(file!, known);
  }
  return counts;
}

/** A step is named `test &gt; step` and follows its test. */
function isStep(name: string, tests: Set<string>): boolean {
  const parts = name.split(" &gt; ");
  return parts.some((_, nth) => nth > 0 && tests.has(parts.slice(0, nth).join(" &gt; ")));
}

/** Of each file that failed, what was printed about it between the headings ERRORS and FAILURES. */
export function failuresOf(output: string): Map<string, string> {
  const failures = new Map<string, string>();
  const errors = /\n ERRORS *\n(.*)\n FAILURES *\n/s.exec(output)?.[1] ?? "";
  let file: string | undefined;
  for (const line of errors.split("\n")) {
    const found = FAILURE.exec(line);
    if (found) file = found[1] ?? found[2]!;
    if (file) failures.set(file, `${failures.get(file) ?? ""}${line}\n`);
  }
  return failures;
}
