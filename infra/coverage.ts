// Merges lcov reports of several parts of the suite and enforces a minimum line coverage of lib, routes and workers.
// `deno task coverage`.
const FLOOR = 85;
const ROOMS = ["lib", "routes", "workers"];
const ROOT = new URL("../", import.meta.url).pathname;

/** For each file its lines, and whether any report saw them executed. */
const files = new Map<string, Map<string, boolean>>();
for (const report of Deno.args) {
  let lines = new Map<string, boolean>();
  for (const line of (await Deno.readTextFile(report)).split("\n")) {
    const [key, value = ""] = splitOnce(line);
    if (key === "SF") {
      const path = value.replace(ROOT, "");
      files.set(path, lines = files.get(path) ?? new Map());
    }
    if (key !== "DA") continue;
    const [number, hits] = value.split(",");
    lines.set(number!, lines.get(number!) || Number(hits) > 0);
  }
}

let [found, hit] = [0, 0];
for (const room of ROOMS) {
  const seen = [...files].flatMap(([path, lines]) => path.startsWith(`${room}/`) ? [...lines.values()] : []);
  show(room, seen.filter(Boolean).length, seen.length);
  found += seen.length;
  hit += seen.filter(Boolean).length;
}
show("together", hit, found);
if (percent(hit, found) < FLOOR) {
  console.error(`coverage  below the floor of ${FLOOR} %`);
  Deno.exit(1);
}

function splitOnce(line: string): [string, string?] {
  const at = line.indexOf(":");
  return at < 0 ? [line] : [line.slice(0, at), line.slice(at + 1)];
}

function percent(hit: number, found: number): number {
  return found === 0 ? 0 : 100 * hit / found;
}

function show(room: string, hit: number, found: number): void {
  console.log(`coverage  ${room.padEnd(9)} ${percent(hit, found).toFixed(1)} % of ${found} lines`);
}
