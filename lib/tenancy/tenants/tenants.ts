// Tenants share one installation and are isolated from each other.
import type { Ctx } from "../../access/context.ts";
import type { Platform } from "../../platform/platform.ts";
import { type AuditEvent, difference, record } from "../../audit/audit.ts";
import { recordForeignRead } from "../../audit/foreign_reads.ts";
import { found } from "../../platform/errors.ts";
import { countedBefore, countedTo, type Page, type PageInput, toPage } from "../../platform/page.ts";
import { newId } from "../../platform/ids.ts";
import type { Sql } from "../../platform/db/database.ts";
import { readUsage } from "../usage/usage.ts";
import { requirePermission } from "../../access/permissions.ts";
import * as queries from "./queries.ts";
import { type NewTenant, type Tenant, type TenantDetail, tenantError, type TenantPatch } from "./schema.ts";

export { tenantIsOpen } from "./queries.ts";

const KEPT = ["name", "type", "settings", "quota", "status"] as const;

/** The id of the tenant with this code, created when it is missing. For the first start. */
export function ensureTenant({ db }: Pick<Platform, "db">, code: string): Promise<string> {
  return db.asSystem(async (sql) => {
    await queries.insertTenant(sql, newId(), {
      code,
      name: code,
      type: "production",
      settings: {},
      quota: {},
    });
    const [tenant] = await queries.findByCode(sql, code);
    return tenant!.id;
  });
}

/** The id of the tenant with this code. Throws `not_found`. */
export async function getTenantId({ db }: Pick<Platform, "db">, code: string): Promise<string> {
  const [tenant] = await db.asSystem((sql) => queries.findByCode(sql, code));
  if (!tenant) throw tenantError("code_unknown", { code });
  return tenant.id;
}

/** True of a tenant that exists and is not suspended. */
export async function isTenantOpen({ db }: Pick<Platform, "db">, code: string): Promise<boolean> {
  return (await db.asSystem((sql) => queries.findOpen(sql, code))).length > 0;
}

/** One tenant, in a transaction that sees it. */
export async function readTenant(sql: Sql, id: string): Promise<Tenant> {
  return found(await queries.findById(sql, id), tenantError);
}

/**
 * The context of a request that names `tenantCode`. A superuser may act in any tenant, `not_found` for an unknown one;
 * for all others any tenant but their own is `forbidden`.
 */
export async function actIn(ctx: Ctx, tenantCode: string | null | undefined): Promise<Ctx> {
  if (!tenantCode || tenantCode === ctx.actor.tenantCode) return ctx;
  if (!ctx.actor.isSuperuser) throw tenantError("foreign");
  const [tenant] = await ctx.db.asSystem((sql) => queries.findByCode(sql, tenantCode));
  if (!tenant) throw tenantError("code_unknown", { code: tenantCode });
  ctx.log.info("superuser_acts_in_tenant", { tenant_id: tenant.id, user_id: ctx.actor.userId });
  return { ...ctx, actor: { ...ctx.actor, tenantId: tenant.id, tenantCode: tenant.code } };
}

/** The first `limit` tenants of the installation by name. For superusers. */
export function listTenants(ctx: Ctx, limit: number): Promise<Tenant[]> {
  requirePermission(ctx, "tenants.read");
  return ctx.db.asSystem((sql) => queries.listTenants(sql, limit));
}

/** One page of all tenants, newest first. For superusers. Throws `invalid` for a cursor that no list returned. */
export function pageTenants(ctx: Ctx, input: PageInput): Promise<Page<Tenant>> {
  requirePermission(ctx, "tenants.read");
  return ctx.db.asSystem(async (sql) => {
    const rows = await queries.pageTenants(sql, input);
    const total = countedBefore(input) ?? countedTo((await queries.countTenants(sql))[0]!.count);
    const keyed = rows.map((row) => ({ ...row, createdAt: row.created_at }));
    return toPage({ rows: keyed, ...total }, input, ({ createdAt: _, ...tenant }) => tenant);
  });
}

/** One tenant with its usage, which its audit tells of. For superusers. Throws `not_found`. */
export async function getTenant(ctx: Ctx, id: string): Promise<TenantDetail> {
  requirePermission(ctx, "tenants.read");
  const tenant = found(await ctx.db.asSystem((sql) => queries.findById(sql, id)), tenantError);
  if (id !== ctx.actor.tenantId) await recordForeignRead(ctx, id, `/tenants/${id}`);
  return { ...tenant, usage: await ctx.db.asTenant(id, (sql) => readUsage(sql, id)) };
}

/** Creates a tenant. For superusers. Throws `conflict` when the code is taken. */
export function createTenant(ctx: Ctx, input: NewTenant): Promise<Tenant> {
  requirePermission(ctx, "tenants.change");
  return ctx.db.asSystem(async (sql) => {
    const id = newId();
    const { count } = await queries.insertTenant(sql, id, input);
    if (count === 0) throw tenantError("code_taken", { code: input.code });
    const target = { id, name: input.code };
    await record(sql, ctx, { action: "tenant.create", target, after: input });
    return found(await queries.findById(sql, id), tenantError);
  });
}

/**
 * Changes name, type, quota or status, or replaces the settings. Takes effect with the next request of each member: in a
 * suspended tenant they are signed out, in a read-only one they cannot change anything. Usage above a lowered quota stays.
 * For superusers. Throws `not_found`, and `conflict` for suspending one's own tenant.
 */
export function updateTenant(ctx: Ctx, id: string, patch: TenantPatch): Promise<Tenant> {
  return changeTenant(ctx, id, () => patch);
}

/** As `updateTenant`, but sets the given settings and keeps all others; one given as undefined is removed. */
export function updateTenantSettings(
  ctx: Ctx,
  id: string,
  settings: Record<string, unknown>,
  patch: Omit<TenantPatch, "settings"> = {},
): Promise<Tenant> {
  return changeTenant(ctx, id, (before) => ({ ...patch, settings: { ...before.settings, ...settings } }));
}

function changeTenant(ctx: Ctx, id: string, patchOf: (before: Tenant) => TenantPatch): Promise<Tenant> {
  requirePermission(ctx, "tenants.change");
  return ctx.db.asSystem(async (sql) => {
    const before = found(await queries.lockTenant(sql, id), tenantError);
    const patch = patchOf(before);
    if (patch.status === "suspended" && id === ctx.actor.tenantId) throw tenantError("own_tenant");
    if (!isEmpty(patch)) await queries.updateTenant(sql, id, patch);
    const after = found(await queries.findById(sql, id), tenantError);
    const changed = difference(before, after, KEPT);
    const target = { id, name: before.code };
    if (changed) await recordInBoth(sql, ctx, id, { action: "tenant.update", target, ...changed });
    return after;
  });
}

/** In the audit of the tenant and in that of the superuser, locked in the order of their ids. */
async function recordInBoth(sql: Sql, ctx: Ctx, id: string, event: AuditEvent): Promise<void> {
  for (const tenantId of new Set([id, ctx.actor.tenantId].toSorted())) {
    await record(sql, ctx, event, tenantId);
  }
}

/** An empty quota changes nothing either. */
function isEmpty({ quota = {}, ...patch }: TenantPatch): boolean {
  return Object.keys(patch).length + Object.keys(quota).length === 0;
}
