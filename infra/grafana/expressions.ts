// Expressions shared by several dashboards. Every server reports jobs, tenants and database of the whole installation:
// use `max` over servers for one number.
import type { Panel, Variable } from "./panels.ts";

export const HTTP = "akashi_http_request_duration_seconds";
/** Requests of people and programs, without health checks, scrapes and static files. */
export const ASKED = `route!~"/livez|/readyz|/metrics|/static/.*"`;
/** Without streams and file transfers, whose duration depends on the client. */
export const ANSWERED =
  `route!~"/livez|/readyz|/metrics|/static/.*|/events.*|/media/.*|/objects/.*|/api/v1/(ingest|uploads).*|/api/v1/assets/.*/upload"`;
export const RATE = "[$__rate_interval]";

export const rate = (metric: string, by = "") => `sum${by && ` by (${by})`} (rate(${metric}${RATE}))`;
export const quantile = (q: number, histogram: string, labels = "", by = "") =>
  `histogram_quantile(${q}, sum by (le${by && `, ${by}`}) (rate(${histogram}_bucket{${labels}}${RATE})))`;
export const quantiles = (histogram: string, labels = ""): Panel["queries"] =>
  [0.5, 0.95, 0.99].map((q) => [quantile(q, histogram, labels), `p${q * 100}`]);
export const errorShare = (labels: string, by = "") =>
  `(${rate(`${HTTP}_count{${labels},status=~"5.."}`, by)} or 0 * ${rate(`${HTTP}_count{${labels}}`, by)}) / ${
    rate(`${HTTP}_count{${labels}}`, by)
  }`;
export const share = (metric: string, labels = "") =>
  `${metric}{state="available"${labels}} / ignoring (state) ${metric}{state="size"${labels}}`;

export const DEAD_LETTERS = `sum(rabbitmq_detailed_queue_messages{queue=~".+\\\\.dead"}) or vector(0)`;

export const processPanels = (job: string): Panel[] => [
  {
    title: "CPU",
    about: "1 is one full core.",
    queries: [[
      `rate(akashi_process_cpu_seconds_total{job=~"${job}",instance=~"$instance"}${RATE})`,
      "{{instance}}",
    ]],
  },
  {
    title: "Memory",
    unit: "bytes",
    queries: [[`akashi_memory_resident_bytes{job=~"${job}",instance=~"$instance"}`, "{{instance}}"]],
  },
  {
    title: "Event loop lag",
    unit: "s",
    limits: [0.1, 0.5],
    runbook: "event-loop-busy",
    queries: [[`akashi_event_loop_lag_seconds{job=~"${job}",instance=~"$instance"}`, "{{instance}}"]],
  },
];

export const instanceOf = (job: string): Variable => ({
  name: "instance",
  label: "Process",
  values: `label_values(akashi_memory_resident_bytes{job=~"${job}"}, instance)`,
});
