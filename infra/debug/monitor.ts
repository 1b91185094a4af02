// `make debug-mon`: a dashboard in the terminal for any Akashi that you can sign in to.
import { JOB_KINDS } from "../../lib/library/kinds.ts";
import type { Job } from "../../lib/work/jobs/schema.ts";
import { errorMessage } from "../../lib/platform/errors.ts";
import { type Client, openClient, readFlags, runTool } from "./client.ts";
import { parseSamples } from "./samples.ts";
import { drawScreen, type View } from "./screen.ts";

const USAGE = "debug-mon [--url URL] [--token T | --token-file FILE | --email E --password P] [--once]";
const REFRESH_MS = 2_000;
const FILTERS = ["all", "pending", "processing", "failed", "completed", "cancelled"];
const KINDS = ["all", ...JOB_KINDS.map(({ name }) => name)];
/** An arrow or any other key; fast typing sends several at once. */
// deno-lint-ignore no-control-regex
const KEY = /\x1b\[\w|[^\x1b]/g;
const [ENTER, LEAVE] = ["\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"];

await runTool(async () => {
  const flags = readFlags({ once: { type: "boolean" } }, USAGE);
  const client = await openClient(flags);
  const view: View = {
    url: client.url,
    health: {},
    readings: [],
    jobs: [],
    failures: [],
    filter: "all",
    kind: "all",
    selected: 0,
    paused: false,
    error: "",
    note: "",
  };
  if (flags.once || !Deno.stdout.isTerminal() || !Deno.stdin.isTerminal()) await showOnce(client, view);
  else await watch(client, view);
});

async function showOnce(client: Client, view: View): Promise<void> {
  await refresh(client, view);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  await refresh(client, view);
  console.log(drawScreen(view, { columns: 160, rows: 50 }).join("\n"));
  if (view.error) throw new Error(view.error);
}

async function watch(client: Client, view: View): Promise<void> {
  let open = true;
  const write = (text: string) => Deno.stdout.writeSync(new TextEncoder().encode(text));
  const draw = () =>
    write("\x1b[H" + drawScreen(view, Deno.consoleSize()).join("\x1b[K\r\n") + "\x1b[K\x1b[J");
  const update = async () => {
    if (!view.paused) await refresh(client, view);
    if (open) draw();
  };
  await refresh(client, view);
  write(ENTER);
  Deno.stdin.setRaw(true);
  const timer = setInterval(update, REFRESH_MS);
  try {
    draw();
    for await (const chunk of Deno.stdin.readable) {
      const keys: string[] = new TextDecoder().decode(chunk).match(KEY) ?? [];
      if (keys.includes("q") || keys.includes("\x03")) break;
      for (const key of keys) await press(client, view, key);
      draw();
    }
  } finally {
    open = false;
    clearInterval(timer);
    Deno.stdin.setRaw(false);
    write(LEAVE);
  }
}

async function press(client: Client, view: View, key: string): Promise<void> {
  view.note = "";
  const move = { "\x1b[A": -1, k: -1, "\x1b[B": 1, j: 1 }[key];
  if (move) view.selected = Math.max(0, Math.min(view.jobs.length - 1, view.selected + move));
  if (key === "p") view.paused = !view.paused;
  if (key === "f" || key === "t") {
    if (key === "f") view.filter = next(view.filter, FILTERS);
    else view.kind = next(view.kind, KINDS);
    view.selected = 0;
    await refresh(client, view);
  }
  if (key === "r") await retry(client, view);
}

function next(value: string, values: string[]): string {
  return values[(values.indexOf(value) + 1) % values.length]!;
}

/** Retries the selected job. An error of the server is shown. */
async function retry(client: Client, view: View): Promise<void> {
  const job = view.jobs[view.selected];
  if (!job) return;
  try {
    await client.json(`/api/v1/jobs/${job.id}/retry`, { method: "POST" });
    await refresh(client, view);
    view.note = `${job.job_type} of ${job.asset_title ?? "?"} is retried`;
  } catch (error) {
    view.note = errorMessage(error);
  }
}

/** Reads everything again. What cannot be read keeps its last state, and the error is shown. */
async function refresh(client: Client, view: View): Promise<void> {
  const status = view.filter === "all" ? "" : `&status=${view.filter}`;
  const kind = view.kind === "all" ? "" : `&job_type=${view.kind}`;
  try {
    view.health = await client.json("/api/v1/health");
    view.jobs = await client.json<Job[]>(`/api/v1/jobs?limit=100${status}${kind}`);
    view.failures = await client.json<Job[]>("/api/v1/jobs?limit=4&status=failed");
    const metrics = await client.metrics();
    const text = await metrics.text();
    if (metrics.ok) {
      view.readings = [...view.readings.slice(-1), { at: Date.now(), samples: parseSamples(text) }];
    }
    view.selected = Math.max(0, Math.min(view.selected, view.jobs.length - 1));
    view.error = "";
  } catch (error) {
    view.error = errorMessage(error);
  }
}
