// The only PostgreSQL client. SQL and row level security are the same on a real server and on the embedded one.
import postgres from "postgres";
import type { Config } from "../config.ts";
import { isOutage } from "../errors.ts";
import { databaseError } from "./reasons.ts";
import { NIL_ID } from "../ids.ts";
import type { Log } from "../observe/log.ts";
import type { EmbeddedDatabase } from "./embedded.ts";
import {
  databaseConnections,
  databaseTransactions,
  databaseWaits,
  databaseWork,
} from "../observe/metrics.ts";

/** A connection inside a transaction; queries take this and never open one of their own. */
export type Sql = postgres.TransactionSql;

interface TransactionOptions {
  /** Use the read replica when there is one; it may lag slightly behind. */
  replica?: boolean;
  /** The person whose private rows are visible. Without a viewer, all rows of the tenant are visible. */
  viewer?: string;
}

export interface Database {
  readonly kind: "postgres" | "embedded";
  /**
   * Runs one transaction in which row level security limits access to `tenantId`, and to what `viewer` may see when one
   * is given.
   */
  asTenant<T>(tenantId: string, work: (sql: Sql) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /**
   * Runs one transaction across tenants, for work before authentication (sign-in) and background work (relay, sweeps).
   * Its role has policies on the few tables that need it and sees no rows in any other.
   */
  asSystem<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
  /**
   * Runs one transaction as the login itself, without a role: for catalogs and statistics, and for migrations when the
   * login owns the schema (`DATABASE_OWNER_URL`, or `DATABASE_URL` in development).
   */
  asOwner<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
  /** Throws `unavailable` when the database does not answer in time. */
  check(): Promise<void>;
  /** Runs one transaction on the read replica, as the login itself; undefined when there is no replica. */
  onReplica?: <T>(work: (sql: Sql) => Promise<T>) => Promise<T>;
  close(): Promise<void>;
}

/** The role of requests: the rows of one tenant. */
export const APP_ROLE = "akashi_app";
/** The role of work across tenants, on the few tables that grant it. */
export const SYSTEM_ROLE = "akashi_system";
const CHECK_TIMEOUT_MS = 3_000;
/** The wait for a connection of the pool included. */
const FIRST_ANSWER_MS = 15_000;
/** Several statements, of 30 s at most each. */
const TRANSACTION_MS = 5 * 60_000;

/**
 * Opens the database that `config` names; without `DATABASE_URL` it boots the embedded one in a Web Worker, whose
 * crashes and restarts it logs.
 */
export async function openDatabase(config: Config, log?: Log): Promise<Database> {
  const embedded = config.DATABASE_URL ? undefined : await openEmbedded(config, log);
  const connections = embedded ? 4 : config.DATABASE_POOL;
  const primary = embedded
    ? postgres({ ...options(connections), path: embedded.socket, user: "postgres", database: "postgres" })
    : postgres(config.DATABASE_URL!, options(connections));
  databaseConnections.set(connections);
  const replica = config.DATABASE_READ_URL
    ? postgres(config.DATABASE_READ_URL, options(config.DATABASE_POOL))
    : primary;

  return {
    kind: embedded ? "embedded" : "postgres",
    asTenant: (tenantId, work, options) =>
      begin(
        options?.replica ? replica : primary,
        { role: APP_ROLE, tenantId, viewer: options?.viewer },
        work,
      ),
    asSystem: (work) => begin(primary, { role: SYSTEM_ROLE, tenantId: NIL_ID }, work),
    asOwner: (work) => inTransaction(primary, work),
    check: () => withTimeout(translate(primary`select 1`), CHECK_TIMEOUT_MS),
    onReplica: replica === primary ? undefined : (work) => inTransaction(replica, work),
    close: async () => {
      await Promise.all([primary.end({ timeout: 5 }), replica.end({ timeout: 5 })]);
      await embedded?.close();
    },
  };
}

async function openEmbedded(config: Config, log?: Log): Promise<EmbeddedDatabase> {
  const { startEmbeddedDatabase } = await import("./embedded.ts");
  return await startEmbeddedDatabase(`${config.AKASHI_DATA_DIR}/db`, log);
}

function options(max: number) {
  return {
    max,
    connect_timeout: 5,
    idle_timeout: 60,
    max_lifetime: 30 * 60,
    onnotice: () => {},
    connection: {
      application_name: "akashi",
      // The right plan depends on the filters: a generic one read 100,000 rows where 1,000 suffice.
      plan_cache_mode: "force_custom_plan",
      statement_timeout: 30_000,
      idle_in_transaction_session_timeout: 60_000,
    },
    types: {
      // int8 as a number: our counts and byte sizes stay far below 2^53.
      bigint: { to: 20, from: [20], serialize: String, parse: Number },
      // Kept as text, because keyset cursors need the microseconds; `isoTime` converts to ISO 8601 when reading.
      timestamptz: { to: 1184, from: [1184], serialize: serializeTime, parse: isoTime },
    },
  };
}

function serializeTime(value: unknown): string {
  return value instanceof Date ? value.toISOString() : String(value);
}

/** `2026-01-02 03:04:05.678901+00` as PostgreSQL prints it → `2026-01-02T03:04:05.678901+00:00`. */
function isoTime(text: string): string {
  const iso = text.replace(" ", "T");
  return /[+-]\d\d$/.test(iso) ? `${iso}:00` : iso;
}

interface Scope {
  role: string;
  tenantId: string;
  viewer?: string;
}

function begin<T>(
  client: postgres.Sql,
  { role, tenantId, viewer }: Scope,
  work: (sql: Sql) => Promise<T>,
): Promise<T> {
  return inTransaction(client, async (sql) => {
    // Not awaited before `work`: its statements are pipelined on the same connection and rejected if this one fails.
    // The transaction must not end before `work` does, since the settings are local to it.
    const scoped = sql`
      select set_config('role', ${role}, true), set_config('app.tenant_id', ${tenantId}, true),
             set_config('app.user_id', ${viewer ?? ""}, true),
             set_config('app.sees_all', ${viewer === undefined ? "on" : "off"}, true)`.execute();
    const result = await work(sql);
    await scoped;
    return result;
  }, TRANSACTION_MS);
}

/**
 * Widens the rest of the transaction to the whole tenant, for follow-up work once the actor's own permission is
 * checked.
 */
export async function seeWholeTenant(sql: Sql): Promise<void> {
  await sql`select set_config('app.sees_all', 'on', true)`;
}

async function inTransaction<T>(
  client: postgres.Sql,
  work: (sql: Sql) => Promise<T>,
  mostMs?: number,
): Promise<T> {
  databaseTransactions.inc();
  const waited = databaseWaits.startTimer();
  const ended = databaseWork.startTimer();
  const patience = startPatience();
  let outcome = "rolled_back";
  try {
    const begun = client.begin((sql) => {
      waited();
      patience.answered(mostMs);
      return work(sql);
    }) as Promise<T>;
    begun.catch(() => {});
    const result = await translate(Promise.race([begun, patience.late]));
    outcome = "committed";
    return result;
  } catch (error) {
    if (isOutage(error)) outcome = "unavailable";
    throw error;
  } finally {
    patience.end();
    ended({ outcome });
    databaseTransactions.dec();
  }
}

/**
 * A server that hangs keeps its connections and answers nothing, not even its own time limits. `late` rejects when no
 * connection has answered in time, or when the whole takes too long; the connection is free again when it does answer.
 */
function startPatience() {
  const { promise: late, reject } = Promise.withResolvers<never>();
  late.catch(() => {});
  let error: Error | undefined;
  const give = (ms: number) =>
    setTimeout(
      () => reject(error = databaseError("unavailable", {}, { cause: new Error(`no answer in ${ms} ms`) })),
      ms,
    );
  let timer = give(FIRST_ANSWER_MS);
  return {
    late,
    /** The connection has answered. Throws when that was too late, and its caller has been told of a failure. */
    answered: (mostMs?: number) => {
      if (error) throw error;
      clearTimeout(timer);
      if (mostMs !== undefined) timer = give(mostMs);
    },
    end: () => clearTimeout(timer),
  };
}

const CONNECTION_LOST = new Set([
  "CONNECTION_CLOSED",
  "CONNECTION_ENDED",
  "CONNECTION_DESTROYED",
  "CONNECT_TIMEOUT",
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ETIMEDOUT",
  "ENOENT", // the embedded database restarts
  "EHOSTUNREACH",
  "ENETUNREACH",
  "57P01", // admin_shutdown
  "57P02", // crash_shutdown
  "57P03", // cannot_connect_now
  "53300", // too_many_connections
  "25P03", // idle_in_transaction_session_timeout
  "25006", // read_only_sql_transaction: a failover is under way
  "57014", // query_canceled: statement_timeout
  "58030", // io_error
  "58000", // system_error
  "53200", // out_of_memory
]);
const DISK_FULL = new Set(["53100", "53400"]);

/** Maps a lost connection or a failing disk to `unavailable` and a full disk to `storage_full`. */
async function translate<T>(running: Promise<T>): Promise<T> {
  try {
    return await running;
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code && CONNECTION_LOST.has(code)) throw databaseError("unavailable", {}, { cause: error });
    if (code && DISK_FULL.has(code)) throw databaseError("full", {}, { cause: error });
    throw error;
  }
}

async function withTimeout(running: Promise<unknown>, ms: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise((_, reject) => {
    timer = setTimeout(
      () => reject(databaseError("timed_out", { milliseconds: ms })),
      ms,
    );
  });
  try {
    await Promise.race([running, late]);
  } finally {
    clearTimeout(timer);
    running.catch(() => {});
  }
}

/** True when the error is a violation of a unique constraint (of `constraint`, when given). */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  const { code, constraint_name } = error as { code?: string; constraint_name?: string };
  return code === "23505" && (!constraint || constraint_name === constraint);
}

/**
 * Checks at start-up that row level security is effective: the roles used by requests are neither superuser nor owner
 * nor allowed to bypass it, and every table with a tenant column has it enabled and forced. Throws with what is wrong.
 */
export async function verifyRowSecurity(db: Database): Promise<void> {
  const problems = await db.asOwner(async (sql) => [
    ...(await sql<{ problem: string }[]>`
      select 'role ' || rolname || ' may bypass row level security' as problem
      from pg_roles where rolname in (${APP_ROLE}, ${SYSTEM_ROLE}) and (rolsuper or rolbypassrls)
      union all
      select 'table ' || c.relname || ' is owned by ' || r.rolname
      from pg_class c join pg_roles r on r.oid = c.relowner
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and r.rolname in (${APP_ROLE}, ${SYSTEM_ROLE})
      union all
      select 'table ' || c.relname || ' does not force row level security'
      from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
        and not (c.relrowsecurity and c.relforcerowsecurity)`),
  ]);
  const visible = await db.asTenant(NIL_ID, (sql) => sql<{ count: number }[]>`select count(*) from users`);
  if (visible[0]!.count > 0) problems.push({ problem: "users are visible without a tenant" });
  if (problems.length > 0) {
    throw new Error(
      `The database does not isolate tenants: ${problems.map((row) => row.problem).join("; ")}`,
    );
  }
}
