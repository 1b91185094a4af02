// The table of requirements names only existing files, covers every requirement, and its counts are right.
import assert from "node:assert/strict";

const ROOT = new URL("../../", import.meta.url);
/** Requirements of levels 1 and 2 in ASVS 5.0.0, by chapter. */
const REQUIREMENTS = [27, 11, 19, 10, 9, 35, 18, 7, 7, 29, 14, 9, 13, 9, 13, 16, 7];
const STATES = ["met", "gap", "n/a"];

const text = Deno.readTextFileSync(new URL("docs/security.md", ROOT));
const rows = text.matchAll(
  /^\|\s*(\d+)\.\d+\.\d+\s*\|\s*([12])\s*\|[^|]+\|\s*([^|]+?)\s*\|\s*([^|]+?)\s*\|$/gm,
)
  .map(([, chapter, level, state, where]) => ({
    chapter: Number(chapter),
    level,
    state: state!,
    where: where!,
  }))
  .toArray();

Deno.test("every file named in docs/security.md exists", async () => {
  const paths = text.matchAll(
    /`([\w.-]+(?:\/[\w.-]+)+|[A-Z][\w-]*\.md|Dockerfile|Makefile|[\w-]+\.(?:json|lock|yml))`/g,
  )
    .map(([, path]) => path!).toArray();
  assert.ok(paths.length > 100, "paths are found");
  const missing: string[] = [];
  for (const path of new Set(paths)) {
    await Deno.stat(new URL(path, ROOT)).catch(() => missing.push(path));
  }
  assert.deepEqual(missing, []);
});

Deno.test("docs/security.md has a row for every requirement, and each met one says where", () => {
  const counted = REQUIREMENTS.map((_, at) => rows.filter(({ chapter }) => chapter === at + 1).length);
  assert.deepEqual(counted, REQUIREMENTS);
  for (const { state, where } of rows) {
    assert.ok(STATES.includes(state), `${state}: ${where}`);
    assert.ok(where.length > 5, "a state has its reason");
  }
});

Deno.test("the counts in docs/security.md are right", () => {
  const count = (state: string, level?: string) =>
    rows.filter((row) => row.state === state && (!level || row.level === level)).length;
  const [met, gap, none] = STATES.map((state) => count(state));
  const first = STATES.map((state) => count(state, "1"));
  const told = text.slice(0, text.indexOf("\n## ")).replaceAll(/\s+/g, " ");
  assert.ok(
    told.includes(`${rows.length} requirements, of which ${met} are met, ${gap} are gaps and ${none} do not`),
  );
  assert.ok(told.includes(`Level 1 alone: ${first[0]} met, ${first[1]} gaps, ${first[2]} not applicable`));
});
