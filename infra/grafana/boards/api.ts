import {
  ANSWERED,
  ASKED,
  errorShare,
  HTTP,
  instanceOf,
  processPanels,
  quantile,
  quantiles,
  rate,
} from "../expressions.ts";
import type { Dashboard } from "../panels.ts";

const OF = `${ASKED},route=~"$route",instance=~"$instance"`;
const TIMED = `${ANSWERED},route=~"$route",instance=~"$instance"`;
export const api: Dashboard = {
  uid: "api",
  title: "API and pages",
  about: "Rate, errors and duration of requests by route, and the service level objectives.",
  variables: [instanceOf("server"), {
    name: "route",
    label: "Route",
    values: `label_values(${HTTP}_count, route)`,
  }],
  rows: {
    "Rate, errors, duration": [
      {
        title: "Requests by method",
        as: "stacked",
        unit: "reqps",
        queries: [[rate(`${HTTP}_count{${OF}}`, "method"), "{{method}}"]],
      },
      {
        title: "Failing",
        unit: "percentunit",
        limits: [0.001, 0.01],
        runbook: "availability",
        queries: [[errorShare(OF), "share"]],
      },
      { title: "Latency", unit: "s", limits: [0.5, 1], runbook: "latency", queries: quantiles(HTTP, TIMED) },
    ],
    "By route": [
      {
        title: "Busiest",
        unit: "reqps",
        queries: [[`topk(8, ${rate(`${HTTP}_count{${OF}}`, "route")})`, "{{route}}"]],
      },
      {
        title: "Failing",
        unit: "reqps",
        runbook: "availability",
        queries: [[rate(`${HTTP}_count{${OF},status=~"5.."}`, "route, status"), "{{status}} {{route}}"]],
      },
      {
        title: "Slowest (p95)",
        unit: "s",
        runbook: "latency",
        queries: [[`topk(8, ${quantile(0.95, HTTP, TIMED, "route")})`, "{{route}}"]],
      },
    ],
    "Service level objectives": [
      {
        title: "Availability burn rate",
        about: "1 uses up the month's error budget of 0.1 % in a month; 14.4 in two days.",
        limits: [1, 14.4],
        width: 12,
        runbook: "availability",
        queries: [
          [`slo:errors:ratio_rate1h{slo="availability"} / 0.001`, "1 h"],
          [`slo:errors:ratio_rate6h{slo="availability"} / 0.001`, "6 h"],
          [`slo:errors:ratio_rate3d{slo="availability"} / 0.001`, "3 d"],
        ],
      },
      {
        title: "Latency burn rate",
        about: "1 uses up the month's error budget of 1 % in a month.",
        limits: [1, 14.4],
        width: 12,
        runbook: "latency",
        queries: [
          [`slo:errors:ratio_rate1h{slo="latency"} / 0.01`, "1 h"],
          [`slo:errors:ratio_rate6h{slo="latency"} / 0.01`, "6 h"],
          [`slo:errors:ratio_rate3d{slo="latency"} / 0.01`, "3 d"],
        ],
      },
    ],
    "Limits and streams": [
      {
        title: "Refused by rate limit",
        unit: "reqps",
        queries: [[rate(`${HTTP}_count{status="429"}`), "429"]],
      },
      {
        title: "Passed while the rate limiter was unreachable",
        unit: "reqps",
        runbook: "part-away",
        queries: [[rate("akashi_rate_limit_unavailable_total"), "unlimited"]],
      },
      { title: "Open event streams", queries: [["akashi_event_streams", "{{instance}}"]] },
    ],
    Processes: processPanels("server"),
  },
};
