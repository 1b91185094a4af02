import { ANSWERED, ASKED, DEAD_LETTERS, HTTP, quantiles, rate, share } from "../expressions.ts";
import type { Dashboard } from "../panels.ts";

export const overview: Dashboard = {
  uid: "overview",
  title: "overview",
  about: "Is everything all right, and if not, where to look.",
  rows: {
    "Right now": [
      {
        ...{ title: "Firing alerts", as: "stat", limits: [1, 2], runbook: "alerts" },
        queries: [[`count(ALERTS{alertstate="firing"}) or vector(0)`]],
      },
      {
        ...{ title: "Requests", as: "stat", unit: "reqps" },
        queries: [[`sum(rate(${HTTP}_count{${ASKED}}[5m]))`]],
      },
      {
        ...{
          title: "Failing",
          as: "stat",
          unit: "percentunit",
          limits: [0.001, 0.01],
          runbook: "availability",
        },
        queries: [[`slo:errors:ratio_rate5m{slo="availability"}`]],
      },
      {
        ...{
          title: "Slower than 500 ms",
          as: "stat",
          unit: "percentunit",
          limits: [0.01, 0.1],
          runbook: "latency",
        },
        queries: [[`slo:errors:ratio_rate5m{slo="latency"}`]],
      },
      {
        ...{ title: "Live workers", as: "stat", limits: [2, 1], runbook: "no-live-worker" },
        queries: [["max(akashi_workers_live)"]],
      },
      {
        ...{ title: "Oldest due job", as: "stat", unit: "s", limits: [300, 900], runbook: "jobs-stuck" },
        queries: [["max(akashi_jobs_oldest_due_seconds) or vector(0)"]],
      },
      {
        ...{ title: "Room in the store", as: "stat", unit: "percentunit", limits: [0.2, 0.1] },
        ...{ runbook: "storage-nearly-full", queries: [[`min(${share("akashi_storage_bytes")})`]] },
      },
      {
        ...{
          title: "Last backup",
          as: "stat",
          unit: "s",
          limits: [26 * 3600, 50 * 3600],
          runbook: "backup-too-old",
        },
        queries: [["time() - (max(akashi_backup_last_success_timestamp_seconds) > 0)"]],
      },
      {
        ...{ title: "Certificate", as: "stat", unit: "s", limits: [14 * 86400, 3 * 86400] },
        ...{
          runbook: "certificate-runs-out",
          queries: [["min(akashi_certificate_expires_timestamp_seconds) - time()"]],
        },
      },
      {
        ...{
          title: "Read replica behind",
          as: "stat",
          unit: "s",
          limits: [5, 30],
          runbook: "replica-behind",
        },
        queries: [["max(akashi_replica_lag_seconds)"]],
      },
      {
        title: "Dead letters",
        as: "stat",
        limits: [1, 10],
        runbook: "dead-letters",
        queries: [[DEAD_LETTERS]],
      },
      { title: "Assets", as: "stat", queries: [["sum(max by (tenant, type) (akashi_tenant_assets))"]] },
    ],
    "What happens": [
      {
        ...{ title: "Requests by status", as: "stacked", unit: "reqps" },
        queries: [[rate(`${HTTP}_count{${ASKED}}`, "status"), "{{status}}"]],
      },
      {
        title: "Latency",
        unit: "s",
        limits: [0.5, 1],
        runbook: "latency",
        queries: quantiles(HTTP, ANSWERED),
      },
      {
        ...{ title: "Jobs to do", as: "stacked", runbook: "jobs-stuck" },
        queries: [[
          `sum by (kind) (max by (kind, state) (akashi_jobs{state=~"due|processing"}))`,
          "{{kind}}",
        ]],
      },
    ],
    "What is wrong": [
      {
        ...{ title: "Alerts", as: "table", width: 8, runbook: "alerts" },
        queries: [[`ALERTS{alertstate="firing"}`]],
      },
      {
        ...{ title: "Parts that a server does not reach", width: 8, runbook: "part-away" },
        queries: [["1 - min by (part) (akashi_part_up)", "{{part}}"]],
      },
      {
        ...{ title: "Targets that tell nothing", width: 8, runbook: "target-away" },
        queries: [["count by (job) (up == 0) or 0 * count by (job) (up)", "{{job}}"]],
      },
      {
        ...{ title: "Warnings and errors", as: "logs", width: 24 },
        queries: [[`{job="containers", level=~"warn|error"}`]],
      },
    ],
  },
};
