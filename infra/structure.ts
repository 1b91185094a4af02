// `deno task structure [FOLDER]`: metrics of the dependency graph, from the import statements. The nouns of `lib` are its
// folders (a wing without nouns counts as one, and so does platform). Depth is the longest chain of imports, dependencies
// are pairs of which one imports the other. Works on any checkout, so that two versions can be compared.
const root = new URL(`${Deno.args[0] ?? "."}/`, `file://${Deno.cwd()}/`);
const FOLDERS = ["lib", "routes", "workers", "infra", "islands"];

type Graph = Map<string, Set<string>>;

const files = (await Promise.all(FOLDERS.map(list))).flat();
const texts = new Map(await Promise.all(files.map(async (path) => [path, await read(path)] as const)));
const isLib = (path: string) => path.startsWith("lib/");

show("wings of lib", graphOf((path) => isLib(path) ? path.split("/")[1] : undefined));
show("nouns of lib", graphOf(nounOf));
show("files", graphOf((path) => path));
const lengths = [...texts.values()].map((text) => text.split("\n").length - 1);
console.log(`files: ${lengths.length}, 90 % have at most ${percentile(lengths)} lines`);
console.log(`functions: 90 % have at most ${percentile([...texts.values()].flatMap(functionLengths))} lines`);

function nounOf(path: string): string | undefined {
  if (!isLib(path)) return undefined;
  const folders = path.split("/").slice(1, -1);
  return folders[0] === "platform" ? "platform" : folders.join("/") || path.split("/")[1];
}

/** The import graph of groups of files; `name` gives the group of a file. */
function graphOf(name: (path: string) => string | undefined): Graph {
  const graph: Graph = new Map();
  for (const [path, text] of texts) {
    const from = name(path);
    if (!from) continue;
    const targets = graph.get(from) ?? new Set();
    graph.set(from, targets);
    for (const [, specifier] of text.matchAll(/(?:from|import\()\s*"(\.[^"]+)"/g)) {
      const target = new URL(specifier!, new URL(path, root)).href.slice(root.href.length);
      const to = texts.has(target) ? name(target) : undefined;
      if (to && to !== from) targets.add(to);
    }
  }
  return graph;
}

function show(what: string, graph: Graph): void {
  const cycles = cyclesOf(graph);
  const dependencies = [...graph.values()].reduce((sum, targets) => sum + targets.size, 0);
  const depth = cycles.length > 0 ? "-" : Math.max(...[...graph.keys()].map((node) => height(graph, node)));
  console.log(
    `${what}: ${graph.size}, depth ${depth}, dependencies ${dependencies}, cycles ${cycles.length}`,
  );
  for (const cycle of cycles) console.log(`  ${cycle.join(" → ")}`);
}

function height(graph: Graph, node: string, known = new Map<string, number>()): number {
  const below = [...graph.get(node)!].map((next) => known.get(next) ?? height(graph, next, known));
  known.set(node, 1 + Math.max(0, ...below));
  return known.get(node)!;
}

/** One cycle per closing dependency, found by depth-first search. */
function cyclesOf(graph: Graph): string[][] {
  const cycles: string[][] = [];
  const settled = new Set<string>();
  const visit = (node: string, path: string[]) => {
    const at = path.indexOf(node);
    if (at >= 0) return void cycles.push([...path.slice(at), node]);
    if (settled.has(node)) return;
    for (const next of graph.get(node) ?? []) visit(next, [...path, node]);
    settled.add(node);
  };
  for (const node of graph.keys()) visit(node, []);
  return cycles;
}

/** Lines of each top-level function, from its first line to the closing brace in the first column. */
function functionLengths(text: string): number[] {
  const lines = text.split("\n");
  return lines.flatMap((line, start) => {
    if (!/^(export )?(async )?function\b/.test(line)) return [];
    const end = lines.findIndex((other, at) =>
      at >= start && (other === "}" || (at === start && /\}$/.test(other)))
    );
    return end < 0 ? [] : [end - start + 1];
  });
}

function percentile(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length * 0.9)] ?? 0;
}

async function list(folder: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(new URL(`${folder}/`, root))).catch(() => []);
  const lists = entries.map(({ name, isDirectory }) => {
    if (isDirectory) return list(`${folder}/${name}`);
    return /\.tsx?$/.test(name) ? [`${folder}/${name}`] : [];
  });
  return (await Promise.all(lists)).flat();
}

function read(path: string): Promise<string> {
  return Deno.readTextFile(new URL(path, root));
}
