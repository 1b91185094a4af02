// docs/logs.md lists every event that the program logs, and nothing else.
import assert from "node:assert/strict";

const ROOT = new URL("../../", import.meta.url);
const CALL = /\blog\??(?:\.(?:debug|info|warn|error)|\[[^\]]+\])\(\s*([^\s,)]+)/g;
/** Lines that are written directly, without a log function. */
const MADE = /level: "warn", event: "([a-z_]+)"/g;

Deno.test("docs/logs.md names every event, and every event is a constant", async () => {
  const events = new Set<string>();
  for (const path of await sources()) {
    const text = await Deno.readTextFile(path);
    for (const [call, first] of text.matchAll(CALL)) {
      assert.match(first!, /^"[a-z_.]+"$/, `${path.pathname}: ${call}`);
      events.add(first!.slice(1, -1));
    }
    for (const [, event] of text.matchAll(MADE)) events.add(event!);
  }
  assert.ok(events.size > 50, "events are found");
  const table = await Deno.readTextFile(new URL("docs/logs.md", ROOT));
  const told = table.matchAll(/^\| `([\w.]+)`/gm).map(([, event]) => event!).toArray();
  assert.deepEqual(told.toSorted(), [...events].toSorted());
});

async function sources(): Promise<URL[]> {
  const found: URL[] = [];
  for (const folder of ["lib/", "routes/", "workers/"]) await collect(new URL(folder, ROOT), found);
  return found;
}

async function collect(folder: URL, found: URL[]): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) await collect(new URL(`${name}/`, folder), found);
    else if (/\.tsx?$/.test(name)) found.push(new URL(name, folder));
  }
}
