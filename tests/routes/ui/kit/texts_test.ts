import assert from "node:assert/strict";
import type { Translations } from "../../../../routes/ui/kit/define_texts.ts";
import { TEXTS_OF_WINGS } from "../../../../routes/ui/texts.ts";

const ROOT = new URL("../../../../", import.meta.url);
const texts = TEXTS_OF_WINGS.flatMap((wing): [string, Translations][] => Object.entries(wing));
const keys = texts.map(([key]) => key);

Deno.test("no two wings declare the same text", () => {
  assert.deepEqual(keys.filter((key, index) => keys.indexOf(key) !== index), []);
});

Deno.test("every text says something in each language, with the same values to fill in", () => {
  for (const [key, { en, "pt-BR": ptBr }] of texts) {
    assert.ok(en.trim(), key);
    assert.ok(ptBr.trim(), key);
    assert.deepEqual(placeholders(ptBr), placeholders(en), key);
  }
});

Deno.test("a text that depends on a count has both forms", () => {
  const singulars = keys.filter((key) => key.endsWith(".one"));
  assert.deepEqual(singulars.filter((key) => !keys.includes(key.replace(/one$/, "other"))), []);
});

Deno.test("every text is used by a page or an island", async () => {
  const code = (await Promise.all([...await sources("routes/ui/"), ...await sources("islands/")].map(read)))
    .join("\n");
  const built = [...code.matchAll(/`([a-z_]+\.[a-z_]*)\$\{/g)].map((match) => match[1]!);
  const handed = [...code.matchAll(/textsBelow\("([a-z_]+\.)"\)/g)].map((match) => match[1]!);
  const unused = keys.filter((key) => {
    if (key.startsWith("error.")) return !isExplained(code, key);
    const name = key.replace(/\.(one|other)$/, "");
    const prefix = handed.find((each) => name.startsWith(each));
    const short = prefix && name.slice(prefix.length);
    if ([key, name].some((each) => code.includes(`"${each}"`)) || (short && isShortUsed(code, short))) {
      return false;
    }
    return !built.some((each) => name.startsWith(each));
  });
  assert.deepEqual(unused, []);
});

/** Pages hand the reason to `explain` or ask for the text by its key: `explain(ui, error, groupError, "name_taken")`. */
function isExplained(code: string, key: string): boolean {
  const [, noun = "", reason] = key.split(".");
  const family = noun.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()) + "Error";
  return code.includes(`"${key}"`) || new RegExp(`\\b${family},[^;]*?"${reason}"`).test(code);
}

/** Islands know texts without their prefix, some by a built name: `reason_${…}`, `mode_${…}`, a state. */
function isShortUsed(code: string, short: string): boolean {
  const start = short.slice(0, short.indexOf("_") + 1);
  return code.includes(`"${short}"`) || (start !== "" && code.includes(`\`${start}\${`)) ||
    code.includes(`#texts.${short}`);
}

function placeholders(text: string): string[] {
  return [...text.matchAll(/\{\w+\}/g)].map((match) => match[0]).sort();
}

async function sources(folder: string): Promise<URL[]> {
  const found: URL[] = [];
  for await (const entry of Deno.readDir(new URL(folder, ROOT))) {
    if (entry.isDirectory) found.push(...await sources(`${folder}${entry.name}/`));
    if (/\.tsx?$/.test(entry.name) && entry.name !== "texts.ts") {
      found.push(new URL(folder + entry.name, ROOT));
    }
  }
  return found;
}

function read(url: URL): Promise<string> {
  return Deno.readTextFile(url);
}
