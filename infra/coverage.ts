// Reads an lcov report and holds line coverage of lib, routes and workers at the floor. `deno task coverage`.
const FLOOR = 85;
const ROOMS = ["lib", "routes", "workers"];
const ROOT = new URL("../", import.meta.url).pathname;

interface Sum {
  hit: number;
  found: number;
}

const sums = new Map<string, Sum>(ROOMS.map((room) => [room, { hit: 0, found: 0 }]));
let sum: Sum | undefined;
for (const line of (await Deno.readTextFile(Deno.args[0]!)).split("\n")) {
  const [key, value = ""] = line.split(":", 2);
  if (key === "SF") sum = sums.get(value.replace(ROOT, "").split("/")[0]!);
  if (key === "LH" && sum) sum.hit += Number(value);
  if (key === "LF" && sum) sum.found += Number(value);
}

const percent = ({ hit, found }: Sum) => found === 0 ? 0 : 100 * hit / found;
const total = [...sums.values()].reduce((all, one) => ({
  hit: all.hit + one.hit,
  found: all.found + one.found,
}));
for (const [room, one] of [...sums, ["together", total] as const]) {
  console.log(`coverage  ${room.padEnd(9)} ${percent(one).toFixed(1)} % of ${one.found} lines`);
}
if (percent(total) < FLOOR) {
  console.error(`coverage  below the floor of ${FLOOR} %`);
  Deno.exit(1);
}
