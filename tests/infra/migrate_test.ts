import assert from "node:assert/strict";
import postgres from "postgres";
import type { Config } from "../../lib/platform/config.ts";
import { openDatabase, type Sql } from "../../lib/platform/db/database.ts";
import { verifyLogin } from "../../lib/platform/db/login.ts";
import { startProcess } from "../support/processes.ts";
import { openTestPlatform } from "../support/stack.ts";
import { until } from "../support/until.ts";

const MIGRATE = new URL("../../infra/migrate.ts", import.meta.url);
const SERVER = new URL("../../routes/main.ts", import.meta.url);
const WORKER = new URL("../../workers/main.ts", import.meta.url);
const SECRET = "a secret of these tests that is long enough";

/** Logins belong to the whole database server, so only a real one can be tried. */
const onServer = { ignore: !Deno.env.get("DATABASE_URL") };

Deno.test("the login that migrate creates can become the two roles and nothing else", onServer, async () => {
  const { url, owner, close } = await migrateWithLogin();
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await assert.rejects(sql`select * from users`, /permission denied/);
    await assert.rejects(sql`create table planted (id int)`, /permission denied/);
    await assert.rejects(sql.unsafe(`set role ${new URL(owner).username}`), /permission denied/);
    await sql.begin(async (sql) => {
      await sql`set local role akashi_app`;
      await sql`reset role`;
      await assert.rejects(sql.savepoint((sql) => sql`select * from assets`), /permission denied/);
      await sql`set local role akashi_app`;
      assert.deepEqual([...await sql`select * from assets`], []);
      await assert.rejects(
        sql.savepoint((sql) => sql`alter table assets no force row level security`),
        /must be owner/,
      );
    });
  } finally {
    await sql.end();
    await close();
  }
});

Deno.test("migrate sets a changed password, and refuses one login for both", onServer, async () => {
  const { config, url, owner, close } = await migrateWithLogin();
  try {
    const changed = new URL(url);
    changed.password = "it's%20another";
    assert.equal(await run(MIGRATE, { ...config, DATABASE_URL: changed.href }).ended, 0);
    await assert.rejects(login(url, (sql) => sql`select 1`), /password authentication failed/);
    await login(changed.href, (sql) => sql`select 1`);
    const same = run(MIGRATE, { ...config, DATABASE_URL: owner });
    assert.equal(await same.ended, 1);
    assert.match(same.output(), /both log in as/);
  } finally {
    await close();
  }
});

Deno.test(
  "in production, servers start with that login, and refuse one that may do more",
  onServer,
  async () => {
    const { config, url, owner, asOwner, close } = await migrateWithLogin();
    try {
      const server = run(SERVER, { ...config, DATABASE_OWNER_URL: undefined, LOG_LEVEL: "info" });
      await until("it is ready or ended", () => /"server_ready"|cannot start/.test(server.output()), 30_000);
      assert.match(server.output(), /"plain_http".*http:\/\/localhost/);
      server.kill("SIGTERM");
      assert.equal(await server.ended, 0, server.output());
      for (const script of [SERVER, WORKER]) {
        const strong = run(script, { ...config, DATABASE_URL: owner, DATABASE_OWNER_URL: undefined });
        assert.equal(await strong.ended, 1);
        assert.match(strong.output(), /which is a superuser.*Set DATABASE_OWNER_URL/);
      }
      await asOwner(`grant pg_read_all_data to ${new URL(url).username}`);
      const db = await openDatabase({ ...config, DATABASE_URL: url });
      await assert.rejects(verifyLogin(db), /is a member of pg_read_all_data/);
      await db.close();
    } finally {
      await close();
    }
  },
);

Deno.test("in production, a server does not migrate", onServer, async () => {
  const { config, asOwner, close } = await migrateWithLogin();
  try {
    await asOwner("delete from schema_migrations where version = 2");
    const server = run(SERVER, { ...config, DATABASE_OWNER_URL: undefined });
    assert.equal(await server.ended, 1);
    assert.match(server.output(), /0002_create_workers\.sql.*deno task migrate/);
  } finally {
    await close();
  }
});

/** A production installation whose database `infra/migrate.ts` has given a login with an unusual password. */
async function migrateWithLogin() {
  const stack = await openTestPlatform();
  const owner = stack.config.DATABASE_URL!;
  const url = new URL(owner);
  url.username = `login_${crypto.randomUUID().slice(0, 8)}`;
  url.password = "it's%20a%25secret";
  const config: Config = {
    ...stack.config,
    APP_ENV: "production",
    AKASHI_SECRET: SECRET,
    PUBLIC_URL: "http://localhost",
    PORT: 0,
    DATABASE_URL: url.href,
    DATABASE_OWNER_URL: owner,
  };
  const migration = run(MIGRATE, config);
  assert.equal(await migration.ended, 0, migration.output());
  const asOwner = (statement: string) => login(owner, (sql) => sql.unsafe(statement));
  return {
    config,
    owner,
    url: url.href,
    asOwner,
    close: async () => {
      await asOwner(`drop role ${url.username}`);
      await stack.close();
    },
  };
}

async function login(url: string, work: (sql: Sql) => Promise<unknown>): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  await sql.begin(work).finally(() => sql.end());
}

const run = (script: URL, config: Partial<Config>) => startProcess(script, config);
