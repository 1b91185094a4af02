// `deno run -A tests/suite/measure.ts` runs each test file alone and writes its seconds into tests/seconds.json; with names
// of files it measures these only.
import { listTests, SECONDS_FILE } from "./files.ts";

await measure(Deno.args.length > 0 ? Deno.args : await listTests(["tests"]));

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
