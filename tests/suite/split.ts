// `deno run -A tests/suite/split.ts 2/4` names the test files of the second of four parts that take about as long, so that CI
// runs them side by side.
import { listTests, readSeconds } from "./files.ts";

const [part, parts] = (Deno.args[0] ?? "").split("/").map(Number);
if (!part || !parts || part > parts) {
  console.error("Usage: tests/suite/split.ts PART/PARTS, as 2/4");
  Deno.exit(2);
}
console.log((await split(parts))[part - 1]!.join("\n"));

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
