import type { Dashboard } from "../panels.ts";

const TENANT = `{tenant=~"$tenant"}`;
export const tenants: Dashboard = {
  uid: "tenants",
  title: "tenants",
  about: "The twenty largest tenants by name, all others as (other); counted every few minutes.",
  variables: [{ name: "tenant", label: "Tenant", values: "label_values(akashi_tenant_users, tenant)" }],
  rows: {
    "Current usage": [
      {
        title: "Bytes",
        unit: "bytes",
        as: "stacked",
        queries: [[
          `sum by (tenant) (max by (tenant, purpose) (akashi_tenant_bytes${TENANT}))`,
          "{{tenant}}",
        ]],
      },
      {
        title: "Assets",
        as: "stacked",
        queries: [[`sum by (tenant) (max by (tenant, type) (akashi_tenant_assets${TENANT}))`, "{{tenant}}"]],
      },
      {
        title: "Active members",
        as: "stacked",
        queries: [[`max by (tenant) (akashi_tenant_users${TENANT})`, "{{tenant}}"]],
      },
    ],
    "Growth": [
      {
        title: "Growth per day",
        unit: "bytes",
        width: 12,
        queries: [[
          `sum by (tenant) (max by (tenant, purpose) (delta(akashi_tenant_bytes${TENANT}[1d])))`,
          "{{tenant}}",
        ]],
      },
      {
        title: "By purpose",
        unit: "bytes",
        as: "stacked",
        width: 12,
        queries: [[
          `sum by (purpose) (max by (tenant, purpose) (akashi_tenant_bytes${TENANT}))`,
          "{{purpose}}",
        ]],
      },
    ],
    "By type": [
      {
        title: "Assets",
        as: "table",
        width: 24,
        queries: [[`max by (tenant, type) (akashi_tenant_assets${TENANT})`]],
      },
    ],
  },
};
