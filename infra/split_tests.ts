// `deno run -A infra/split_tests.ts 2/4`: names the test files of the second of four parts that take about as long, so that CI
// runs them side by side. How long each takes is in tests/seconds.json; what is not there yet counts as the usual.
const USUAL_SECONDS = 4;

const [part, parts] = (Deno.args[0] ?? "").split("/").map(Number);
if (!part || !parts || part > parts) {
  console.error("Usage: infra/split_tests.ts PART/PARTS, as 2/4");
  Deno.exit(2);
}
const known: Record<string, number> = JSON.parse(
  await Deno.readTextFile(new URL("../tests/seconds.json", import.meta.url)),
);
const seconds = (file: string) => known[file] ?? USUAL_SECONDS;
const files = (await listTests("tests")).filter((file) => !file.startsWith("tests/faults/"));
const loads = Array.from({ length: parts }, () => ({ files: [] as string[], seconds: 0 }));
for (const file of files.sort((a, b) => seconds(b) - seconds(a) || a.localeCompare(b))) {
  const lightest = loads.reduce((least, load) => load.seconds < least.seconds ? load : least);
  lightest.files.push(file);
  lightest.seconds += seconds(file);
}
console.log(loads[part - 1]!.files.join("\n"));

async function listTests(folder: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(new URL(`../${folder}`, import.meta.url)));
  const lists = await Promise.all(entries.map(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    if (isDirectory) return listTests(path);
    return /_test\.tsx?$/.test(name) ? [path] : [];
  }));
  return lists.flat();
}
