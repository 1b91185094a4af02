// SQL about running workers and their backlog (workers.ts).
import type { Sql } from "../../platform/db/database.ts";

export interface JobLoad {
  kind: string;
  waiting: number;
  due: number;
  processing: number;
  failed: number;
  oldestDueSeconds: number;
}

/** The backlog of each kind, over all tenants. */
export function countLoad(sql: Sql) {
  return sql<JobLoad[]>`
    select job_type as kind,
           count(*) filter (where status = 'pending' and (waits_for is not null or run_after > now())) as waiting,
           count(*) filter (where status = 'pending' and waits_for is null and run_after <= now()) as due,
           count(*) filter (where status = 'processing') as processing,
           count(*) filter (where status = 'failed') as failed,
           coalesce(extract(epoch from now() - min(run_after)
             filter (where status = 'pending' and waits_for is null and run_after <= now())), 0)::float8
             as "oldestDueSeconds"
    from jobs where status in ('pending', 'processing', 'failed') group by job_type`;
}

export interface WorkerRow {
  id: string;
  name: string;
  kinds: readonly string[];
}

export function recordHeartbeat(sql: Sql, { id, name, kinds }: WorkerRow) {
  return sql`
    insert into workers (id, name, kinds) values (${id}, ${name}, ${kinds as string[]})
    on conflict (id) do update set seen_at = now()`;
}

export function deleteWorkers(sql: Sql, id: string, forgetSeconds: number) {
  return sql`delete from workers where id = ${id} or seen_at < now() - ${forgetSeconds} * interval '1 second'`;
}

export function countWorkers(sql: Sql, seenSeconds: number) {
  return sql<{ count: number }[]>`
    select count(*) from workers
    where seen_at between now() - ${seenSeconds} * interval '1 second' and now() + ${seenSeconds} * interval '1 second'`;
}
