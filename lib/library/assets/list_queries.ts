import type { Sight } from "../../access/context.ts";
import { assetOpenTo } from "../../access/grants/grants.ts";
import { selectList } from "../../platform/db/columns.ts";
import type { Sql } from "../../platform/db/database.ts";
import { followsCursor, followsSorted, orderBy, pageSlice, type Sorting } from "../../platform/db/keyset.ts";
import { COUNT_LIMIT } from "../../platform/page.ts";
import { openProgress } from "../../work/jobs/asset_jobs.ts";
import { orderOf, sortingOf } from "./sort_queries.ts";
import { type AssetFilter, type AssetSummary, listedColumns, listedTechnicalColumns } from "./schema.ts";

export type SummaryRow = Omit<AssetSummary, "thumbnail_url"> & {
  /** Part of the thumbnail's URL, so that a browser may cache it forever; null without a thumbnail. */
  thumbnail_version: string | null;
};

type ListedRow = SummaryRow & {
  /** By what the list is sorted. */
  sort_key: string | number;
};

/** The rows of one page and one more. The page is cut before the joins. */
export function listAssets(sql: Sql, sight: Sight, filter: AssetFilter) {
  const sorting = sortingOf(sql, filter);
  const follows = sorting ? followsSorted(sql, "a", sorting, filter) : followsCursor(sql, "a", filter);
  const order = sorting ? orderBy(sql, "a", sorting) : sql`a.created_at desc, a.id desc`;
  return sql<ListedRow[]>`
    with a as materialized (
      select a.*, ${sorting?.expression ?? sql`a.created_at`} as sort_key
      from assets a where ${matches(sql, sight, filter)} and ${follows}
      order by ${order} ${pageSlice(sql, filter)}
    )
    ${selectSummary(sql, sql`, a.sort_key`)} order by ${order}`;
}

export function findSummary(sql: Sql, sight: Sight, id: string) {
  return sql<SummaryRow[]>`
    with a as (select * from assets a where a.id = ${id} and ${assetOpenTo(sql, sight, "view")})
    ${selectSummary(sql)}`;
}

type Filter = Omit<AssetFilter, "cursor" | "page" | "page_size">;

/** What a list sorted so has an asset by. */
export function findSortKey(sql: Sql, id: string, { expression }: Sorting) {
  return sql<{ key: string }[]>`select ${expression}::text as key from assets a where a.id = ${id}`;
}

/** The asset of a list that comes right after a place in it, or right before. */
export function findNeighbour(
  sql: Sql,
  sight: Sight,
  filter: Filter,
  { id, key, isAfter }: { id: string; key: string; isAfter: boolean },
) {
  const sorting = orderOf(sql, filter);
  const descending = sorting.descending === isAfter;
  return sql<{ id: string }[]>`
    select a.id from assets a
    where ${matches(sql, sight, filter)}
      and (${sorting.expression}, a.id) ${
    descending ? sql`<` : sql`>`
  } (${key}::text::${sorting.type}, ${id}::uuid)
    order by ${orderBy(sql, "a", { ...sorting, descending })} limit 1`;
}

function selectSummary(sql: Sql, also = sql``) {
  return sql`
    select ${selectList(sql, listedColumns, "a")}, ${selectList(sql, listedTechnicalColumns, "t")},
           coalesce(t.rotation, 0) as rotation, left(th.checksum_sha256, 12) as thumbnail_version,
           case when a.status = 'processing' then ${openProgress(sql, "a.id")} end as progress ${also}
    from a
    left join technical_metadata t on t.asset_id = a.id
    left join lateral (
      select checksum_sha256 from storage_locations
      where asset_id = a.id and purpose = 'thumbnail' and is_accessible
      order by is_manual desc, created_at desc limit 1) th on true`;
}

/** Counts up to the limit: a late page must not pay for an exact total. */
export function countAssets(sql: Sql, sight: Sight, filter: AssetFilter) {
  return sql<{ count: number }[]>`
    select count(*) from (select 1 from assets a where ${matches(sql, sight, filter)} limit ${
    COUNT_LIMIT + 1
  }) counted`;
}

/** The planner's estimate of the number of matches. */
export async function estimateAssets(sql: Sql, sight: Sight, filter: AssetFilter): Promise<number> {
  const [row] = await sql<{ "QUERY PLAN": [{ Plan: { "Plan Rows": number } }] }[]>`
    explain (format json) select 1 from assets a where ${matches(sql, sight, filter)}`;
  return Math.max(COUNT_LIMIT + 1, Math.round(row!["QUERY PLAN"][0].Plan["Plan Rows"]));
}

function matches(sql: Sql, sight: Sight, { status, asset_type, search }: Filter) {
  return sql`
    ${status === "deleted" ? sql`a.deleted_at is not null` : sql`a.deleted_at is null`}
    ${status ? sql`and a.status = ${status}` : sql``}
    ${asset_type ? sql`and a.asset_type = ${asset_type}` : sql``}
    ${search ? sql`and ${contains(sql, search)}` : sql``}
    and ${assetOpenTo(sql, sight, "view")}`;
}

/** Part of the title, file name or code, in any case and without regard to accents: `sao joao` finds "São João". */
function contains(sql: Sql, search: string) {
  // One fold a row is faster than three `ilike`; a `normalize` for rows of earlier versions would cost three times as
  // much, and `unaccent` drops their combining accents as well.
  const words = sql`lower(unaccent(concat_ws(chr(10), a.title, a.original_filename, a.code)))`;
  return sql`strpos(${words}, (select lower(unaccent(${search})))) > 0`;
}
