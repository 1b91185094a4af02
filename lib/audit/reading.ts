// The audit as administrators read it. Recording is in lib/audit, which every noun uses and which knows none.
import { type Ctx, readOnly } from "../access/context.ts";
import { countEntries, readEntries } from "./audit.ts";
import type { AuditEntry, AuditExport, AuditFilter } from "./schema.ts";
import { countedBefore, countedTo, type Page, toPage, type Total } from "../platform/page.ts";
import { requirePermission } from "../access/permissions.ts";

const EXPORT_ROWS = 500;
const UNCOUNTED = { total: 0, estimated: false };

/** One page of the tenant's entries, newest first. For administrators. */
export function listHistory(ctx: Ctx, filter: AuditFilter): Promise<Page<AuditEntry>> {
  requirePermission(ctx, "audit.read");
  return readOnly(ctx, async (sql) => {
    const rows = await readEntries(sql, filter);
    return present(rows, countedBefore(filter) ?? countedTo(await countEntries(sql, filter)), filter);
  });
}

/** All matching entries, newest first, read some at a time. For administrators. */
export function exportHistory(ctx: Ctx, filter: AuditExport): AsyncGenerator<AuditEntry> {
  requirePermission(ctx, "audit.read");
  return readAll(ctx, filter);
}

async function* readAll(ctx: Ctx, filter: AuditExport): AsyncGenerator<AuditEntry> {
  let cursor: string | undefined;
  do {
    const part = { ...filter, cursor, page: 1, page_size: EXPORT_ROWS };
    const page = present(await readOnly(ctx, (sql) => readEntries(sql, part)), UNCOUNTED, part);
    yield* page.items;
    cursor = page.next_cursor ?? undefined;
  } while (cursor);
}

function present(rows: AuditEntry[], total: Total, filter: AuditFilter): Page<AuditEntry> {
  const keyed = rows.map((row) => ({ ...row, createdAt: row.created_at }));
  return toPage({ rows: keyed, ...total }, filter, ({ createdAt: _, ...entry }) => entry);
}
