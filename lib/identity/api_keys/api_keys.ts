// API keys: programs act as the key's owner, with the owner's rights reduced to the key's scopes.
import { type Ctx, transaction } from "../../access/context.ts";
import { type AuditSource, difference, record } from "../../audit/audit.ts";
import { found } from "../../platform/errors.ts";
import { newId } from "../../platform/ids.ts";
import { hasRole, may, requirePermission, requirePerson } from "../../access/permissions.ts";
import type { Sql } from "../../platform/db/database.ts";
import { enqueueAccessNotice } from "../security_notices/security_notices.ts";
import { requireRecentSignIn } from "../sessions/own_sessions.ts";
import * as queries from "./queries.ts";
import {
  type ApiKey,
  apiKeyError,
  type ApiKeyFilter,
  type ApiKeyPatch,
  type KeyScope,
  type NewApiKey,
} from "./schema.ts";
import { hmacsOf, newKey, prefixOf } from "./secret.ts";

/** One's own keys or, for administrators, all of the tenant. Newest first. */
export function listApiKeys(ctx: Ctx, filter: ApiKeyFilter): Promise<ApiKey[]> {
  requirePermission(ctx, "api_keys.read");
  const owner = may(ctx, "api_keys.read_all") ? null : ctx.actor.userId;
  return transaction(ctx, (sql) => queries.listKeys(sql, owner, filter));
}

/** A key of one's own, or any of the tenant for administrators. Throws `not_found`. */
export async function getApiKey(ctx: Ctx, id: string): Promise<ApiKey> {
  requirePermission(ctx, "api_keys.read");
  const owner = may(ctx, "api_keys.read_all") ? null : ctx.actor.userId;
  return found(await transaction(ctx, (sql) => queries.findKey(sql, id, owner)), apiKeyError);
}

/**
 * Creates a key for oneself, of which its owner is told. The key itself is returned here only. Throws `forbidden` for the
 * scope `admin` without that role, for a request by an API key and long after signing in, `invalid` in any tenant but
 * one's own.
 */
export async function createApiKey(ctx: Ctx, input: NewApiKey): Promise<ApiKey & { key: string }> {
  requirePermission(ctx, "api_keys.change");
  await requireRecentSignIn(ctx);
  requireScopes(ctx, input.scopes);
  const key = newKey();
  const id = newId();
  const { tenantId, userId } = ctx.actor;
  const { name, scopes, expires_in_days: days } = input;
  const made = await transaction(ctx, async (sql) => {
    await queries.insertKey(sql, {
      id,
      tenantId,
      userId: userId!,
      name,
      scopes,
      days,
      prefix: prefixOf(key),
      hmac: hmacsOf(ctx.config, key)[0],
    });
    const [row] = await queries.findKey(sql, id, userId);
    // A superuser who acts in another tenant has no account there that could own the key.
    if (!row) throw apiKeyError("foreign_tenant");
    const { key_prefix, expires_at } = row;
    const after = { name, scopes, key_prefix, expires_at };
    await notify(sql, ctx, "added", row);
    await record(sql, ctx, { action: "api_key.create", target: { id, name }, after });
    return row;
  });
  return { ...made, key };
}

/** Renames one's own key or changes its scopes. Throws `not_found`, and `forbidden` as `createApiKey` does. */
export async function updateApiKey(ctx: Ctx, id: string, patch: ApiKeyPatch): Promise<ApiKey> {
  requirePermission(ctx, "api_keys.change");
  await requireRecentSignIn(ctx);
  requireScopes(ctx, patch.scopes ?? []);
  return await transaction(ctx, async (sql) => {
    const before = found(await queries.findKey(sql, id, ctx.actor.userId), apiKeyError);
    if (Object.keys(patch).length > 0) await queries.updateKey(sql, id, patch);
    const after = found(await queries.findKey(sql, id, ctx.actor.userId), apiKeyError);
    const changed = difference(before, after, ["name", "scopes"]);
    const target = { id, name: before.name };
    if (changed?.after.scopes) await notify(sql, ctx, "changed", after);
    if (changed) await record(sql, ctx, { action: "api_key.update", target, ...changed });
    return after;
  });
}

/** Revokes a key of one's own, or any for administrators. Idempotent. Throws `not_found`. */
export function revokeApiKey(ctx: Ctx, id: string): Promise<ApiKey> {
  requirePermission(ctx, "api_keys.change");
  requirePerson(ctx);
  const owner = may(ctx, "api_keys.revoke_all") ? null : ctx.actor.userId;
  return transaction(ctx, async (sql) => {
    const { name, user_email } = found(await queries.findKey(sql, id, owner), apiKeyError);
    const { count } = await queries.revokeKey(sql, id);
    const event = { action: "api_key.revoke", target: { id, name }, before: { user_email } } as const;
    if (count > 0) await record(sql, ctx, event);
    return found(await queries.findKey(sql, id, owner), apiKeyError);
  });
}

/** Deletes a key of one's own, or any for administrators. Throws `not_found`. */
export function deleteApiKey(ctx: Ctx, id: string): Promise<void> {
  requirePermission(ctx, "api_keys.change");
  requirePerson(ctx);
  const owner = may(ctx, "api_keys.revoke_all") ? null : ctx.actor.userId;
  return transaction(ctx, async (sql) => {
    const { name, key_prefix, user_email } = found(await queries.findKey(sql, id, owner), apiKeyError);
    await queries.deleteKey(sql, id);
    const before = { key_prefix, user_email };
    await record(sql, ctx, { action: "api_key.delete", target: { id, name }, before });
  });
}

/** Revokes every live key of an account, in the caller's transaction. Returns how many. */
export async function revokeKeysOf(sql: Sql, by: AuditSource, userId: string): Promise<number> {
  const keys = await queries.revokeKeysOf(sql, userId);
  for (const { id, name } of keys) await record(sql, by, { action: "api_key.revoke", target: { id, name } });
  return keys.length;
}

/** Tells the owner, and of a key that may administer the administrators too. */
async function notify(sql: Sql, ctx: Ctx, what: "added" | "changed", { name, scopes, user_id }: ApiKey) {
  await enqueueAccessNotice(sql, ctx, ctx, { change: `key_${what}`, name, userId: user_id });
  if (scopes.includes("admin")) {
    await enqueueAccessNotice(sql, ctx, ctx, { change: `admin_key_${what}`, name });
  }
}

function requireScopes(ctx: Ctx, scopes: readonly KeyScope[]): void {
  if (scopes.includes("admin") && !hasRole(ctx, "admin")) throw apiKeyError("admin_scope");
}
