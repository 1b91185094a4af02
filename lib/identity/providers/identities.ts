// The providers that the sign-in page offers, and the identities that link a person's account to providers.
import type { Ctx } from "../../access/context.ts";
import type { Platform } from "../../platform/platform.ts";
import { record } from "../../audit/audit.ts";
import { enqueueSecurityNotice } from "../security_notices/security_notices.ts";
import type { Sql } from "../../platform/db/database.ts";
import { requireRecentSignIn, rotateAfterFactorChange } from "../sessions/own_sessions.ts";
import { requirePermission } from "../../access/permissions.ts";
import * as queries from "./queries.ts";
import { type Identity, providerError } from "./schema.ts";

const LIMIT = 20;

/** The providers on the sign-in page. */
export interface Offer {
  providers: { id: string; name: string }[];
  /** Other tenants have providers: the page asks for the tenant. */
  hasOthers: boolean;
}

/** The providers of the tenant with this code or, without one, of the only tenant. Needs no sign-in. */
export function findOffer({ db }: Pick<Platform, "db">, tenantCode?: string): Promise<Offer> {
  return db.asSystem(async (sql) => {
    const providers = await queries.listOpen(sql, tenantCode, LIMIT);
    const hasOthers = providers.length === 0 && (await queries.existsOpen(sql)).length > 0;
    return { providers: [...providers], hasOthers };
  });
}

/** The person's own identities, the last used first. */
export async function listIdentities(ctx: Ctx): Promise<Identity[]> {
  requirePermission(ctx, "account.read");
  // As the system: a superuser who acts in another tenant has their identities in their own.
  return [...await ctx.db.asSystem((sql) => queries.listIdentities(sql, ctx.actor.userId!, LIMIT))];
}

/**
 * Unlinks the person's own account from a provider, revokes their other sessions and notifies them. Throws `not_found`,
 * `forbidden` long after signing in, and `conflict` when neither a password nor a passkey is left to sign in with.
 */
export async function deleteIdentity(ctx: Ctx, providerId: string): Promise<Identity> {
  requirePermission(ctx, "account.change");
  await requireRecentSignIn(ctx);
  const userId = ctx.actor.userId!;
  return await ctx.db.asSystem(async (sql) => {
    const [identity] = await queries.lockIdentity(sql, providerId, userId);
    if (!identity) throw providerError("not_linked");
    if (!identity.has_other_way) throw providerError("only_sign_in_method");
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

/** True when an account is linked to an enabled provider. */
export async function hasIdentity(sql: Sql, userId: string): Promise<boolean> {
  return (await queries.listIdentities(sql, userId, 1)).length > 0;
}
