// `deno task dashboards`: generates the Grafana dashboards; `--check` only lists outdated ones, `--rules` prints every
// query as a rule, so that promtool can parse it.
import { api } from "./boards/api.ts";
import { database } from "./boards/database.ts";
import { media } from "./boards/media.ts";
import { overview } from "./boards/overview.ts";
import { tenants } from "./boards/tenants.ts";
import { workers } from "./boards/workers.ts";
import { type Dashboard, draw, queriesOf } from "./panels.ts";

const DASHBOARDS = [overview, api, workers, media, database, tenants];
const fileOf = ({ uid }: Dashboard) => new URL(`dashboards/${uid}.json`, import.meta.url);
const textOf = (dashboard: Dashboard) => JSON.stringify(draw(dashboard), null, 1) + "\n";

if (Deno.args.includes("--rules")) {
  const rules = DASHBOARDS.flatMap(queriesOf).map((expr, at) => ({ record: `dashboards:query${at}`, expr }));
  console.log(JSON.stringify({ groups: [{ name: "dashboards", rules }] }));
  Deno.exit(0);
}
const stale: string[] = [];
for (const dashboard of DASHBOARDS) {
  const kept = await Deno.readTextFile(fileOf(dashboard)).catch(() => "");
  if (kept !== textOf(dashboard)) stale.push(dashboard.uid);
}
if (Deno.args.includes("--check") && stale.length > 0) {
  console.error(`Out of date: ${stale.join(", ")}. Run this: deno task dashboards`);
  Deno.exit(1);
}
for (const dashboard of DASHBOARDS) {
  if (stale.includes(dashboard.uid)) await Deno.writeTextFile(fileOf(dashboard), textOf(dashboard));
}
