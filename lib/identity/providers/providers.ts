// Identity providers of a tenant (OpenID Connect), as its administrators configure them.
import { type Ctx, transaction } from "../../access/context.ts";
import type { Platform } from "../../platform/platform.ts";
import { difference, record } from "../../audit/audit.ts";
import type { Config } from "../../platform/config.ts";
import type { Sql } from "../../platform/db/database.ts";
import { found } from "../../platform/errors.ts";
import { newId } from "../../platform/ids.ts";
import { tryIssuer } from "../../platform/outbound/oidc.ts";
import { resealAll, seal } from "../../platform/secrets.ts";
import { requirePermission, requirePerson } from "../../access/permissions.ts";
import { enqueueAccessNotice } from "../security_notices/security_notices.ts";
import { requireRecentSignIn } from "../sessions/own_sessions.ts";
import * as queries from "./queries.ts";
import type { ProviderRow } from "./queries.ts";
import {
  type NewProvider,
  type Provider,
  providerError,
  type ProviderPatch,
  providerSchema,
} from "./schema.ts";

export const SECRET_PURPOSE = "oidc-client-secret";
const MAX_PROVIDERS = 20;
const RESEAL_BATCH = 500;
const KEPT = [
  "name",
  "issuer",
  "client_id",
  "scopes",
  "group_claim",
  "group_roles",
  "creates_users",
  "default_role",
  "links_users",
  "trusts_emails",
  "email_domains",
  "is_strong",
  "is_enabled",
] as const;

/** The providers of the actor's tenant, the oldest first. */
export async function listProviders(ctx: Ctx): Promise<Provider[]> {
  requirePermission(ctx, "providers.read");
  return (await transaction(ctx, (sql) => queries.listProviders(sql, MAX_PROVIDERS))).map(present);
}

/** One provider. Throws `not_found`. */
export async function getProvider(ctx: Ctx, id: string): Promise<Provider> {
  requirePermission(ctx, "providers.read");
  return present(found(await transaction(ctx, (sql) => queries.findProvider(sql, id)), providerError));
}

/**
 * Creates a provider, of which the tenant's administrators are told. Throws `invalid` for a plain http issuer in
 * production and one that answers as no provider or as another issuer, `conflict` beyond twenty, `forbidden` for an API
 * key and long after signing in.
 */
export async function createProvider(
  ctx: Ctx,
  { client_secret, ...input }: NewProvider,
): Promise<Provider> {
  requirePermission(ctx, "providers.change");
  requireSecure(ctx.config, input.issuer);
  await requireRecentSignIn(ctx);
  await requireProvider(ctx.config, input.issuer);
  const id = newId();
  return await transaction(ctx, async (sql) => {
    if ((await queries.listProviders(sql, MAX_PROVIDERS)).length >= MAX_PROVIDERS) {
      throw providerError("too_many", { most: MAX_PROVIDERS });
    }
    const fields = { ...input, client_secret: sealed(ctx.config, id, client_secret) };
    await queries.insertProvider(sql, id, ctx.actor.tenantId, fields);
    const made = present(found(await queries.findProvider(sql, id), providerError));
    const after = Object.fromEntries(KEPT.map((name) => [name, made[name]]));
    await enqueueAccessNotice(sql, ctx, ctx, { change: "provider_added", name: made.name });
    await record(sql, ctx, { action: "provider.create", target: { id, name: made.name }, after });
    return made;
  });
}

/**
 * Changes a provider; a client secret that is left out stays. Another issuer needs its own client secret, and unlinks every
 * account. Throws `not_found`, and `invalid` and `forbidden` as `createProvider` does.
 */
export async function updateProvider(ctx: Ctx, id: string, patch: ProviderPatch): Promise<Provider> {
  requirePermission(ctx, "providers.change");
  await requireRecentSignIn(ctx);
  if (patch.issuer) requireSecure(ctx.config, patch.issuer);
  const { client_secret, ...fields } = patch;
  if (patch.issuer && patch.issuer !== (await getProvider(ctx, id)).issuer) {
    await requireProvider(ctx.config, patch.issuer);
  }
  return await transaction(ctx, async (sql) => {
    const before = present(found(await queries.lockProvider(sql, id), providerError));
    if (patch.issuer !== undefined && patch.issuer !== before.issuer) {
      // Another issuer must not receive the old client secret, and its subjects are other people.
      if (before.has_client_secret && client_secret === undefined) throw providerError("secret_required");
      await queries.deleteIdentities(sql, id);
    }
    const row = client_secret === undefined
      ? fields
      : { ...fields, client_secret: sealed(ctx.config, id, client_secret) };
    if (Object.keys(row).length > 0) await queries.updateProvider(sql, id, row);
    const after = present(found(await queries.findProvider(sql, id), providerError));
    await recordUpdate(sql, ctx, before, after, client_secret !== undefined);
    return after;
  });
}

async function recordUpdate(
  sql: Sql,
  ctx: Ctx,
  before: Provider,
  after: Provider,
  isSecretReplaced: boolean,
) {
  const changed = difference(before, after, KEPT);
  if (!changed && !isSecretReplaced) return;
  await enqueueAccessNotice(sql, ctx, ctx, { change: "provider_changed", name: after.name });
  const replaced = isSecretReplaced ? { client_secret: "replaced" } : {};
  await record(sql, ctx, {
    action: "provider.update",
    target: { id: before.id, name: before.name },
    before: changed?.before ?? {},
    after: { ...changed?.after, ...replaced },
  });
}

/** Deletes a provider; accounts that it created stay. Throws `not_found`. */
export function deleteProvider(ctx: Ctx, id: string): Promise<Provider> {
  requirePermission(ctx, "providers.change");
  requirePerson(ctx);
  return transaction(ctx, async (sql) => {
    const provider = present(found(await queries.lockProvider(sql, id), providerError));
    await queries.deleteProvider(sql, id);
    const { name, issuer } = provider;
    await record(sql, ctx, { action: "provider.delete", target: { id, name }, before: { name, issuer } });
    return provider;
  });
}

/** Seals client secrets again that the previous AKASHI_SECRET sealed, so that it can be removed. Returns how many. */
export function resealProviders({ config, db }: Pick<Platform, "config" | "db">): Promise<number> {
  return resealAll(config, SECRET_PURPOSE, {
    list: (afterId) => db.asSystem((sql) => queries.listSealed(sql, afterId, RESEAL_BATCH)),
    replace: (row, resealed) => db.asSystem((sql) => queries.reseal(sql, row, resealed)),
  });
}

function requireSecure({ APP_ENV }: Config, issuer: string): void {
  if (APP_ENV === "production" && new URL(issuer).protocol !== "https:") {
    throw providerError("issuer_insecure");
  }
}

/** One that does not answer now may be saved: it may be set up later, or be away for a moment. */
async function requireProvider(config: Config, issuer: string): Promise<void> {
  const found = await tryIssuer(config, issuer);
  if (!found || found.trouble === "away") return;
  if (found.named) throw providerError("issuer_differs", { named: found.named });
  throw providerError("issuer_unsound", { address: issuer, error: found.reason });
}

function sealed(config: Config, id: string, secret: string | null): string | null {
  return secret === null ? null : seal(config, SECRET_PURPOSE, id, secret);
}

function present({ client_secret, ...row }: ProviderRow): Provider {
  return providerSchema.parse({ ...row, has_client_secret: client_secret !== null });
}
