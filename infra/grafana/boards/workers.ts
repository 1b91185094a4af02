import { DEAD_LETTERS, instanceOf, processPanels, quantile, rate, share } from "../expressions.ts";
import type { Dashboard } from "../panels.ts";

const KIND = `kind=~"$kind"`;
export const workers: Dashboard = {
  uid: "workers",
  title: "workers and jobs",
  about: "Job queues, their outcome and the workers.",
  variables: [instanceOf("worker|scheduler"), {
    name: "kind",
    label: "Kind",
    values: "label_values(akashi_jobs, kind)",
  }],
  rows: {
    "Queue": [
      {
        title: "Due",
        as: "stacked",
        runbook: "jobs-stuck",
        queries: [[`max by (kind) (akashi_jobs{state="due",${KIND}})`, "{{kind}}"]],
      },
      {
        title: "Oldest due",
        unit: "s",
        limits: [300, 900],
        runbook: "jobs-stuck",
        queries: [[`max by (kind) (akashi_jobs_oldest_due_seconds{${KIND}})`, "{{kind}}"]],
      },
      {
        title: "Workers and running jobs",
        runbook: "no-live-worker",
        queries: [
          ["max(akashi_workers_live)", "live workers"],
          [`max by (kind) (akashi_jobs{state="processing",${KIND}})`, "{{kind}}"],
        ],
      },
    ],
    Outcome: [
      {
        title: "Runs by outcome",
        as: "stacked",
        unit: "ops",
        runbook: "jobs-fail",
        queries: [[rate(`akashi_job_duration_seconds_count{${KIND}}`, "outcome"), "{{outcome}}"]],
      },
      {
        title: "Retries by reason",
        unit: "ops",
        queries: [[rate(`akashi_job_retries_total{${KIND}}`, "kind, reason"), "{{kind}}: {{reason}}"]],
      },
      {
        title: "Failed permanently",
        as: "stacked",
        runbook: "jobs-fail",
        queries: [[`max by (kind) (akashi_jobs{state="failed",${KIND}})`, "{{kind}}"]],
      },
      {
        title: "Wait until claimed (p95)",
        unit: "s",
        width: 12,
        queries: [[quantile(0.95, "akashi_job_wait_seconds", KIND, "kind"), "{{kind}}"]],
      },
      {
        title: "Duration (p95)",
        unit: "s",
        width: 12,
        queries: [[
          quantile(0.95, "akashi_job_duration_seconds", `outcome="completed",${KIND}`, "kind"),
          "{{kind}}",
        ]],
      },
    ],
    "Broker": [
      {
        title: "Messages ready",
        as: "stacked",
        runbook: "jobs-stuck",
        queries: [[`sum by (queue) (rabbitmq_detailed_queue_messages_ready)`, "{{queue}}"]],
      },
      { title: "Dead letters", limits: [1, 10], runbook: "dead-letters", queries: [[DEAD_LETTERS, "dead"]] },
      {
        title: "Time to publish (p95)",
        unit: "s",
        queries: [[
          quantile(0.95, "akashi_part_operation_duration_seconds", `part="queue",operation="publish"`),
          "publish",
        ]],
      },
    ],
    Processes: [
      ...processPanels("worker|scheduler"),
      {
        title: "Free space for work in progress",
        unit: "percentunit",
        limits: [0.2, 0.1],
        runbook: "disk-nearly-full",
        queries: [[share("akashi_data_volume_bytes", `,job="worker",instance=~"$instance"`), "{{instance}}"]],
      },
      {
        title: "Free space on the broker's disk",
        unit: "bytes",
        limits: [10e9, 5e9],
        runbook: "disk-nearly-full",
        queries: [["rabbitmq_disk_space_available_bytes", "{{instance}}"]],
      },
    ],
  },
};
