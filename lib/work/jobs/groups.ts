// Jobs by asset, for people who want to know what happens to their files and what went wrong.
import { type Ctx, readOnly, sightOf } from "../../access/context.ts";
import type { Sql } from "../../platform/db/database.ts";
import { found } from "../../platform/errors.ts";
import { encodeCursor } from "../../platform/page.ts";
import * as queries from "./group_queries.ts";
import { type Job, jobError, type JobGroupInput } from "./schema.ts";

/** All jobs of one asset, in the order in which they were enqueued; or a job without an asset, alone. */
export interface JobGroup {
  asset_id: string | null;
  asset_title: string | null;
  in_trash: boolean;
  jobs: Job[];
}

export interface JobGroups {
  /** Those with a failed job: only on the first page of a list of every status, which does not list them again. */
  failed: JobGroup[];
  groups: JobGroup[];
  next_cursor: string | null;
}

/**
 * Assets with a job that matches, by their newest one, at most `limit`. Failed work on assets in the trash does not
 * count as failed. Throws `invalid` for a malformed cursor.
 */
export function listJobGroups(ctx: Ctx, input: JobGroupInput): Promise<JobGroups> {
  const sight = sightOf(ctx.actor);
  return readOnly(ctx, async (sql) => {
    const isFirst = !input.status && !input.cursor;
    const failed = isFirst ? await queries.listHeads(sql, sight, { ...input, status: "failed" }) : [];
    const heads = await queries.listHeads(sql, sight, input);
    const shown = heads.slice(0, input.limit);
    const last = shown.at(-1);
    return {
      failed: await readGroups(sql, failed.slice(0, input.limit)),
      groups: await readGroups(sql, shown),
      next_cursor: last && heads.length > shown.length
        ? encodeCursor(last, { total: 0, estimated: false })
        : null,
    };
  });
}

/** The jobs of the asset that the job `id` belongs to. Throws `not_found`. */
export function getJobGroup(ctx: Ctx, id: string): Promise<JobGroup> {
  return readOnly(ctx, async (sql) => {
    const head = found(await queries.findHead(sql, sightOf(ctx.actor), id), jobError);
    return (await readGroups(sql, [head]))[0]!;
  });
}

async function readGroups(sql: Sql, heads: queries.Head[]): Promise<JobGroup[]> {
  if (heads.length === 0) return [];
  const jobs = Map.groupBy(await queries.listJobsOf(sql, heads), (job) => job.asset_id ?? job.id);
  return heads.map(({ id, asset_id, asset_title, in_trash }) => ({
    asset_id,
    asset_title,
    in_trash,
    jobs: jobs.get(asset_id ?? id) ?? [],
  }));
}
