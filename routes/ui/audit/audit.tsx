// Admin › Audit: what was done in the tenant, filtered by action and days.
import { z } from "zod";
import { listAuditEntries } from "../../../lib/audit/reading.ts";
import { AUDIT_ACTIONS, type AuditExport } from "../../../lib/audit/schema.ts";
import { withoutBlanks } from "../../../lib/platform/text.ts";
import type { Routes } from "../../declare.ts";
import { parse } from "../kit/form.ts";
import { renderPage, uiOf } from "../kit/render.tsx";
import { AuditPage } from "./views/audit.tsx";

const ENTRIES = 50;
const DAY_MS = 24 * 3600 * 1000;
const day = z.iso.date().optional();
const querySchema = z.object({
  action: z.enum(AUDIT_ACTIONS).optional(),
  from: day,
  to: day,
  cursor: z.string().min(1).max(200).optional(),
});

export function addAudit(pages: Routes): void {
  pages.get("/admin/audit", { who: "audit.read" }, async (c) => {
    const query = parse(querySchema, withoutBlanks(c.req.query()));
    const filter = toFilter(query);
    const page = { page: 1, page_size: ENTRIES, cursor: query.cursor };
    const entries = await listAuditEntries(c.var.ctx, { ...filter, ...page });
    const exportPath = `/api/v1/audit/export?${new URLSearchParams(filter as Record<string, string>)}`;
    const ui = uiOf(c);
    const view = <AuditPage ui={ui} query={query} entries={entries} exportPath={exportPath} />;
    return await renderPage(c, ui.t("admin.audit"), view);
  });
}

/** The filter for whole days in UTC; the last day is included. */
function toFilter({ action, from, to }: z.infer<typeof querySchema>): AuditExport {
  const dayAfter = to && new Date(Date.parse(`${to}T00:00:00Z`) + DAY_MS).toISOString();
  return {
    ...(action && { action }),
    ...(from && { from: `${from}T00:00:00Z` }),
    ...(dayAfter && { to: dayAfter }),
  };
}
