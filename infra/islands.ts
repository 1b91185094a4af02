// Bundles the browser's files into dist/static: one script per entry, the style sheet, the logo, and a manifest.
import { createHash } from "node:crypto";

const ROOT = new URL("../", import.meta.url);
const OUTPUT = new URL("dist/static/", ROOT);
const ENTRIES = [
  "islands/app.ts",
  "islands/identity/passkeys.ts",
  "islands/library/player.ts",
  "islands/library/viewer.ts",
];
/** The parts of the style sheet. Their order decides which rule wins. */
const STYLES = [
  "kit/tokens",
  "kit/base",
  "kit/fields",
  "kit/frame",
  "library/library",
  "library/asset",
  "library/player",
  "library/viewer",
  "work/jobs",
  "kit/pages",
  "kit/floating",
  "kit/narrow",
].map((name) => `islands/${name.replace("/", "/styles/")}.css`);
const PLAIN = {
  "app.css": STYLES,
  "docs.css": ["islands/kit/styles/docs.css"],
  "mark.svg": ["islands/kit/mark.svg"],
};
/** The bundle is rebuilt when one of these changes. */
const SOURCES = ["islands", "lib/timecode", "infra/islands.ts", "deno.json", "deno.lock"];

/** Read by `routes/static.ts`: the build id in all URLs, and the hash of the sources. */
export interface Manifest {
  build: string;
  sources: string;
  files: string[];
}

/** Bundles when a source changed since the last build. Returns the manifest and whether anything was built. */
export async function buildIslands(): Promise<{ manifest: Manifest; changed: boolean }> {
  const sources = await hashSources();
  const known = await readManifest();
  if (known?.sources === sources) return { manifest: known, changed: false };
  const files = { ...await packScripts(), ...await readPlain() };
  const build = hash(Object.entries(files).map(([name, bytes]) => [name, bytes]));
  const manifest = { build, sources, files: Object.keys(files).sort() };
  await Deno.mkdir(OUTPUT, { recursive: true });
  for (const [name, bytes] of Object.entries(files)) await writeTogether(name, bytes);
  await replaceFile("manifest.json", new TextEncoder().encode(JSON.stringify(manifest, null, 2)));
  return { manifest, changed: true };
}

async function packScripts(): Promise<Record<string, Uint8Array>> {
  const { outputFiles, errors } = await Deno.bundle({
    entrypoints: ENTRIES.map((path) => new URL(path, ROOT).pathname),
    outputDir: OUTPUT.pathname,
    platform: "browser",
    minify: true,
    write: false,
  });
  if (errors.length > 0) throw new Error(errors.map((error) => error.text).join("\n"));
  const named = (outputFiles ?? []).map((file) => [file.path.split("/").at(-1)!, file.contents!]);
  return Object.fromEntries(named);
}

async function readPlain(): Promise<Record<string, Uint8Array>> {
  const read = async ([name, paths]: [string, string[]]) => {
    const texts = await Promise.all(paths.map((path) => Deno.readTextFile(new URL(path, ROOT))));
    const text = name.endsWith(".css") ? shorten(texts.join("\n")) : texts.join("");
    return [name, new TextEncoder().encode(text)];
  };
  return Object.fromEntries(await Promise.all(Object.entries(PLAIN).map(read)));
}

/** Removes only comments and indentation, so that the result stays readable. */
function shorten(css: string): string {
  return css.replace(/\/\*[\s\S]*?\*\//g, "").replace(/\n\s*/g, "\n").replace(/\n{2,}/g, "\n").trim();
}

/** Writes the file and a gzip copy, so that it is not compressed for each request. */
async function writeTogether(name: string, bytes: Uint8Array): Promise<void> {
  const packed = new Blob([bytes as BlobPart]).stream().pipeThrough(new CompressionStream("gzip"));
  await replaceFile(name, bytes);
  await replaceFile(`${name}.gz`, new Uint8Array(await new Response(packed).arrayBuffer()));
}

async function replaceFile(name: string, bytes: Uint8Array): Promise<void> {
  const temporary = new URL(`.${name}.${crypto.randomUUID()}`, OUTPUT);
  await Deno.writeFile(temporary, bytes);
  await Deno.rename(temporary, new URL(name, OUTPUT));
}

async function hashSources(): Promise<string> {
  const parts: [string, Uint8Array][] = [];
  for (const source of SOURCES) {
    for (const path of await listFiles(source)) parts.push([path, await Deno.readFile(new URL(path, ROOT))]);
  }
  return hash(parts);
}

async function listFiles(path: string): Promise<string[]> {
  const info = await Deno.stat(new URL(path, ROOT)).catch(() => undefined);
  if (!info?.isDirectory) return info ? [path] : [];
  const names = (await Array.fromAsync(Deno.readDir(new URL(path, ROOT)))).map((entry) => entry.name).sort();
  return (await Promise.all(names.map((name) => listFiles(`${path}/${name}`)))).flat();
}

function hash(parts: [string, Uint8Array][]): string {
  const sum = createHash("sha256");
  for (const [name, bytes] of parts) sum.update(name).update("\0").update(bytes);
  return sum.digest("hex").slice(0, 16);
}

async function readManifest(): Promise<Manifest | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(new URL("manifest.json", OUTPUT)));
  } catch {
    return undefined;
  }
}

if (import.meta.main) {
  const { manifest, changed } = await buildIslands();
  console.log(changed ? `packed ${manifest.files.join(", ")} as build ${manifest.build}` : "nothing changed");
}
