// SQL of jobs by asset (groups.ts).
import type { Sight } from "../../access/context.ts";
import type { Sql } from "../../platform/db/database.ts";
import { followsCursor } from "../../platform/db/keyset.ts";
import type { Keyset } from "../../platform/page.ts";
import { isOpenTo, jobColumns } from "./queries.ts";
import type { Job, JobGroupInput } from "./schema.ts";

/** The newest matching job of an asset, which stands for it in the order of the list. */
export interface Head extends Keyset {
  asset_id: string | null;
  asset_title: string | null;
  in_trash: boolean;
}

function headColumns(sql: Sql) {
  return sql`
    j.id, j.asset_id, a.title as asset_title, a.deleted_at is not null as in_trash, j.created_at as "createdAt"`;
}

/** The heads of one page and one more, which tells whether there is a next page. */
export function listHeads(sql: Sql, sight: Sight, input: JobGroupInput) {
  return sql<Head[]>`
    select ${headColumns(sql)} from jobs j left join asset_labels a on a.id = j.asset_id
    where ${isOpenTo(sql, sight)} and ${fits(sql, "j", input)} and ${followsCursor(sql, "j", input)}
      and not exists (
        select from jobs n where n.asset_id = j.asset_id and (n.created_at, n.id) > (j.created_at, j.id)
          and ${fits(sql, "n", input)})
      and ${isInList(sql, input)}
    order by j.created_at desc, j.id desc limit ${input.limit + 1}`;
}

function fits(sql: Sql, alias: string, { status, job_type }: JobGroupInput) {
  return sql`
    ${status ? sql`${sql(alias)}.status = ${status}` : sql`true`}
    ${job_type ? sql`and ${sql(alias)}.job_type = ${job_type}` : sql``}`;
}

/** Failed work of the trash is in no list of failed work; a list of every status leaves out what failed. */
function isInList(sql: Sql, { status, job_type }: JobGroupInput) {
  if (status === "failed") return sql`a.deleted_at is null`;
  if (status) return sql`true`;
  return sql`
    (a.deleted_at is not null or j.status <> 'failed' and not exists (
      select from jobs f where f.asset_id = j.asset_id and f.status = 'failed'
        ${job_type ? sql`and f.job_type = ${job_type}` : sql``}))`;
}

export function findHead(sql: Sql, sight: Sight, id: string) {
  return sql<Head[]>`
    select ${headColumns(sql)} from jobs j left join asset_labels a on a.id = j.asset_id
    where j.id = ${id} and ${isOpenTo(sql, sight)}`;
}

/** All jobs of these assets, and these jobs without one. */
export function listJobsOf(sql: Sql, heads: Head[]) {
  const assets = heads.flatMap(({ asset_id }) => asset_id ?? []);
  const alone = heads.filter(({ asset_id }) => asset_id === null).map(({ id }) => id);
  return sql<Job[]>`
    select ${jobColumns(sql)} from jobs j left join asset_labels a on a.id = j.asset_id
    where j.asset_id = any(${assets}::uuid[]) or j.id = any(${alone}::uuid[])
    order by j.created_at, j.id`;
}
