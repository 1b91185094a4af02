// Lists and single assets with 100,000 assets: over HTTP against the bare statements, and the last page against the
// first.
import type { Sql } from "../lib/platform/db/database.ts";
import { COUNT_LIMIT, encodeCursor } from "../lib/platform/page.ts";
import { type Client, openTestServer, type Person, type TestServer } from "../tests/support/server.ts";
import { NEEDLES, seedAssets } from "./assets.ts";
import { mediansInTurn, type Row, timed } from "./rows.ts";

const ASSETS = 100_000;
const OTHER_TENANT_ASSETS = 20_000;
const PAGE_SIZE = 50;
const SAMPLED_IDS = 200;

/** Duration of lists and of reading single assets. */
export async function measureListing(): Promise<Row[]> {
  const server = await openTestServer();
  try {
    // Non-administrators pay for the checks of private assets.
    const person = await server.addPerson({ role: "editor" });
    const other = await server.addPerson({ tenant: "other" });
    await seedAssets(server.platform, person.tenantId, ASSETS);
    await seedAssets(server.platform, other.tenantId, OTHER_TENANT_ASSETS);
    return await measure(server, await server.client(person), person);
  } finally {
    await server.close();
  }
}

async function measure(
  { platform }: TestServer,
  client: Client,
  { id: viewer, tenantId }: Person,
): Promise<Row[]> {
  const { ids, lastCursor } = await platform.db.asTenant(tenantId, pickPlaces);
  const list = (query: string, items: number) => () =>
    timed(() => read(client, `/api/v1/assets?page_size=${PAGE_SIZE}${query}`, items));
  // No HTTP, no session, no begin and commit: only the statements, under the same row level security.
  const bare = (work: (sql: Sql, round: number) => Promise<void>) => (round: number) =>
    platform.db.asTenant(tenantId, (sql) => timed(() => work(sql, round)), { viewer });
  const id = (round: number) => ids[round % ids.length]!;

  const p50 = await mediansInTurn({
    first: list("", PAGE_SIZE),
    bareList: bare(listBare),
    get: (round) => timed(() => read(client, `/api/v1/assets/${id(round)}`)),
    bareGet: bare((sql, round) => getBare(sql, id(round))),
    last: list(`&cursor=${lastCursor}`, PAGE_SIZE),
    failed: list("&status=failed", PAGE_SIZE),
    both: list("&asset_type=video&status=available", PAGE_SIZE),
    needle: list("&search=needle", NEEDLES),
    common: list("&search=clip", PAGE_SIZE),
  });
  const top = { what: "first page", value: p50.first };
  return [
    row("list of 50, first page, p50", p50.first, { what: "its SQL in a loop", value: p50.bareList }),
    row("asset by id, p50", p50.get, { what: "its SQL in a loop", value: p50.bareGet }),
    row("list of 50, last page by cursor", p50.last, top),
    row("list of 50, status=failed (1 %)", p50.failed, top),
    row("list of 50, type and status", p50.both, top),
    row(`list of 50, search that finds ${NEEDLES}`, p50.needle, top),
    row("list of 50, search that finds all", p50.common, top),
  ];
}

function row(measure: string, value: number, against: Row["against"]): Row {
  return { measure, value, unit: "ms", against };
}

async function read(client: Client, path: string, expectedItems?: number): Promise<void> {
  const answer = await client.json("GET", path);
  if (expectedItems !== undefined && answer.items.length !== expectedItems) {
    throw new Error(`${path} answered ${answer.items.length} assets, not ${expectedItems}`);
  }
}

async function pickPlaces(sql: Sql) {
  const picked = await sql<{ id: string }[]>`
    select id from assets order by md5(id::text) limit ${SAMPLED_IDS}`;
  const [beforeLast] = await sql<{ id: string; created_at: string }[]>`
    select id, created_at from assets order by created_at, id limit 1 offset ${PAGE_SIZE}`;
  const lastCursor = encodeCursor(
    { createdAt: beforeLast!.created_at, id: beforeLast!.id },
    { total: ASSETS, estimated: true },
  );
  return { ids: picked.map(({ id }) => id), lastCursor };
}

/** The statements of a list: the page, the bounded count and, above the bound, the planner's estimate. */
async function listBare(sql: Sql): Promise<void> {
  await sql`
    with a as materialized (
      select * from assets a where a.deleted_at is null order by a.created_at desc, a.id desc limit ${
    PAGE_SIZE + 1
  })
    select a.id, a.title, a.asset_type, a.status, a.duration_ms, a.file_size_bytes, a.created_at, a.updated_at,
           a.original_filename, a.failure_code, a.failure_reason, t.aspect_ratio, t.width, t.height,
           coalesce(t.rotation, 0) as rotation, t.frame_rate_num, t.frame_rate_den,
           left(th.checksum_sha256, 12) as thumbnail_version,
           case when a.status = 'processing' then (
             select round(avg(j.progress))::int from jobs j
             where j.asset_id = a.id and j.status in ('pending', 'processing')) end as progress
    from a
    left join technical_metadata t on t.asset_id = a.id
    left join lateral (
      select checksum_sha256 from storage_locations
      where asset_id = a.id and purpose = 'thumbnail' and is_accessible order by created_at desc limit 1) th on true
    order by a.created_at desc, a.id desc`;
  await sql`select count(*) from (select 1 from assets where deleted_at is null limit ${
    COUNT_LIMIT + 1
  }) counted`;
  await sql`explain (format json) select 1 from assets where deleted_at is null`;
}

/** The statements of reading one asset: its row, its files, its technical metadata. */
async function getBare(sql: Sql, id: string): Promise<void> {
  await sql`select * from assets where id = ${id} and deleted_at is null`;
  await sql`
    select * from storage_locations where asset_id = ${id} order by is_primary desc, purpose, path limit 200`;
  await sql`select * from technical_metadata where asset_id = ${id}`;
}
