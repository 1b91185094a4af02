import assert from "node:assert/strict";
import { en } from "../../../../routes/ui/texts/en.ts";
import { ptBr } from "../../../../routes/ui/texts/pt_br.ts";

const ROOT = new URL("../../../../", import.meta.url);
const keys = Object.keys(en);

Deno.test("both catalogues have the same keys, in the same order, with the same gaps to fill", () => {
  assert.deepEqual(Object.keys(ptBr), keys);
  for (const key of keys) {
    assert.deepEqual(gaps(ptBr[key as keyof typeof en]), gaps(en[key as keyof typeof en]), key);
    assert.ok(ptBr[key as keyof typeof en].trim(), key);
  }
});

Deno.test("every text is used by a page or an island", async () => {
  const code = (await Promise.all([...await sources("routes/ui/"), ...await sources("islands/")].map(read)))
    .join("\n");
  const built = [...code.matchAll(/`([a-z_]+\.[a-z_]*)\$\{/g)].map((match) => match[1]!);
  const handed = [...code.matchAll(/textsBelow\("([a-z_]+\.)"\)/g)].map((match) => match[1]!);
  const unused = keys.filter((key) => {
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

/** Islands know texts without their prefix, some by a built name: `reason_${…}`, `mode_${…}`, a state. */
function isShortUsed(code: string, short: string): boolean {
  const start = short.slice(0, short.indexOf("_") + 1);
  return code.includes(`"${short}"`) || (start !== "" && code.includes(`\`${start}\${`)) ||
    code.includes(`#texts.${short}`);
}

function gaps(text: string): string[] {
  return [...text.matchAll(/\{\w+\}/g)].map((match) => match[0]).sort();
}

async function sources(folder: string): Promise<URL[]> {
  const found: URL[] = [];
  for await (const entry of Deno.readDir(new URL(folder, ROOT))) {
    if (entry.isDirectory && entry.name !== "texts") found.push(...await sources(`${folder}${entry.name}/`));
    if (/\.tsx?$/.test(entry.name)) found.push(new URL(folder + entry.name, ROOT));
  }
  return found;
}

function read(url: URL): Promise<string> {
  return Deno.readTextFile(url);
}
