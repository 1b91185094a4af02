// Quotas: what would be more than a tenant may have is refused before a byte of it moves, and looked at again when it is
// recorded, one after the other, so that no two fill the same room.
import type { Sql } from "../../platform/db/database.ts";
import type { AppError } from "../../platform/errors.ts";
import * as queries from "./queries.ts";
import { type Quota, quotaError } from "./schema.ts";

export { type AmountRow, quotaColumn } from "./queries.ts";

/** What a tenant may have. */
export async function readQuota(sql: Sql, tenantId: string): Promise<Quota> {
  const [row] = await queries.findQuota(sql, tenantId);
  return row!.quota;
}

/** What a tenant has of assets by type, bytes by purpose, and active people. */
export async function readAmounts(sql: Sql, tenantId: string): Promise<queries.AmountRow[]> {
  return await queries.listAmounts(sql, tenantId);
}

/** Resumable uploads that are not through: so many, and the bytes that they were promised. */
export async function readPromised(sql: Sql, tenantId: string): Promise<queries.PromisedRow> {
  const [promised] = await queries.sumUploads(sql, tenantId);
  return promised!;
}

/** How much of one measure. */
export function sumOf(amounts: queries.AmountRow[], measure: queries.AmountRow["measure"]): number {
  return amounts.reduce((sum, row) => row.measure === measure ? sum + row.value : sum, 0);
}

interface Wanted {
  /** 0 when that is not known yet: then there must be room for something. */
  bytes?: number;
  assets?: number;
}

/**
 * Answers the bytes that the tenant has room for. Throws `too_large` when `wanted` is more, and `conflict` when it has as
 * many assets as it may. What resumable uploads were promised is taken. Called in the transaction that records the file
 * or the promise, first of all, it holds: others of the tenant wait until that ends.
 */
export async function requireRoom(sql: Sql, tenantId: string, wanted: Wanted): Promise<number> {
  const { bytes, assets } = await readQuota(sql, tenantId);
  if (bytes === null && assets === null) return Infinity;
  await queries.lockQuota(sql, tenantId, "files");
  const amounts = await readAmounts(sql, tenantId);
  const promised = await readPromised(sql, tenantId);
  const taken = sumOf(amounts, "assets") + promised.uploads;
  if (assets !== null && wanted.assets && taken + wanted.assets > assets) {
    throw quotaError("assets", { most: assets });
  }
  if (bytes === null || wanted.bytes === undefined) return Infinity;
  const room = Math.max(0, bytes - sumOf(amounts, "bytes") - promised.bytes);
  if (room < Math.max(1, wanted.bytes)) throw noRoom(room);
  return room;
}

/** Says that a file does not fit into what the tenant has left. */
export function noRoom(room: number): AppError {
  return quotaError("bytes", { room });
}

/** Throws `conflict` when the tenant has as many active people as it may. With `hold`, others wait until this ends. */
export async function requireSeat(sql: Sql, tenantId: string, { hold = false } = {}): Promise<void> {
  const { users } = await readQuota(sql, tenantId);
  if (users === null) return;
  if (hold) await queries.lockQuota(sql, tenantId, "users");
  if (sumOf(await readAmounts(sql, tenantId), "users") >= users) throw quotaError("users", { most: users });
}
