// Proves that nobody changed the audit behind our back: walks every chain and names each entry that does not fit.
import type { Database } from "../platform/db/database.ts";
import { hashStatement, NOTHING_BEFORE } from "./chain.ts";
import type { Head } from "./heads.ts";
import * as queries from "./queries.ts";
import type { LinkRow } from "./queries.ts";

export interface Verification {
  heads: Head[];
  /** One line for each entry that was changed, is missing, or was cut off. */
  problems: string[];
}

const STRETCH = 1_000;

/** Checks every tenant's chain, and that the heads `noted` earlier are still in it. */
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

/** One chain from its first entry, or from where retention cut it, which a later entry must then say. */
async function verifyChain(db: Database, tenantId: string, noted: Head[]) {
  const faults: string[] = [];
  const unseen = new Map(noted.map(({ seq, hash }) => [`${seq}:${hash}`, seq]));
  let cut: End = { seq: 0, hash: NOTHING_BEFORE };
  let isCutTold = true;
  let last: End | undefined;
  for await (const link of walk(db, tenantId)) {
    if (!last && link.seq > 1) {
      cut = { seq: link.seq - 1, hash: link.previous_hash };
      isCutTold = false;
    }
    faults.push(...faultsOf(link, last ?? cut));
    isCutTold ||= tellsOf(link, cut);
    unseen.delete(`${link.seq}:${link.hash}`);
    last = link;
  }
  if (!isCutTold) faults.unshift(missing(1, cut.seq));
  for (const [key, seq] of unseen) {
    const isPruned = isCutTold && (seq < cut.seq || key === `${cut.seq}:${cut.hash}`);
    if (!isPruned) faults.push(`entry ${seq} is not the one noted, or was cut off`);
  }
  return { head: last && { seq: last.seq, hash: last.hash }, faults };
}

function tellsOf({ action, after }: LinkRow, { seq, hash }: End): boolean {
  const told = after as Partial<End> | null;
  return action === "audit.prune" && told?.seq === seq && told.hash === hash;
}

async function* walk(db: Database, tenantId: string): AsyncGenerator<LinkRow> {
  let seq = 0;
  for (;;) {
    const stretch = await db.asSystem((sql) => queries.listLinks(sql, tenantId, seq, STRETCH));
    yield* stretch;
    if (stretch.length < STRETCH) return;
    seq = stretch.at(-1)!.seq;
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
