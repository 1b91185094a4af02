// Which ways of single sign-on are open: to strangers of a tenant, and to somebody who has come by one before.
import type { Ctx } from "../../access/context.ts";
import type { Platform } from "../../platform/platform.ts";
import { record } from "../../audit/audit.ts";
import { enqueueSecurityNotice } from "../security_notices/security_notices.ts";
import type { Sql } from "../../platform/db/database.ts";
import { requireRecentSignIn, rotateAfterFactorChange } from "../sessions/own_sessions.ts";
import { requirePermission } from "../../access/permissions.ts";
import * as queries from "./queries.ts";
import { type Identity, providerError } from "./schema.ts";

const MOST = 20;

/** What the sign-in page offers. */
export interface Offer {
  providers: { id: string; name: string }[];
  /** There are some for people of other tenants: say which. */
  hasOthers: boolean;
}

/** What strangers see: the providers of the tenant with this code or, without one, of the only tenant. */
export function findOffer({ db }: Pick<Platform, "db">, tenantCode?: string): Promise<Offer> {
  return db.asSystem(async (sql) => {
    const providers = await queries.listOpen(sql, tenantCode, MOST);
    const hasOthers = providers.length === 0 && (await queries.existsOpen(sql)).length > 0;
    return { providers: [...providers], hasOthers };
  });
}

/** By which providers the signed-in person has come in, the last used first. */
export async function listIdentities(ctx: Ctx): Promise<Identity[]> {
  requirePermission(ctx, "account.read");
  // A superuser who acts in another tenant keeps the identities of their own.
  return [...await ctx.db.asSystem((sql) => queries.listIdentities(sql, ctx.actor.userId!, MOST))];
}

/**
 * Takes one's own way in by a provider away; other sessions end, its owner is told. Throws `not_found` where there is none,
 * `forbidden` long after signing in, and `conflict` when there is neither password nor passkey to come back by.
 */
export async function deleteIdentity(ctx: Ctx, providerId: string): Promise<Identity> {
  requirePermission(ctx, "account.change");
  await requireRecentSignIn(ctx);
  const userId = ctx.actor.userId!;
  return await ctx.db.asSystem(async (sql) => {
    const [identity] = await queries.lockIdentity(sql, providerId, userId);
    if (!identity) throw providerError("not_linked");
    if (!identity.has_other_way) throw providerError("last_way");
    await queries.deleteIdentity(sql, providerId, userId);
    await rotateAfterFactorChange(sql, ctx, { endOthers: true });
    await enqueueSecurityNotice(sql, ctx, userId, "provider_unlinked");
    const target = { id: userId, name: ctx.actor.email };
    await record(sql, ctx, {
      action: "identity.delete",
      target,
      before: { provider: identity.provider_name },
    });
    return identity;
  });
}

/** True when somebody has come in by a provider that is still open. */
export async function hasIdentity(sql: Sql, userId: string): Promise<boolean> {
  return (await queries.listIdentities(sql, userId, 1)).length > 0;
}
