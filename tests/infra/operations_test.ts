import assert from "node:assert/strict";
import { CONFIG_KEYS, loadConfig } from "../../lib/platform/config.ts";

const read = (path: string) => Deno.readTextFile(new URL(`../../${path}`, import.meta.url));

Deno.test("docs/operations.md names every setting with its default", async () => {
  const rows = [
    ...(await read("docs/operations.md")).matchAll(/^\| `([A-Z][A-Z0-9_]+)` +\| (?:`(\S+)`)? +\|/gm),
  ];
  const defaults: Record<string, unknown> = loadConfig({});
  // The development default is publicly known, so it is not a secret.
  const shown = CONFIG_KEYS.map((key) => [key, key === "AKASHI_SECRET" ? "" : String(defaults[key] ?? "")]);
  const documented = rows.map(([, key, value]) => [key, value ?? ""]);
  assert.deepEqual(documented.filter(([key]) => CONFIG_KEYS.includes(key!)).sort(), shown.sort());
});

/** What both languages share: heading levels, list items, table rows, and the code at the start of a row. */
function outline(text: string): string[] {
  return text.split("\n").flatMap((line) => {
    const heading = /^(#+) /.exec(line);
    if (heading) return [heading[1]!];
    if (/^\|[ -]+\|/.test(line)) return [];
    const row = /^\| ([^|]+)\|/.exec(line);
    if (!row) return /^(- \*\*|\d\. )/.test(line) ? ["item"] : [];
    return [row[1]!.trim().startsWith("`") ? `row ${row[1]!.trim()}` : "row"];
  });
}

Deno.test("docs/operations.pt-BR.md has the same structure as the English one", async () => {
  const [english, portuguese] = await Promise.all(
    ["docs/operations.md", "docs/operations.pt-BR.md"].map(read),
  );
  assert.deepEqual(outline(portuguese!), outline(english!));
});

Deno.test("links within the operator guides lead to existing headings", async () => {
  for (const path of ["docs/operations.md", "docs/operations.pt-BR.md"]) {
    const text = await read(path);
    const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
      title!.toLowerCase().replaceAll(" ", "-")
    );
    const links = [...text.matchAll(/\]\(#([^)]+)\)/g)].map(([, link]) => link!);
    assert.deepEqual(links.filter((link) => !headings.includes(link)), []);
  }
});
