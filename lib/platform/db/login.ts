// The login of servers and workers in staging and production: it owns nothing, and can only become the two roles that
// row level security is written for. The schema's owner logs in for migrations alone.
import { APP_ROLE, type Database, type Sql, SYSTEM_ROLE } from "./database.ts";
import { MIGRATION_LOCK } from "./migrations.ts";

/**
 * Creates the login that `address` (a `DATABASE_URL`) names, or sets the password of an existing one, and lets it become
 * `akashi_app` and `akashi_system`. `owner` must be allowed to create roles. Throws when `address` names the owner.
 */
export async function grantLogin(owner: Database, address: string): Promise<void> {
  const { username, password } = new URL(address);
  const [name, secret] = [decodeURIComponent(username), decodeURIComponent(password)];
  await owner.asOwner(async (sql) => {
    await sql`select pg_advisory_xact_lock(${MIGRATION_LOCK})`;
    const [found] = await sql<{ isOwner: boolean; exists: boolean }[]>`
      select session_user = ${name} as "isOwner", exists (select from pg_roles where rolname = ${name}) as exists`;
    if (found!.isOwner) {
      throw new Error(
        `DATABASE_URL and DATABASE_OWNER_URL both log in as ${name}. Choose another name in DATABASE_URL: it is created.`,
      );
    }
    const verb = found!.exists ? "alter" : "create";
    await perform(sql, `${verb} role %I login noinherit ${secret ? "password %L" : ""}`, name, secret);
    await perform(sql, `grant ${APP_ROLE}, ${SYSTEM_ROLE} to %I`, name);
  });
}

/** Runs a statement that takes no parameters: PostgreSQL's own `format` quotes the name (%I) and the literal (%L). */
async function perform(sql: Sql, pattern: string, name: string, literal = ""): Promise<void> {
  const [row] = await sql<{ statement: string }[]>`
    select format(${pattern}::text, ${name}::text, ${literal}::text) as statement`;
  await sql.unsafe(row!.statement);
}

/**
 * Refuses a login with which an injected `reset role` would undo row level security. Throws with what it may do too much
 * and how to replace it.
 */
export async function verifyLogin(db: Database): Promise<void> {
  const excesses = await db.asOwner((sql) =>
    sql<{ login: string; excess: string }[]>`
      with login as (select * from pg_roles where rolname = session_user)
      select session_user as login, excess from (
        select 'is a superuser' as excess from login where rolsuper
        union all select 'may bypass row level security' from login where rolbypassrls
        union all select 'may create roles' from login where rolcreaterole
        union all select 'is a member of ' || r.rolname from login l, pg_roles r
          where not l.rolsuper and r.oid <> l.oid and r.rolname not in (${APP_ROLE}, ${SYSTEM_ROLE})
            and pg_has_role(l.oid, r.oid, 'member')
        union all select 'owns ' || c.relname from login l, pg_class c
          where c.relowner = l.oid and c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')) as excesses
      limit 5`
  );
  if (excesses.length === 0) return;
  const list = excesses.map(({ excess }) => excess).join(", ");
  throw new Error(
    `DATABASE_URL logs in as ${
      excesses[0]!.login
    }, which ${list}. Set DATABASE_OWNER_URL to that login and DATABASE_URL ` +
      "to one with another name and password, then run: deno task migrate, which creates it.",
  );
}
