// Statistics of the database server, for monitoring.
import type { Database, Sql } from "./database.ts";

export interface DatabaseState {
  /** Connections of all clients by state, and `max`. */
  connections: Record<string, number>;
  sizeBytes: number;
  /** 0 when only the transaction of this query is open. */
  oldestTransactionSeconds: number;
  /** Rows of all tables, `live` and `dead`, as autovacuum estimates them. */
  rows: Record<string, number>;
  /** Counters since the statistics were last reset. */
  events: Record<string, number>;
}

/** Reads statistics that PostgreSQL collects anyway; scans no table. */
export function readDatabaseState(db: Database): Promise<DatabaseState> {
  return db.asOwner(readState);
}

/** Seconds by which the read replica is behind; undefined when there is none. */
export async function readReplicaLag(db: Database): Promise<number | undefined> {
  if (!db.onReplica) return undefined;
  const position = await db.asOwner(readPosition);
  return await db.onReplica((sql) => readLag(sql, position));
}

async function readState(sql: Sql): Promise<DatabaseState> {
  const connections = await sql<{ state: string; count: number }[]>`
    select coalesce(state, 'unknown') as state, count(*) from pg_stat_activity
    where backend_type = 'client backend' group by 1
    union all select 'max', current_setting('max_connections')::int`;
  const [row] = await sql<
    { sizeBytes: number; oldest: number; live: number; dead: number; events: Record<string, number> }[]
  >`
    select pg_database_size(current_database()) as "sizeBytes",
           (select coalesce(max(extract(epoch from clock_timestamp() - xact_start)), 0)::float8
            from pg_stat_activity where pid <> pg_backend_pid()) as oldest,
           (select coalesce(sum(n_live_tup), 0)::float8 from pg_stat_user_tables) as live,
           (select coalesce(sum(n_dead_tup), 0)::float8 from pg_stat_user_tables) as dead,
           (select jsonb_build_object('commits', xact_commit, 'rollbacks', xact_rollback, 'deadlocks', deadlocks,
              'blocks_hit', blks_hit, 'blocks_read', blks_read)
            from pg_stat_database where datname = current_database()) as events`;
  return {
    connections: Object.fromEntries(connections.map(({ state, count }) => [state, count])),
    sizeBytes: row!.sizeBytes,
    oldestTransactionSeconds: row!.oldest,
    rows: { live: row!.live, dead: row!.dead },
    events: row!.events,
  };
}

/** The current write-ahead log position of the primary. */
async function readPosition(primary: Sql): Promise<string> {
  const [written] = await primary<{ position: string }[]>`select pg_current_wal_lsn()::text as position`;
  return written!.position;
}

/**
 * Replication lag in seconds: 0 when `replica` has replayed up to `position`, otherwise the age of the last transaction
 * it replayed. Also works while the link to the primary is down, when the replica itself reports no lag.
 */
async function readLag(replica: Sql, position: string): Promise<number> {
  const [shown] = await replica<{ seconds: number }[]>`
    select case when not pg_is_in_recovery() or pg_last_wal_replay_lsn() >= ${position}::pg_lsn then 0
           else coalesce(extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp()), 'Infinity')
           end::float8 as seconds`;
  return shown!.seconds;
}
