// The hash chain: each entry hashes the previous hash and a canonical form of itself, the same before and after storage.
import { createHash } from "node:crypto";

/** The hashed fields of an entry. */
export interface Statement {
  id: string;
  tenant_id: string;
  seq: number;
  action: string;
  target_id: string | null;
  target_name: string | null;
  actor_id: string | null;
  actor_name: string | null;
  api_key_id: string | null;
  before: unknown;
  after: unknown;
  address: string | null;
  request_id: string | null;
  created_at: string;
}

/** The previous hash of the first entry of a chain. */
export const GENESIS_HASH = "0".repeat(64);

/** SHA-256 over the previous hash and the statement, as lower-case hexadecimal. */
export function hashStatement(previous: string, statement: Statement): string {
  const { id, tenant_id, seq, action, target_id, target_name, actor_id, actor_name } = statement;
  const { api_key_id, before, after, address, request_id, created_at } = statement;
  const fields = [
    id,
    tenant_id,
    seq,
    action,
    target_id,
    target_name,
    actor_id,
    actor_name,
    api_key_id,
    before,
    after,
    address,
    request_id,
    new Date(created_at).toISOString(),
  ];
  return createHash("sha256").update(`${previous}\n${canonical(fields)}`).digest("hex");
}

/** JSON with sorted keys, since jsonb does not keep their order. */
function canonical(value: unknown): string {
  return JSON.stringify(
    value,
    (_key, part) =>
      typeof part === "object" && part !== null && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => a < b ? -1 : 1))
        : part,
  );
}
