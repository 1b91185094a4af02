// Tenants: the houses that share one installation and never see each other.
import type { Ctx, Platform } from "../context.ts";
import { AppError } from "../platform/errors.ts";
import { newId } from "../platform/ids.ts";
import * as queries from "./queries.ts";

/** The id of the tenant with this code, made when it is missing. For the first start. */
export function ensureTenant({ db }: Pick<Platform, "db">, code: string): Promise<string> {
  return db.asSystem(async (sql) => {
    await queries.insertTenant(sql, { id: newId(), code, name: code });
    const [tenant] = await queries.findByCode(sql, code);
    return tenant!.id;
  });
}

/**
 * The context in which a request that names `tenantCode` acts. Naming one's own tenant changes nothing; a superuser may
 * act in any (`not_found` when there is none); for everybody else another tenant is `forbidden`.
 */
export async function actIn(ctx: Ctx, tenantCode: string | undefined): Promise<Ctx> {
  if (!tenantCode || tenantCode === ctx.actor.tenantCode) return ctx;
  if (!ctx.actor.isSuperuser) {
    throw new AppError("forbidden", "tenant_code names a tenant that is not yours.");
  }
  const [tenant] = await ctx.db.asSystem((sql) => queries.findByCode(sql, tenantCode));
  if (!tenant) throw new AppError("not_found", `There is no tenant ${tenantCode}.`);
  ctx.log.info("superuser_acts_in_tenant", { tenant_id: tenant.id, user_id: ctx.actor.userId });
  return { ...ctx, actor: { ...ctx.actor, tenantId: tenant.id, tenantCode: tenant.code } };
}
