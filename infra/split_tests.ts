// `deno run -A infra/split_tests.ts 2/4` names the test files of the second of four parts that take about as long, so that
// CI runs them side by side. `deno run -A infra/split_tests.ts --measure` runs each test file alone and writes its seconds
// into tests/seconds.json; with names of files it measures these only.
import { listTests, readSeconds, SECONDS_FILE } from "./test_files.ts";

const [word = "", ...files] = Deno.args;
const [part, parts] = word.split("/").map(Number);
if (word === "--measure") await measure(files.length > 0 ? files : await listTests(["tests"]));
else if (part && parts && part <= parts) console.log((await split(parts))[part - 1]!.join("\n"));
else {
  console.error("Usage: infra/split_tests.ts PART/PARTS, as 2/4, or --measure");
  Deno.exit(2);
}

/** Gives the next longest file to the part that has the least to do so far. */
async function split(parts: number): Promise<string[][]> {
  const seconds = await readSeconds();
  const loads = Array.from({ length: parts }, () => ({ files: [] as string[], seconds: 0 }));
  for (const file of await listTests(["tests"], ["tests/faults/restarts"])) {
    const lightest = loads.reduce((least, load) => load.seconds < least.seconds ? load : least);
    lightest.files.push(file);
    lightest.seconds += seconds(file);
  }
  return loads.map((load) => load.files);
}

async function measure(files: string[]): Promise<void> {
  const known: Record<string, number> = JSON.parse(await Deno.readTextFile(SECONDS_FILE));
  for (const file of files) {
    const started = performance.now();
    const { success } = await new Deno.Command(Deno.execPath(), {
      args: ["test", "-A", "--no-check", file],
      stdout: "null",
      stderr: "null",
    }).output();
    if (success) known[file] = Math.round((performance.now() - started) / 100) / 10;
    console.log(success ? `${known[file]} s  ${file}` : `failed  ${file}`);
  }
  const there = new Set(await listTests(["tests"]));
  const entries = Object.entries(known).filter(([file]) => there.has(file)).sort((a, b) => b[1] - a[1]);
  await Deno.writeTextFile(SECONDS_FILE, JSON.stringify(Object.fromEntries(entries), null, 2) + "\n");
}
