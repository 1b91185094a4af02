// The reasons of all nouns together: unique, thrown somewhere, and the only ones that pages have texts for.
import assert from "node:assert/strict";
import { HTTP_STATUS, type Reason } from "../lib/platform/errors.ts";
import { TEXTS_OF_WINGS } from "../routes/ui/texts.ts";

interface Family {
  noun: string;
  reasons: Record<string, Reason>;
}

const ROOT = new URL("../", import.meta.url);
/** Functions that take the key and make the error themselves. */
const MAKERS: Record<string, string> = { rateLimitError: "requireAllowance" };

const sources = await readSources();
const families = await loadFamilies();

async function readSources(): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const folder of ["lib", "routes", "workers"]) await collect(folder, found);
  return found;
}

async function collect(folder: string, found: Map<string, string>): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(new URL(`${folder}/`, ROOT))) {
    const path = `${folder}/${name}`;
    if (isDirectory) await collect(path, found);
    else if (/\.tsx?$/.test(name)) found.set(path, await Deno.readTextFile(new URL(path, ROOT)));
  }
}

/** Every family by the name that it is exported under. */
async function loadFamilies(): Promise<[name: string, family: Family][]> {
  const declaring = [...sources].filter(([, text]) => /= defineReasons\(/.test(text));
  const modules = await Promise.all(declaring.map(([path]) => import(new URL(path, ROOT).href)));
  const exported = modules.flatMap((module) => Object.entries<unknown>(module));
  return exported.filter((entry): entry is [string, Family] => isFamily(entry[1]));
}

function isFamily(value: unknown): value is Family {
  return typeof value === "function" && "noun" in value && "reasons" in value;
}

Deno.test("each noun declares its reasons once", () => {
  const nouns = families.map(([, { noun }]) => noun);
  const declared = [...sources.values()].flatMap((text) => text.match(/= defineReasons\(/g) ?? []);
  assert.equal(families.length, declared.length, "a family that is not exported");
  assert.deepEqual(nouns.toSorted(), [...new Set(nouns)].toSorted());
  assert.ok(families.length > 20);
  for (const [name, { noun }] of families) {
    assert.equal(name, noun.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()) + "Error");
  }
});

Deno.test("reasons are lower case keys with a code and a detail", () => {
  for (const [, { noun, reasons }] of families) {
    assert.match(noun, /^[a-z][a-z0-9_]*$/);
    for (const [key, { code, detail }] of Object.entries(reasons)) {
      assert.match(key, /^[a-z][a-z0-9_]*$/, `${noun}.${key}`);
      assert.ok(code in HTTP_STATUS && detail.length > 0, `${noun}.${key}`);
    }
  }
});

Deno.test("every reason is thrown somewhere", () => {
  const all = [...sources.values()].join("\n");
  const unused = families.flatMap(([name, { noun, reasons }]) =>
    Object.keys(reasons).filter((key) => !thrownBy(name, key).some((call) => call.test(all)))
      .map((key) => `${noun}.${key}`)
  );
  assert.deepEqual(unused, []);
});

/** The calls that throw the reason `key` of the family that is exported as `name`. */
function thrownBy(name: string, key: string): RegExp[] {
  const calls = [new RegExp(`\\b${name}\\(\\s*"${key}"`)];
  if (key === "not_found") calls.push(new RegExp(`\\bfound\\([^;]*\\b${name}\\b`));
  if (name in MAKERS) calls.push(new RegExp(`\\b${MAKERS[name]}\\([^;]*"${key}"`));
  return calls;
}

Deno.test("pages have texts for declared reasons alone", () => {
  const reasons = families.flatMap(([, { noun, reasons }]) =>
    Object.keys(reasons).map((key) => `error.${noun}.${key}`)
  );
  const texts = TEXTS_OF_WINGS.flatMap((texts) => Object.keys(texts)).filter((key) =>
    key.startsWith("error.")
  );
  assert.deepEqual(texts.filter((key) => !reasons.includes(key)), []);
});
