import { quantile, quantiles, rate } from "../expressions.ts";
import type { Dashboard } from "../panels.ts";

const STORED = `part="storage"`;
export const media: Dashboard = {
  uid: "media",
  title: "media and storage",
  about: "Uploads, renditions and the object store.",
  rows: {
    "Uploads": [
      {
        title: "Bytes of originals",
        unit: "Bps",
        queries: [[rate("akashi_uploaded_bytes_total"), "received"]],
      },
      {
        title: "Uploads in one request",
        unit: "ops",
        queries: [[rate(`akashi_uploads_total{way="request"}`, "event"), "{{event}}"]],
      },
      {
        title: "Resumable uploads",
        unit: "ops",
        about: "More interruptions than resumptions: connections break and people give up.",
        queries: [[rate(`akashi_uploads_total{way="resumable"}`, "event"), "{{event}}"]],
      },
    ],
    "Processing": [
      {
        title: "Renditions",
        unit: "ops",
        as: "stacked",
        queries: [[rate(`akashi_job_duration_seconds_count{outcome="completed"}`, "kind"), "{{kind}}"]],
      },
      {
        title: "Failed jobs",
        unit: "ops",
        runbook: "jobs-fail",
        queries: [[rate(`akashi_job_duration_seconds_count{outcome="failed"}`, "kind"), "{{kind}}"]],
      },
      {
        title: "Duration of proxy jobs",
        unit: "s",
        queries: quantiles("akashi_job_duration_seconds", `kind="proxy",outcome="completed"`),
      },
    ],
    "Object store": [
      {
        title: "Operations",
        unit: "ops",
        as: "stacked",
        queries: [[
          rate(`akashi_part_operation_duration_seconds_count{${STORED}}`, "operation"),
          "{{operation}}",
        ]],
      },
      {
        title: "Failed operations",
        unit: "ops",
        runbook: "part-away",
        queries: [[
          rate(`akashi_part_operation_duration_seconds_count{${STORED},outcome="failed"}`, "operation"),
          "{{operation}}",
        ]],
      },
      {
        title: "Latency (p95)",
        unit: "s",
        queries: [[
          quantile(0.95, "akashi_part_operation_duration_seconds", STORED, "operation"),
          "{{operation}}",
        ]],
      },
      {
        title: "Capacity",
        unit: "bytes",
        runbook: "storage-nearly-full",
        queries: [["min by (state) (akashi_storage_bytes)", "{{state}}"]],
      },
      {
        title: "Stored bytes by purpose",
        unit: "bytes",
        as: "stacked",
        queries: [["sum by (purpose) (max by (tenant, purpose) (akashi_tenant_bytes))", "{{purpose}}"]],
      },
      {
        title: "Assets by type",
        as: "stacked",
        queries: [["sum by (type) (max by (tenant, type) (akashi_tenant_assets))", "{{type}}"]],
      },
    ],
  },
};
