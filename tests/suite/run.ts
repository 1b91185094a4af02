// `deno run -A tests/suite/run.ts FLAGS PATHS`: `deno test` of all test files under these paths. With AKASHI_TEST_RETRY=1
// a file that failed runs once more by itself when all others are done. One that passes then is flaky: it is printed
// with its first failure, is to be listed in tests/flaky.json, and does not fail the run. The last line is `N passed, N failed`.
import { listTests } from "./files.ts";
import { failuresOf, type FileCounts, readCounts, stripColors } from "./report.ts";

/** More failed files than this are a fault of the change or of the machine, not flaky tests. */
const MOST_RETRIED = 5;
const LIST = new URL("../flaky.json", import.meta.url);

interface Run {
  code: number;
  /** Tests of each file; an uncaught error counts as one failed test. */
  counts: Map<string, FileCounts>;
  /** What `deno test` printed about each file that failed. */
  failures: Map<string, string>;
}

Deno.exit(await main(Deno.args));

async function main(args: string[]): Promise<number> {
  const ignored = args.filter((arg) => arg.startsWith("--ignore=")).map((arg) =>
    arg.slice("--ignore=".length)
  );
  const flags = args.filter((arg) => arg.startsWith("-") && !arg.startsWith("--ignore="));
  const files = await listTests(args.filter((arg) => !arg.startsWith("-")), ignored);
  const first = await runTests(flags, files);
  const counts = new Map(first.counts);
  const flaky = await retry(flags, first, counts);
  await reportFlaky(flaky, first);
  const all = [...counts.values()];
  const passed = sum(all.map((each) => each.passed));
  const failed = sum(all.map((each) => each.failed));
  console.log(`${passed} passed, ${failed} failed`);
  return failed > 0 || (first.code !== 0 && first.failures.size === 0) ? 1 : 0;
}

/** Runs each failed file by itself and puts its new counts in place of the old; answers the files that passed. */
async function retry(flags: string[], first: Run, counts: Map<string, FileCounts>): Promise<string[]> {
  const files = [...first.failures.keys()].filter((file) => /_test\.tsx?$/.test(file));
  if (Deno.env.get("AKASHI_TEST_RETRY") !== "1") return [];
  if (files.length > MOST_RETRIED) {
    console.log(`== ${files.length} files failed: too many to run again`);
    return [];
  }
  const flaky: string[] = [];
  for (const file of files) {
    console.log(`== ${file} once more, by itself`);
    const second = await runTests(flags, [file]);
    counts.set(file, second.counts.get(file)!);
    if (second.code === 0) flaky.push(file);
  }
  return flaky;
}

async function reportFlaky(flaky: string[], { failures }: Run): Promise<void> {
  if (flaky.length === 0) return;
  const known = JSON.parse(await Deno.readTextFile(LIST));
  for (const file of flaky) {
    console.log(`== flaky: ${file} passed at the second run. Its first failure:\n${failures.get(file)}`);
    if (!(file in known)) {
      console.log(`== add ${file} to tests/flaky.json, and mend its cause in the next change`);
    }
  }
}

/** Runs `deno test`, passing its output on as it comes. */
async function runTests(flags: string[], files: string[]): Promise<Run> {
  const report = await Deno.makeTempFile({ prefix: "akashi-report-", suffix: ".xml" });
  try {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["test", "-A", `--junit-path=${report}`, ...flags, ...files],
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const output: string[] = [];
    const [{ code }] = await Promise.all([
      child.status,
      passOn(child.stdout, Deno.stdout, output),
      passOn(child.stderr, Deno.stderr, output),
    ]);
    const failures = failuresOf(stripColors(output.join("")));
    const counts = readCounts(await Deno.readTextFile(report));
    countUncaught(files, counts, failures);
    return { code, counts, failures };
  } finally {
    await Deno.remove(report);
  }
}

/** An uncaught error fails no test: it ends a file, at times the whole process, before or between its tests. */
function countUncaught(files: string[], counts: Run["counts"], failures: Run["failures"]): void {
  for (const file of files.filter((file) => !counts.has(file))) {
    counts.set(file, { passed: 0, failed: 0 });
    if (!failures.has(file)) failures.set(file, `${file} ended without a report of its tests.\n`);
  }
  for (const file of failures.keys()) {
    const known = counts.get(file) ?? { passed: 0, failed: 0 };
    counts.set(file, { passed: known.passed, failed: Math.max(known.failed, 1) });
  }
}

async function passOn(
  from: ReadableStream<Uint8Array<ArrayBuffer>>,
  to: typeof Deno.stdout,
  output: string[],
): Promise<void> {
  const decoder = new TextDecoder();
  for await (const bytes of from) {
    output.push(decoder.decode(bytes, { stream: true }));
    for (let sent = 0; sent < bytes.length;) sent += await to.write(bytes.subarray(sent));
  }
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
