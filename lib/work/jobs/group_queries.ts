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
    where ${isOpenTo(sql, sight)} and ${fits(sql, input)} and ${followsCursor(sql, "j", input)}
      -- Looked up for each job: as an anti-join the planner would read the whole table.
      and (j.asset_id is null or j.id = (
        select n.id from jobs n where n.asset_id = j.asset_id
          and ${input.status ? sql`${statusBeside(sql, "n")} = ${input.status}` : sql`true`}
          ${input.job_type ? sql`and n.job_type = ${input.job_type}` : sql``}
        order by n.created_at desc, n.id desc limit 1))
      and ${isInList(sql, input)}
    order by j.created_at desc, j.id desc limit ${input.limit + 1}`;
}

function fits(sql: Sql, { status, job_type }: JobGroupInput) {
  return sql`
    ${status ? sql`j.status = ${status}` : sql`true`} ${
    job_type ? sql`and j.job_type = ${job_type}` : sql``
  }`;
}

/** The status of another job of the same asset, written so that only the index by asset is used to find it. */
function statusBeside(sql: Sql, alias: string) {
  return sql`coalesce(${sql(`${alias}.status`)}, '')`;
}

/** Failed work of the trash is in no list of failed work; a list of every status leaves out what failed. */
function isInList(sql: Sql, { status, job_type }: JobGroupInput) {
  if (status === "failed") return sql`a.deleted_at is null`;
  if (status) return sql`true`;
  return sql`
    (a.deleted_at is not null or j.status <> 'failed' and not exists (
      select from jobs f where f.asset_id = j.asset_id and ${statusBeside(sql, "f")} = 'failed'
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
