// Quotas: an upload that exceeds one is refused before its first byte, and checked again under a lock when it is recorded, so
// that parallel uploads cannot use the same room.
import type { Sql } from "../../platform/db/database.ts";
import type { AppError } from "../../platform/errors.ts";
import * as queries from "./queries.ts";
import { type Quota, quotaError } from "./schema.ts";

export { type AmountRow, quotaColumn } from "./queries.ts";

/** The quota of a tenant. */
export async function readQuota(sql: Sql, tenantId: string): Promise<Quota> {
  const [row] = await queries.findQuota(sql, tenantId);
  return row!.quota;
}

/** A tenant's usage: assets by type, bytes by purpose, active accounts. */
export async function readAmounts(sql: Sql, tenantId: string): Promise<queries.AmountRow[]> {
  return await queries.listAmounts(sql, tenantId);
}

/** Unfinished resumable uploads: their number, and the bytes reserved for them. */
export async function readPromised(sql: Sql, tenantId: string): Promise<queries.PromisedRow> {
  const [promised] = await queries.sumUploads(sql, tenantId);
  return promised!;
}

/** The total of one measure. */
export function sumOf(amounts: queries.AmountRow[], measure: queries.AmountRow["measure"]): number {
  return amounts.reduce((sum, row) => row.measure === measure ? sum + row.value : sum, 0);
}

interface Wanted {
  /** 0 when it is not known yet: any room is enough then. */
  bytes?: number;
  assets?: number;
}

/**
 * Returns the bytes that are left of the tenant's quota, less those reserved for resumable uploads. Throws `too_large` when
 * `wanted` exceeds them, and `conflict` for too many assets. Holds a lock until the transaction ends, so call it first in
 * the transaction that records the file or the reservation.
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
  if (room < Math.max(1, wanted.bytes)) throw noRoom();
  return room;
}

/** The error for a file that exceeds the bytes left. */
export function noRoom(): AppError {
  return quotaError("bytes");
}

/** Throws `conflict` when no further account may be active. With `hold`, locks until the transaction ends. */
export async function requireSeat(sql: Sql, tenantId: string, { hold = false } = {}): Promise<void> {
  const { users } = await readQuota(sql, tenantId);
  if (users === null) return;
  if (hold) await queries.lockQuota(sql, tenantId, "users");
  if (sumOf(await readAmounts(sql, tenantId), "users") >= users) throw quotaError("users", { most: users });
}
