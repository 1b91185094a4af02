// Retention: old entries are deleted when the installation is configured so, and the chain records where it was cut.
import { makeActor } from "../access/context.ts";
import type { Platform } from "../platform/platform.ts";
import { record } from "./audit.ts";
import * as queries from "./queries.ts";

const DAY_MS = 24 * 3600 * 1000;
/** Entries of one tenant per run; the next run takes the next ones. */
const BATCH = 10_000;

/**
 * Deletes entries older than AUDIT_RETENTION_DAYS, the oldest of each chain first and never its head, and records the last
 * one deleted as `audit.prune`, from which the chain is verified. Returns how many; deletes none without the setting.
 */
export async function pruneAudit({ db, config, clock }: Platform): Promise<number> {
  if (config.AUDIT_RETENTION_DAYS === undefined) return 0;
  const olderThan = new Date(clock.now() - config.AUDIT_RETENTION_DAYS * DAY_MS).toISOString();
  let pruned = 0;
  for (const { id, code } of await db.asSystem((sql) => queries.listChains(sql))) {
    pruned += await db.asSystem(async (sql) => {
      await queries.lockChain(sql, id);
      const [cut] = await queries.pruneEntries(sql, id, olderThan, BATCH);
      if (!cut) return 0;
      const { seq, hash, entries } = cut;
      await record(sql, { actor: makeActor({ tenantId: id, tenantCode: code }) }, {
        action: "audit.prune",
        target: { id, name: code },
        after: { seq, hash, entries },
      });
      return entries;
    });
  }
  return pruned;
}
