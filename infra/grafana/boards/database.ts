import { instanceOf, quantile, quantiles, RATE, rate } from "../expressions.ts";
import type { Dashboard } from "../panels.ts";

const event = (name: string) => `max(rate(akashi_postgres_events_total{event="${name}"}${RATE}))`;
export const database: Dashboard = {
  uid: "database",
  title: "database and cache",
  about: "PostgreSQL, the connections to it, and the cache.",
  variables: [instanceOf("server|worker")],
  rows: {
    "Connections": [
      {
        title: "Transactions by outcome",
        unit: "ops",
        as: "stacked",
        queries: [[rate("akashi_database_transaction_duration_seconds_count", "outcome"), "{{outcome}}"]],
      },
      { title: "Duration", unit: "s", queries: quantiles("akashi_database_transaction_duration_seconds") },
      {
        title: "Wait for a connection",
        unit: "s",
        limits: [0.1, 1],
        runbook: "connections-wanted",
        queries: quantiles("akashi_database_wait_seconds"),
      },
      {
        title: "Pool usage",
        unit: "percentunit",
        limits: [0.8, 1],
        runbook: "connections-wanted",
        queries: [[
          `akashi_database_transactions{instance=~"$instance"} / akashi_database_connections_max`,
          "{{instance}}",
        ]],
      },
      {
        title: "Connections of all clients",
        as: "stacked",
        runbook: "connections-wanted",
        queries: [[`max by (state) (akashi_postgres_connections{state!="max"})`, "{{state}}"]],
      },
      {
        title: "Server connections in use",
        unit: "percentunit",
        limits: [0.7, 0.9],
        queries: [[
          `sum(max by (state) (akashi_postgres_connections{state!="max"})) / max(akashi_postgres_connections{state="max"})`,
          "used",
        ]],
      },
    ],
    "Server": [
      { title: "Size", unit: "bytes", queries: [["max(akashi_postgres_size_bytes)", "database"]] },
      {
        title: "Buffer cache hit ratio",
        unit: "percentunit",
        limits: [0.99, 0.9],
        queries: [[`${event("blocks_hit")} / (${event("blocks_hit")} + ${event("blocks_read")})`, "hits"]],
      },
      {
        title: "Rollbacks and deadlocks",
        unit: "ops",
        queries: [[event("rollbacks"), "rollbacks"], [event("deadlocks"), "deadlocks"]],
      },
      {
        title: "Oldest open transaction",
        unit: "s",
        limits: [60, 600],
        about: "A long transaction prevents vacuum from removing dead rows.",
        queries: [["max(akashi_postgres_oldest_transaction_seconds)", "open for"]],
      },
      {
        title: "Dead rows",
        unit: "percentunit",
        limits: [0.2, 0.4],
        about: "A lasting high share means that autovacuum falls behind.",
        queries: [[
          `max(akashi_postgres_rows{state="dead"}) / sum(max by (state) (akashi_postgres_rows))`,
          "dead",
        ]],
      },
      {
        title: "Replication lag",
        unit: "s",
        limits: [5, 30],
        runbook: "replica-behind",
        queries: [["max(akashi_replica_lag_seconds)", "lag"]],
      },
    ],
    "Cache": [
      {
        title: "Operations",
        unit: "ops",
        as: "stacked",
        width: 12,
        queries: [[
          rate(`akashi_part_operation_duration_seconds_count{part="cache"}`, "operation, outcome"),
          "{{operation}} {{outcome}}",
        ]],
      },
      {
        title: "Latency (p95)",
        unit: "s",
        width: 12,
        queries: [[
          quantile(0.95, "akashi_part_operation_duration_seconds", `part="cache"`, "operation"),
          "{{operation}}",
        ]],
      },
    ],
  },
};
