// Verification: walks every chain and reports each entry that was changed, is missing or was cut off.
import type { Database } from "../platform/db/database.ts";
import { GENESIS_HASH, hashStatement } from "./chain.ts";
import type { Head } from "./heads.ts";
import * as queries from "./queries.ts";
import type { LinkRow } from "./queries.ts";

export interface Verification {
  heads: Head[];
  /** One line for each entry that was changed, is missing, or was cut off. */
  problems: string[];
}

const BATCH = 1_000;

/** Verifies every tenant's chain, and that the heads `noted` earlier are still in it. */
export async function verifyAudit(db: Database, noted: Head[] = []): Promise<Verification> {
  const heads: Head[] = [];
  const problems: string[] = [];
  for (const { id, code } of await db.asSystem((sql) => queries.listChains(sql))) {
    const { head, faults } = await verifyChain(db, id, noted.filter(({ tenant }) => tenant === code));
    if (head) heads.push({ tenant: code, ...head });
    problems.push(...faults.map((fault) => `${code}: ${fault}`));
  }
  return { heads, problems };
}

type End = Pick<Head, "seq" | "hash">;

/** One chain from its first entry, or from where retention cut it, which a later `audit.prune` entry must record. */
async function verifyChain(db: Database, tenantId: string, noted: Head[]) {
  const faults: string[] = [];
  const unseen = new Map(noted.map(({ seq, hash }) => [`${seq}:${hash}`, seq]));
  let cut: End = { seq: 0, hash: GENESIS_HASH };
  let isCutRecorded = true;
  let last: End | undefined;
  for await (const link of walk(db, tenantId)) {
    if (!last && link.seq > 1) {
      cut = { seq: link.seq - 1, hash: link.previous_hash };
      isCutRecorded = false;
    }
    faults.push(...faultsOf(link, last ?? cut));
    isCutRecorded ||= recordsCut(link, cut);
    unseen.delete(`${link.seq}:${link.hash}`);
    last = link;
  }
  if (!isCutRecorded) faults.unshift(missing(1, cut.seq));
  for (const [key, seq] of unseen) {
    const isPruned = isCutRecorded && (seq < cut.seq || key === `${cut.seq}:${cut.hash}`);
    if (!isPruned) faults.push(`entry ${seq} is not the one noted, or was cut off`);
  }
  return { head: last && { seq: last.seq, hash: last.hash }, faults };
}

function recordsCut({ action, after }: LinkRow, { seq, hash }: End): boolean {
  const cut = after as Partial<End> | null;
  return action === "audit.prune" && cut?.seq === seq && cut.hash === hash;
}

async function* walk(db: Database, tenantId: string): AsyncGenerator<LinkRow> {
  let seq = 0;
  for (;;) {
    const links = await db.asSystem((sql) => queries.listLinks(sql, tenantId, seq, BATCH));
    yield* links;
    if (links.length < BATCH) return;
    seq = links.at(-1)!.seq;
  }
}

function faultsOf(link: LinkRow, last: End): string[] {
  if (link.seq !== last.seq + 1) return [missing(last.seq + 1, link.seq - 1)];
  const fits = link.previous_hash === last.hash && hashStatement(link.previous_hash, link) === link.hash;
  return fits ? [] : [`entry ${link.seq} was changed`];
}

function missing(first: number, last: number): string {
  return first === last ? `entry ${first} is missing` : `entries ${first} to ${last} are missing`;
}
