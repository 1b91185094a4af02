// Passkeys: registered, listed, renamed and removed by their owner, and verified at sign-in.
import type { Ctx } from "../../access/context.ts";
import type { Platform } from "../../platform/platform.ts";
import { record } from "../../audit/audit.ts";
import { consumeChallenge, issueChallenge } from "../challenges/challenges.ts";
import { found } from "../../platform/errors.ts";
import type { Sql } from "../../platform/db/database.ts";
import { newId } from "../../platform/ids.ts";
import { afterFactorAdded, afterFactorRemoved } from "../second_factors/second_factors.ts";
import { requireRecentSignIn } from "../sessions/own_sessions.ts";
import { requirePermission } from "../../access/permissions.ts";
import { findUserById } from "../users/users.ts";
import * as queries from "./queries.ts";
import { type Assertion, type NewPasskey, type Passkey, passkeyError, type RelyingParty } from "./schema.ts";
import { creationOptions, requestOptions, verifyAssertion, verifyRegistration } from "./webauthn.ts";

/** The signed-in account's passkeys, the oldest first. */
export function listPasskeys(ctx: Ctx): Promise<Passkey[]> {
  requirePermission(ctx, "account.read");
  return ctx.db.asSystem((sql) => queries.listPasskeys(sql, ctx.actor.userId!));
}

/** Options for registering a passkey, valid once for ten minutes. Throws `forbidden` for an API key and long after signing in. */
export async function beginPasskey(ctx: Ctx, site: RelyingParty) {
  requirePermission(ctx, "account.change");
  await requireRecentSignIn(ctx);
  return await ctx.db.asSystem(async (sql) => {
    const user = (await findUserById(sql, ctx.actor.userId!))!;
    const challenge = await issueChallenge(sql, "passkey_registration", user);
    return await creationOptions(site, user, challenge, await queries.listCredentials(sql, user.id));
  });
}

/**
 * Registers a passkey created with such options. Returns it with the account's first recovery codes, or null when it has
 * some. Throws `invalid` on `credential` when verification fails, `conflict` when it is registered already.
 */
export async function createPasskey(
  ctx: Ctx,
  site: RelyingParty,
  { name, credential }: NewPasskey,
): Promise<{ passkey: Passkey; recovery_codes: string[] | null }> {
  requirePermission(ctx, "account.change");
  await requireRecentSignIn(ctx);
  const userId = ctx.actor.userId!;
  const consume = async (challenge: string) => {
    const consumed = await ctx.db.asSystem((sql) => consumeChallenge(sql, "passkey_registration", challenge));
    return consumed?.user_id === userId;
  };
  const verified = await verifyRegistration(site, credential, consume);
  if (!verified) throw passkeyError("verification_failed");
  const id = newId();
  return await ctx.db.asSystem(async (sql) => {
    const { transports } = credential.response;
    const { count } = await queries.insertPasskey(sql, { ...verified, id, userId, name, transports });
    if (count === 0) throw passkeyError("already_registered");
    const recovery_codes = await afterFactorAdded(sql, ctx, "passkey_added");
    const [passkey] = await queries.findPasskey(sql, id, userId);
    await record(sql, ctx, { action: "passkey.create", target: { id, name } });
    return { passkey: passkey!, recovery_codes };
  });
}

/** Renames one's own passkey. Throws `not_found`. */
export async function renamePasskey(ctx: Ctx, id: string, name: string): Promise<Passkey> {
  requirePermission(ctx, "account.change");
  await requireRecentSignIn(ctx);
  const userId = ctx.actor.userId!;
  return await ctx.db.asSystem(async (sql) => {
    const before = found(await queries.findPasskey(sql, id, userId), passkeyError);
    if (before.name === name) return before;
    await queries.renamePasskey(sql, id, userId, name);
    const change = { before: { name: before.name }, after: { name } };
    await record(sql, ctx, { action: "passkey.update", target: { id, name }, ...change });
    return found(await queries.findPasskey(sql, id, userId), passkeyError);
  });
}

/** Removes one's own passkey. Throws `not_found`, `conflict` for the last factor when the tenant requires one. */
export async function deletePasskey(ctx: Ctx, id: string): Promise<Passkey> {
  requirePermission(ctx, "account.change");
  await requireRecentSignIn(ctx);
  const userId = ctx.actor.userId!;
  return await ctx.db.asSystem(async (sql) => {
    const passkey = found(await queries.findPasskey(sql, id, userId), passkeyError);
    await queries.deletePasskey(sql, id, userId);
    await afterFactorRemoved(sql, ctx, "passkey_removed");
    await record(sql, ctx, { action: "passkey.delete", target: { id, name: passkey.name } });
    return passkey;
  });
}

/** Options for signing in by a passkey, valid once for ten minutes: any passkey, or only those of `userId`. */
export function beginAssertion({ db }: Pick<Platform, "db">, site: RelyingParty, userId?: string) {
  return db.asSystem(async (sql) => {
    const owner = userId === undefined ? undefined : await findUserById(sql, userId);
    const challenge = await issueChallenge(sql, "passkey_sign_in", owner);
    const allowed = userId === undefined ? [] : await queries.listCredentials(sql, userId);
    return await requestOptions(site, challenge, allowed);
  });
}

/**
 * The account whose passkey signed such options; undefined when the passkey is unknown, verification fails, or the options
 * were made for another account.
 */
export async function verifyPasskey(
  { db }: Pick<Platform, "db">,
  site: RelyingParty,
  assertion: Assertion,
): Promise<string | undefined> {
  const [known] = await db.asSystem((sql) => queries.findCredential(sql, assertion.id));
  if (!known) return undefined;
  const consume = async (challenge: string) => {
    const consumed = await db.asSystem((sql) => consumeChallenge(sql, "passkey_sign_in", challenge));
    return consumed !== undefined && (consumed.user_id ?? known.user_id) === known.user_id;
  };
  const counter = await verifyAssertion(site, assertion, known, consume);
  if (counter === undefined) return undefined;
  await db.asSystem((sql) => queries.touchPasskey(sql, known.id, counter));
  return known.user_id;
}

/** Deletes every passkey of an account, in the caller's transaction. */
export async function deletePasskeysOf(sql: Sql, userId: string): Promise<void> {
  await queries.deletePasskeysOf(sql, userId);
}
