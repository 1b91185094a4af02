// Draws the monitor: from readings to lines of text. Pure.
import type { Job } from "../../lib/work/jobs/schema.ts";
import { quantile, rate, type Reading, sum } from "./samples.ts";

export interface View {
  url: string;
  health: Record<string, string>;
  /** The two newest readings of /metrics, older first; one at the start, none without permission. */
  readings: Reading[];
  jobs: Job[];
  failures: Job[];
  /** A status or kind of the jobs to show; or `all`. */
  filter: string;
  kind: string;
  /** Index into `jobs`. */
  selected: number;
  paused: boolean;
  /** The error of the last reading, empty when it succeeded. */
  error: string;
  /** The result of the last key. */
  note: string;
}

const HTTP = "akashi_http_request_duration_seconds";
const PART = "akashi_part_operation_duration_seconds";
const STATES = ["waiting", "due", "processing", "failed"];
/** The capturing group makes `split` keep the separators. */
const COLOR = /(\p{Cc}\[\d+m)/u;
const paint = (code: number) => (text: string) => `\x1b[${code}m${text}\x1b[0m`;
const [bold, dim, red, green, yellow, inverse] = [1, 2, 31, 32, 33, 7].map(paint);

/** Draws the screen, at most `rows` lines of `columns` characters. */
export function drawScreen(view: View, { columns, rows }: { columns: number; rows: number }): string[] {
  const head = [
    `${bold!("Akashi")} ${view.url}  ${view.health.version ?? ""}  ${
      view.paused ? yellow!("paused") : new Date().toTimeString().slice(0, 8)
    }`,
    partsLine(view.health),
    "",
    ...trafficLines(view.readings),
    "",
    ...loadLines(view.readings.at(-1)),
    "",
  ];
  const failures = view.failures.slice(0, 4).map((job) =>
    `${red!(pad(job.job_type, 11))} ${pad(job.error_code ?? "", 18)} ${job.asset_title ?? ""}: ${
      job.error_message ?? ""
    }`
  );
  const tail = [
    "",
    bold!("Last failures") + (failures.length === 0 ? dim!("  none") : ""),
    ...failures,
    "",
    dim!("q quit  f status  t type  ↑ ↓ choose  r retry  p pause") +
    (view.error ? `   ${red!(view.error)}` : view.note && `   ${yellow!(view.note)}`),
  ];
  const room = Math.max(3, rows - head.length - tail.length - 2);
  const first = Math.max(0, view.selected - room + 1);
  const list = view.jobs.slice(first, first + room).map((job, at) =>
    jobLine(job, first + at === view.selected)
  );
  return [
    ...head,
    `${bold!("Jobs")}  ${view.filter}${view.kind === "all" ? "" : `, ${view.kind}`}`,
    ...list,
    ...tail,
  ].map((line) => clip(line, columns));
}

function partsLine(health: Record<string, string>): string {
  return ["database", "storage", "cache", "queue", "workers"].map((part) => {
    const state = health[part];
    return `${state === "ok" ? green!("●") : red!("●")} ${part}${
      state && state !== "ok" ? ` ${red!(state)}` : ""
    }`;
  }).join("   ");
}

function trafficLines(readings: Reading[]): string[] {
  const now = readings.at(-1);
  const before = readings.at(-2);
  if (!now || !before) return [dim!("Traffic: not read yet, or this account may not read /metrics")];
  const own = ({ route = "" }) => !["/metrics", "/livez", "/readyz", "/api/v1/health"].includes(route);
  const faults = rate(before, now, `${HTTP}_count`, ({ status = "" }) => status.startsWith("5"));
  const [middle, high] = [0.5, 0.95].map((q) => milliseconds(quantile(q, before, now, HTTP, own)));
  return [
    [
      `${bold!("Requests")} ${rate(before, now, `${HTTP}_count`, own).toFixed(1)}/s`,
      `errors ${faults > 0 ? red!(faults.toFixed(1)) : "0"}/s`,
      `latency p50 ${middle}  p95 ${high}`,
      `uploads ${bytes(rate(before, now, "akashi_uploaded_bytes_total"))}/s`,
      `streams ${sum(now, "akashi_event_streams") ?? 0}`,
    ].join("   "),
    [
      `${bold!("Process")}  memory ${bytes(sum(now, "akashi_memory_resident_bytes") ?? 0)}`,
      `loop lag ≤ ${milliseconds(sum(now, "akashi_event_loop_lag_seconds"))}`,
      `pool ${sum(now, "akashi_database_transactions") ?? 0} of ${
        sum(now, "akashi_database_connections_max") ?? "?"
      }`,
      `received ${bytes(sum(now, "akashi_uploaded_bytes_total") ?? 0)}`,
      `free ${bytes(sum(now, "akashi_data_volume_bytes", ({ state }) => state === "available") ?? 0)}`,
    ].join("   "),
    storageLine(before, now),
  ];
}

function storageLine(before: Reading, now: Reading): string {
  const own = ({ part }: Record<string, string>) => part === "storage";
  const failed = rate(
    before,
    now,
    `${PART}_count`,
    ({ part, outcome }) => part === "storage" && outcome === "failed",
  );
  const [size, available] = ["size", "available"].map((state) =>
    sum(now, "akashi_storage_bytes", (labels) => labels.state === state)
  );
  const left = size ? `free ${bytes(available ?? 0)} of ${bytes(size)}` : "capacity unknown";
  return [
    `${bold!("Storage")}  ${rate(before, now, `${PART}_count`, own).toFixed(1)} operations/s`,
    `failed ${failed > 0 ? red!(failed.toFixed(1)) : "0"}/s`,
    `p95 ${milliseconds(quantile(0.95, before, now, PART, own))}`,
    size && (available ?? 0) < size / 10 ? red!(left) : left,
    `stored ${bytes(sum(now, "akashi_tenant_bytes") ?? 0)}`,
  ].join("   ");
}

function loadLines(now: Reading | undefined): string[] {
  if (!now) return [];
  const kinds = [
    ...new Set(now.samples.filter((each) => each.name === "akashi_jobs").map(({ labels }) => labels.kind!)),
  ];
  const workers = sum(now, "akashi_workers_live") ?? 0;
  return [
    bold!(pad("Queues", 12)) + STATES.map((state) => pad(state, 12)).join("") + "oldest due   " +
    `workers ${workers === 0 ? red!("0") : green!(String(workers))}`,
    ...kinds.sort().map((kind) => {
      const counts = STATES.map((state) =>
        sum(now, "akashi_jobs", (labels) => labels.kind === kind && labels.state === state) ?? 0
      );
      const oldest = sum(now, "akashi_jobs_oldest_due_seconds", (labels) => labels.kind === kind) ?? 0;
      return pad(kind, 12) + counts.map((count) => pad(String(count), 12)).join("") +
        `${Math.round(oldest)} s`;
    }),
    ...(kinds.length === 0 ? [dim!("no open jobs")] : []),
  ];
}

function jobLine(job: Job, isSelected: boolean): string {
  const color = { failed: red!, processing: green!, pending: yellow! }[job.status as string] ?? dim!;
  const line = `${color(pad(job.status, 11))} ${pad(job.job_type, 11)} ${pad(`${job.progress} %`, 6)} ${
    pad(`${job.attempts}/${job.max_attempts}`, 5)
  } ${job.created_at.slice(11, 19)}  ${job.asset_title ?? ""} ${dim!(job.error_message ?? "")}`;
  return (isSelected ? inverse!("▸") : " ") + " " + line;
}

function pad(text: string, width: number): string {
  return text.length >= width ? `${text.slice(0, width - 1)} ` : text.padEnd(width);
}

function milliseconds(seconds: number | undefined): string {
  return seconds === undefined ? "–" : `${Math.round(seconds * 1000)} ms`;
}

/** 1536 → "1.5 KiB". */
export function bytes(count: number): string {
  const power = count < 1 ? 0 : Math.min(4, Math.floor(Math.log2(count) / 10));
  const value = count / 1024 ** power;
  return `${power === 0 ? Math.round(value) : value.toFixed(1)} ${["B", "KiB", "MiB", "GiB", "TiB"][power]}`;
}

/** Truncates to `columns` visible characters without breaking colours. Control characters of titles are removed. */
function clip(line: string, columns: number): string {
  let shown = 0;
  let clipped = "";
  for (const piece of line.split(COLOR)) {
    if (COLOR.test(piece)) {
      clipped += piece;
      continue;
    }
    const visible = [...piece.replaceAll(/\p{Cc}/gu, "")].slice(0, columns - shown);
    shown += visible.length;
    clipped += visible.join("");
  }
  return clipped;
}
