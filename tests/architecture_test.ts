// Proves directions, wings and rooms from the module graph itself, as `deno info` gives it.
import assert from "node:assert/strict";

const ROOT = new URL("../", import.meta.url);

interface Module {
  specifier: string;
  dependencies?: { specifier: string; code?: { specifier?: string }; type?: { specifier?: string } }[];
}

interface Edge {
  from: string;
  to: string;
  specifier: string;
  /** `import type`: nothing of it is loaded. */
  isType: boolean;
}

const ENTRIES = [
  "routes/main.ts",
  "workers/main.ts",
  "workers/scheduler.ts",
  "infra/dev.ts",
  "infra/migrate.ts",
  "infra/audit.ts",
  "infra/user.ts",
  "routes/server.ts",
  "lib/media/still_process.ts",
];
const islandEntries = (await Array.fromAsync(sources("islands/"))).map(({ path }) => path);

const serverEdges = (await Promise.all(ENTRIES.map(edgesOf))).flat();
const islandGraph = (await Promise.all(islandEntries.map(edgesOf))).flat();
const islandEdges = loadedFrom(islandEntries, islandGraph);

async function edgesOf(entry: string): Promise<Edge[]> {
  const command = new Deno.Command(Deno.execPath(), { args: ["info", "--json", entry], cwd: ROOT });
  const { stdout, success } = await command.output();
  assert.ok(success, `deno info ${entry}`);
  const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as { modules: Module[] };
  return modules.filter((module) => module.specifier.startsWith(ROOT.href)).flatMap((module) =>
    (module.dependencies ?? []).map((dependency) => ({
      from: module.specifier.slice(ROOT.href.length),
      to: (dependency.code?.specifier ?? dependency.type?.specifier ?? dependency.specifier).replace(
        ROOT.href,
        "",
      ),
      specifier: dependency.specifier,
      isType: !dependency.code,
    }))
  );
}

/** The edges that are followed when these files are loaded. */
function loadedFrom(files: string[], edges: Edge[]): Edge[] {
  const reached = new Set(files);
  // A set takes in what is added while it is walked.
  for (const file of reached) {
    for (const edge of edges) if (edge.from === file && !edge.isType) reached.add(edge.to);
  }
  return edges.filter((edge) => reached.has(edge.from) && !edge.isType);
}

const isLocal = ({ to }: Edge) => !/^(npm|node|data|https?):/.test(to);
/** The top-level folder. */
const room = (path: string) => path.split("/")[0]!;
/** The wing of `lib`, as `library`. */
const wing = (path: string) => path.startsWith("lib/") ? path.split("/")[1]! : undefined;
/** The folder of a noun, as `library/assets`; a wing without nouns is one itself, and so is all of `platform`. */
const noun = (path: string) => {
  if (wing(path) === "platform") return "platform";
  return path.startsWith("lib/") ? path.split("/").slice(1, -1).join("/") : undefined;
};
const show = (edges: Edge[]) => edges.map(({ from, to }) => `${from} → ${to}`).join("\n");

/** What each wing of `lib` may know beside itself. A new arrow is a decision: it is made here. */
const WINGS: Record<string, readonly string[]> = {
  platform: [],
  timecode: [],
  media: ["platform", "timecode"],
  access: ["platform"],
  audit: ["access", "platform"],
  work: ["access", "platform"],
  mails: ["platform"],
  tenancy: ["access", "audit", "media", "platform", "work"],
  identity: ["access", "audit", "mails", "platform", "tenancy"],
  library: ["access", "audit", "media", "platform", "tenancy", "timecode", "work"],
  operation: ["identity", "mails", "platform", "tenancy", "work"],
};

function forbid(name: string, bad: (edge: Edge) => boolean, edges = serverEdges) {
  Deno.test(name, () => {
    const found = edges.filter((edge) => isLocal(edge) && bad(edge));
    assert.equal(show(found), "");
  });
}

forbid("nothing imports infra", ({ to, from }) => room(to) === "infra" && room(from) !== "infra");
forbid(
  "nothing imports routes or workers but themselves and the development start",
  ({ from, to }) =>
    ["routes", "workers"].includes(room(to)) && room(from) !== room(to) && from !== "infra/dev.ts",
);
forbid("lib imports lib alone", ({ from, to }) => room(from) === "lib" && room(to) !== "lib");
forbid(
  "a wing knows the wings below it alone",
  ({ from, to }) =>
    room(from) === "lib" && wing(from) !== wing(to) && !WINGS[wing(from)!]?.includes(wing(to)!),
);
forbid(
  "queries are seen by their own noun alone",
  ({ from, to }) => to.endsWith("queries.ts") && noun(from) !== noun(to),
);
forbid(
  "what every page uses knows no wing, and middleware neither pages nor the API",
  ({ from, to }) =>
    (from.startsWith("routes/ui/kit/") && /^routes\/(ui|api)\/(?!kit\/|texts\.ts$)/.test(to)) ||
    (from.startsWith("routes/middleware/") && /^routes\/(ui|api)\//.test(to)),
);
forbid(
  "islands import islands and timecode alone",
  ({ from, to }) => room(to) !== "islands" && wing(to) !== "timecode" && room(from) === "islands",
  islandEdges,
);
forbid(
  "islands take types from the server for live events alone",
  ({ from, to, isType }) =>
    isType && room(from) === "islands" && room(to) !== "islands" && wing(to) !== "timecode" &&
    !/^lib\/.*\/events\.ts$/.test(to),
  islandGraph,
);

Deno.test("islands carry no server package", () => {
  const packages = islandEdges.filter((edge) => !isLocal(edge)).map((edge) => packageName(edge.specifier));
  assert.deepEqual([...new Set(packages)].filter((name) => name !== "htmx.org"), []);
});

for (const [what, name] of [["wings", wing], ["nouns", noun], ["files", (path: string) => path]] as const) {
  Deno.test(`${what} have no cycles`, () => {
    const edges = new Map<string, Set<string>>();
    for (const edge of [...serverEdges, ...islandEdges].filter(isLocal)) {
      const [from, to] = [name(edge.from), name(edge.to)];
      if (from && to && from !== to) edges.set(from, (edges.get(from) ?? new Set()).add(to));
    }
    const settled = new Set<string>();
    const visit = (node: string, path: string[]): void => {
      assert.ok(!path.includes(node), `cycle: ${[...path, node].join(" → ")}`);
      if (settled.has(node)) return;
      for (const next of edges.get(node) ?? []) visit(next, [...path, node]);
      settled.add(node);
    };
    for (const node of edges.keys()) visit(node, []);
  });
}

Deno.test("every file of lib stands in a wing", async () => {
  const astray = (await Array.fromAsync(sources("lib/"))).filter(({ path }) => !WINGS[wing(path)!]);
  assert.deepEqual(astray.map(({ path }) => path), []);
});

Deno.test("each package has one importer", () => {
  const importers = new Map<string, Set<string>>();
  for (const { from, to, specifier } of [...serverEdges, ...islandEdges]) {
    if (!to.startsWith("npm:")) continue;
    const name = packageName(specifier);
    importers.set(name, (importers.get(name) ?? new Set()).add(from));
  }
  // The words in which everything is written; all else is behind one file.
  const shared = ["zod", "hono"];
  const crowded = [...importers].filter(([name, files]) => files.size > 1 && !shared.includes(name));
  assert.deepEqual(crowded.map(([name, files]) => `${name}: ${[...files].join(", ")}`), []);
});

function packageName(specifier: string): string {
  const bare = specifier.replace(/^npm:\/?/, "");
  const match = /^(@[^/]+\/[^/@]+|[^/@]+)/.exec(bare);
  return match![1]!;
}

async function* sources(folder: string): AsyncGenerator<{ path: string; text: string }> {
  for await (const entry of Deno.readDir(new URL(folder, ROOT))) {
    const path = `${folder}${entry.name}`;
    if (entry.isDirectory) yield* sources(`${path}/`);
    else if (/\.(ts|tsx)$/.test(path)) yield { path, text: await Deno.readTextFile(new URL(path, ROOT)) };
  }
}

async function findOutside(pattern: RegExp, allowed: RegExp): Promise<string[]> {
  const found: string[] = [];
  for (const folder of ["lib/", "routes/", "workers/", "infra/", "islands/"]) {
    for await (const { path, text } of sources(folder)) {
      if (!allowed.test(path) && pattern.test(text)) found.push(path);
    }
  }
  return found;
}

Deno.test("the environment is read in config.ts alone", async () => {
  assert.deepEqual(await findOutside(/Deno\.env|process\.env/, /^lib\/platform\/config\.ts$/), []);
});

Deno.test("errors are made by the reasons of a noun alone", async () => {
  assert.deepEqual(await findOutside(/new AppError\(/, /^lib\/platform\/errors\.ts$/), []);
});

Deno.test("processes are started in process.ts alone", async () => {
  assert.deepEqual(
    await findOutside(/Deno\.Command|node:child_process/, /^lib\/platform\/process\/process\.ts$/),
    [],
  );
});

Deno.test("SQL stands in queries, the database's own files and migrations alone", async () => {
  const statement = /(?<!`)\b(sql|tx)`|\bselect\s+[\w.*,\s]+\sfrom\s|\binsert into\s|\bdelete from\s/;
  assert.deepEqual(await findOutside(statement, /queries\.ts$|^lib\/platform\/db\/\w+\.ts$/), []);
});

Deno.test("each table is written by one noun", async () => {
  const writers = new Map<string, Set<string>>();
  for await (const { path, text } of sources("lib/")) {
    if (!path.endsWith("queries.ts")) continue;
    const code = text.replaceAll(/^\s*(\/\/|\/?\*).*$/gm, "");
    for (const [, table] of code.matchAll(/\b(?:insert into|delete from|update)\s+(\w+)/g)) {
      // `on conflict do update set`, and row locks: `for update of`, `for update skip locked`.
      if (["set", "skip", "of"].includes(table!)) continue;
      writers.set(table!, (writers.get(table!) ?? new Set()).add(noun(path)!));
    }
  }
  assert.ok(writers.has("users") && writers.has("assets"));
  const shared = [...writers].filter(([, nouns]) => nouns.size > 1);
  assert.deepEqual(shared.map(([table, nouns]) => `${table}: ${[...nouns].join(", ")}`), []);
});

Deno.test("what another noun knows of assets comes from asset_labels, and of jobs from a verb of jobs", async () => {
  const readers = { assets: /^lib\/library\//, jobs: /^lib\/work\/jobs\// };
  for (const [table, allowed] of Object.entries(readers)) {
    const statement = new RegExp(`\\b(from|join) ${table}\\b`);
    assert.deepEqual(await findOutside(statement, allowed), [], table);
  }
});

Deno.test("every live event is followed by an island", async () => {
  const named = async (folder: string, call: RegExp) => {
    const all = await Array.fromAsync(sources(folder));
    return new Set(all.flatMap(({ text }) => [...text.matchAll(call)].map((match) => match[1]!)));
  };
  const declared = await named("lib/", /defineLiveEvent\(\{\s*topic: "(\w+)"/g);
  const followed = await named("islands/", /\bon<\w+>\(\s*"(\w+)"/g);
  assert.ok(declared.size >= 2);
  assert.deepEqual([...declared].filter((topic) => !followed.has(topic)), []);
});

Deno.test("every migration has a number of its own and a name that the runner reads", () => {
  const names = [...Deno.readDirSync(new URL("infra/migrations/", ROOT))].map(({ name }) => name)
    .filter((name) => name.endsWith(".sql"));
  assert.deepEqual(names.filter((name) => !/^\d{4}_\w+\.sql$/.test(name)), []);
  const numbers = names.map((name) => name.slice(0, 4)).sort();
  assert.deepEqual(numbers.filter((number, at) => number === numbers[at + 1]), []);
});

Deno.test(".env.example names every setting and no other", async () => {
  const { CONFIG_KEYS } = await import("../lib/platform/config.ts");
  const text = await Deno.readTextFile(new URL(".env.example", ROOT));
  const named = [...text.matchAll(/^#?\s*([A-Z][A-Z0-9_]+)=/gm)].map((match) => match[1]);
  assert.deepEqual(named.toSorted(), CONFIG_KEYS.toSorted());
});

Deno.test("the server's entry is a web standard fetch without embedded parts", async () => {
  const edges = await edgesOf("routes/app.ts");
  const packages = new Set(
    edges.filter((edge) => edge.to.startsWith("npm:")).map((edge) => packageName(edge.specifier)),
  );
  for (const name of ["@electric-sql/pglite", "sharp", "amqplib", "playwright"]) {
    assert.ok(!packages.has(name), `${name} reaches the server's module graph`);
  }
});
