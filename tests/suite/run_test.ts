import assert from "node:assert/strict";

const ROOT = new URL("../../", import.meta.url);

const PASSES = `
Deno.test("passes", async (t) => { await t.step("a step is no test of its own", () => {}); });
Deno.test({ name: "ignored", ignore: true, fn() {} });`;
const FAILS_ONCE = `
Deno.test("passes always", () => {});
Deno.test("fails once > always", () => {
  try { Deno.statSync("mark"); } catch { Deno.writeTextFileSync("mark", ""); throw new Error("the first\\n\\nfailure"); }
});`;
const FAILS = `Deno.test("fails", () => { throw new Error("always"); });`;
const FAILS_LATE = `
Deno.test("passes", () => {});
setTimeout(() => { throw new Error("late"); }, 1);
await new Promise((resolve) => setTimeout(resolve, 50));`;

/** Runs these files with the retry; answers the exit code and what was printed. */
async function run(files: Record<string, string>, retry = "1"): Promise<{ code: number; output: string }> {
  const folder = await Deno.makeTempDir();
  await Deno.mkdir(`${folder}/cases`);
  for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(`${folder}/cases/${name}`, text);
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", new URL("tests/suite/run.ts", ROOT).href, "--no-check", "cases"],
    cwd: folder,
    env: { AKASHI_TEST_RETRY: retry, NO_COLOR: "1" },
    stderr: "null",
  }).output();
  await Deno.remove(folder, { recursive: true });
  return { code, output: new TextDecoder().decode(stdout) };
}

const lastLine = (output: string) => output.trimEnd().split("\n").at(-1);

Deno.test("suite/run.ts counts tests, not steps and not what is ignored", async () => {
  const { code, output } = await run({ "a_test.ts": PASSES, "b_test.ts": PASSES });
  assert.deepEqual([code, lastLine(output)], [0, "2 passed, 0 failed"]);
});

Deno.test("suite/run.ts runs a failed file once more, calls it flaky and counts its tests once", async () => {
  const { code, output } = await run({ "a_test.ts": PASSES, "b_test.ts": FAILS_ONCE });
  assert.deepEqual([code, lastLine(output)], [0, "3 passed, 0 failed"]);
  assert.match(output, /== flaky: cases\/b_test\.ts .*\n.*\n.*the first\n\nfailure/);
});

Deno.test("suite/run.ts fails when a file fails again, or ends before its tests", async () => {
  const { code, output } = await run({ "a_test.ts": PASSES, "b_test.ts": FAILS, "c_test.ts": FAILS_LATE });
  assert.deepEqual([code, lastLine(output)], [1, "2 passed, 2 failed"]);
  assert.doesNotMatch(output, /== flaky/);
});

Deno.test("suite/run.ts runs nothing again unless asked to", async () => {
  const { code, output } = await run({ "b_test.ts": FAILS_ONCE }, "");
  assert.deepEqual([code, lastLine(output)], [1, "1 passed, 1 failed"]);
});

Deno.test("tests/flaky.json names test files that exist", async () => {
  const files = Object.keys(JSON.parse(await Deno.readTextFile(new URL("tests/flaky.json", ROOT))));
  for (const file of files) assert.ok((await Deno.stat(new URL(file, ROOT))).isFile, file);
});
