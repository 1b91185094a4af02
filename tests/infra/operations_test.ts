import assert from "node:assert/strict";
import { CONFIG_KEYS, loadConfig } from "../../lib/platform/config.ts";

const read = (path: string) => Deno.readTextFile(new URL(`../../${path}`, import.meta.url));

Deno.test("docs/operations.md names every setting with its default", async () => {
  const rows = [
    ...(await read("docs/operations.md")).matchAll(/^\| `([A-Z][A-Z0-9_]+)` +\| (?:`(\S+)`)? +\|/gm),
  ];
  const defaults: Record<string, unknown> = loadConfig({});
  // The one that development has is known to everybody, so it is none.
  const shown = CONFIG_KEYS.map((key) => [key, key === "AKASHI_SECRET" ? "" : String(defaults[key] ?? "")]);
  const documented = rows.map(([, key, value]) => [key, value ?? ""]);
  assert.deepEqual(documented.filter(([key]) => CONFIG_KEYS.includes(key!)).sort(), shown.sort());
});
