// Reading the audit: what administrators see of their tenant's entries.
import { type Ctx, readOnly, transaction } from "../access/context.ts";
import { requirePermission } from "../access/permissions.ts";
import { countedBefore, countedTo, type Page, toPage, type Total } from "../platform/page.ts";
import { record } from "./audit.ts";
import * as queries from "./queries.ts";
import type { Sql } from "../platform/db/database.ts";
import type { AuditEntry, AuditExport, AuditFilter, HistoryEntry } from "./schema.ts";

const EXPORT_BATCH = 500;
const UNCOUNTED = { total: 0, estimated: false };

/** One page of the tenant's entries, newest first. Throws `invalid` for a cursor that no list returned. */
export function listAuditEntries(ctx: Ctx, filter: AuditFilter): Promise<Page<AuditEntry>> {
  requirePermission(ctx, "audit.read");
  return readOnly(ctx, async (sql) => {
    const rows = await queries.listEntries(sql, filter);
    const total = countedBefore(filter) ?? countedTo((await queries.countEntries(sql, filter))[0]!.count);
    return present(rows, total, filter);
  });
}

/**
 * The newest entries about one thing, for the history on its page. The caller decides who may read them; the address
 * of the actor and the request stay with the audit.
 */
export async function readHistory(sql: Sql, targetId: string, most: number): Promise<HistoryEntry[]> {
  const rows = await queries.listEntries(sql, { target_id: targetId, page: 1, page_size: most });
  return rows.slice(0, most).map(({ id, action, actor_name, api_key_id, before, after, created_at }) => ({
    id,
    action,
    actor_name,
    by_key: api_key_id !== null,
    before,
    after,
    created_at,
  }));
}

/** All matching entries, newest first, read in batches. Taking them along is recorded first, so the export tells of it. */
export async function exportAuditEntries(ctx: Ctx, filter: AuditExport): Promise<AsyncGenerator<AuditEntry>> {
  requirePermission(ctx, "audit.read");
  const { tenantId: id, tenantCode: name } = ctx.actor;
  await transaction(
    ctx,
    (sql) => record(sql, ctx, { action: "audit.export", target: { id, name }, after: { filter } }),
  );
  return readAll(ctx, filter);
}

async function* readAll(ctx: Ctx, filter: AuditExport): AsyncGenerator<AuditEntry> {
  let cursor: string | undefined;
  do {
    const batch = { ...filter, cursor, page: 1, page_size: EXPORT_BATCH };
    const page = present(await readOnly(ctx, (sql) => queries.listEntries(sql, batch)), UNCOUNTED, batch);
    yield* page.items;
    cursor = page.next_cursor ?? undefined;
  } while (cursor);
}

function present(rows: AuditEntry[], total: Total, filter: AuditFilter): Page<AuditEntry> {
  const keyed = rows.map((row) => ({ ...row, createdAt: row.created_at }));
  return toPage({ rows: keyed, ...total }, filter, ({ createdAt: _, ...entry }) => entry);
}
