// The test files of this tree, and how long each takes.

/** Seconds that each test file takes alone, the longest first; written by `tests/suite/measure.ts`. */
export const SECONDS_FILE = new URL("../seconds.json", import.meta.url);
/** What a file counts for that was never measured. */
const USUAL_SECONDS = 4;

/** Answers the function that tells how many seconds a test file takes. */
export async function readSeconds(): Promise<(file: string) => number> {
  const known: Record<string, number> = JSON.parse(await Deno.readTextFile(SECONDS_FILE));
  return (file) => known[file] ?? USUAL_SECONDS;
}

/** The test files among `paths` and in their folders, but for what is under `ignored`. The longest come first. */
export async function listTests(paths: string[], ignored: string[] = []): Promise<string[]> {
  const seconds = await readSeconds();
  const lists = await Promise.all(paths.map(async (path) => {
    const { isDirectory } = await Deno.stat(path);
    return isDirectory ? await listFolder(path.replace(/\/$/, "")) : [path];
  }));
  return lists.flat().filter((file) => !ignored.some((folder) => file.startsWith(`${folder}/`)))
    .sort((a, b) => seconds(b) - seconds(a) || a.localeCompare(b));
}

async function listFolder(folder: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  const lists = await Promise.all(entries.map(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    if (isDirectory) return listFolder(path);
    return /_test\.tsx?$/.test(name) ? [path] : [];
  }));
  return lists.flat();
}
