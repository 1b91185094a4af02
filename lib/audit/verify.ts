// Proves that nobody changed the audit behind our back: walks every chain and names each entry that does not fit.
import type { Database } from "../platform/db.ts";
import { hashStatement, NOTHING_BEFORE } from "./chain.ts";
import * as queries from "./queries.ts";
import type { LinkRow } from "./queries.ts";

/** The last entry of a tenant's chain. Noted elsewhere, it shows later whether the end of the chain was cut off. */
export interface Head {
  tenant: string;
  seq: number;
  hash: string;
}

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
    const unseen = new Map(noted.filter(({ tenant }) => tenant === code).map(({ seq, hash }) => [seq, hash]));
    let last = { seq: 0, hash: NOTHING_BEFORE };
    for await (const link of walk(db, id)) {
      problems.push(...faultsOf(link, last).map((fault) => `${code}: ${fault}`));
      if (unseen.get(link.seq) === link.hash) unseen.delete(link.seq);
      last = link;
    }
    for (const seq of unseen.keys()) {
      problems.push(`${code}: entry ${seq} is not the one noted, or was cut off`);
    }
    if (last.seq > 0) heads.push({ tenant: code, seq: last.seq, hash: last.hash });
  }
  return { heads, problems };
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

function faultsOf(link: LinkRow, last: { seq: number; hash: string }): string[] {
  if (link.seq === last.seq + 2) return [`entry ${link.seq - 1} is missing`];
  if (link.seq !== last.seq + 1) return [`entries ${last.seq + 1} to ${link.seq - 1} are missing`];
  const fits = link.previous_hash === last.hash && hashStatement(link.previous_hash, link) === link.hash;
  return fits ? [] : [`entry ${link.seq} was changed`];
}
