import assert from "node:assert/strict";
import { loadConfig } from "../../../../lib/platform/config.ts";
import {
  type Database,
  isUniqueViolation,
  openDatabase,
  verifyRowSecurity,
} from "../../../../lib/platform/db/database.ts";
import { AppError } from "../../../../lib/platform/errors.ts";
import { newId } from "../../../../lib/platform/ids.ts";
import { createLog } from "../../../../lib/platform/observe/log.ts";
import { migrate, MIGRATIONS_FOLDER, pendingMigrations } from "../../../../lib/platform/db/migrations.ts";
import { openTestPlatform, type TestPlatform } from "../../../support/stack.ts";

const silent = createLog("error", {}, () => {});

let stack: TestPlatform;
let db: Database;
Deno.test.beforeAll(async () => {
  stack = await openTestPlatform();
  db = stack.platform.db;
});
Deno.test.afterAll(() => stack.close());

Deno.test("many transactions at once see their own tenant alone", async () => {
  const seen = await Promise.all(Array.from({ length: 100 }, (_, i) => {
    const tenant = newId();
    return db.asTenant(tenant, async (sql) => {
      const [row] = await sql<{ tenant: string; i: number; role: string }[]>`
        select current_tenant() as tenant, ${i}::int as i, current_user as role`;
      return row!.tenant === tenant && row!.i === i && row!.role === "akashi_app";
    });
  }));
  assert.ok(seen.every(Boolean));
});

Deno.test("work is rolled back when its scope cannot be set, even if that fails late", async () => {
  const slow = db.asTenant(newId(), async (sql) => {
    await new Promise((resolve) => setTimeout(resolve, 200));
    await sql`insert into tenants (id, code, name) values (${newId()}, 'unscoped', 'unscoped')`;
  }, { viewer: "\0" });
  await assert.rejects(slow, /invalid byte sequence/);
  await new Promise((resolve) => setTimeout(resolve, 300));
  const [row] = await db.asSystem((sql) =>
    sql<{ count: number }[]>`select count(*) from tenants where code = 'unscoped'`
  );
  assert.equal(row!.count, 0);
});

Deno.test("a transaction that throws leaves nothing and gives its connection back", async () => {
  for (let i = 0; i < 20; i++) {
    await assert.rejects(
      db.asSystem(async (sql) => {
        await sql`insert into tenants (id, code, name) values (${newId()}, 'gone', 'gone')`;
        throw new Error("on purpose");
      }),
      /on purpose/,
    );
  }
  const [row] = await db.asSystem((sql) =>
    sql<{ count: number }[]>`select count(*) from tenants where code = 'gone'`
  );
  assert.equal(row!.count, 0);
  const twice = db.asSystem(async (sql) => {
    await sql`insert into tenants (id, code, name) values (${newId()}, 'twice', 'x')`;
    await sql`insert into tenants (id, code, name) values (${newId()}, 'twice', 'x')`;
  });
  await assert.rejects(twice, (error) => isUniqueViolation(error, "tenants_code_key"));
});

Deno.test(
  "verifyRowSecurity() refuses a role that may bypass it and a table that does not force it",
  async () => {
    await verifyRowSecurity(db);
    await db.asOwner((sql) => sql`alter table assets no force row level security`);
    try {
      await assert.rejects(verifyRowSecurity(db), /assets does not force/);
    } finally {
      await db.asOwner((sql) => sql`alter table assets force row level security`);
    }
  },
);

Deno.test("system work sees no asset", async () => {
  await assert.rejects(db.asSystem((sql) => sql`select * from assets`), /permission denied/);
  const rows = await db.asTenant(newId(), (sql) => sql`select * from assets`);
  assert.equal(rows.length, 0);
});

Deno.test(
  "migrate() applies once, also when two start together, and refuses an edited file",
  async () => {
    assert.deepEqual(await migrate(db, silent), []);
    assert.deepEqual(await pendingMigrations(db), []);
    const folder = await copyMigrations();
    await Deno.writeTextFile(new URL("9001_create_probe.sql", folder), "create table probe (id int);");
    const applied = await Promise.all([migrate(db, silent, folder), migrate(db, silent, folder)]);
    assert.deepEqual(applied.flat(), ["9001_create_probe.sql"]);
    await Deno.writeTextFile(new URL("9001_create_probe.sql", folder), "create table probe (id bigint);");
    await assert.rejects(migrate(db, silent, folder), /9001_create_probe\.sql was edited/);
    await Deno.writeTextFile(new URL("9001_create_probe.sql", folder), "create table probe (id int);");
    await Deno.writeTextFile(
      new URL("9002_fail.sql", folder),
      "create table half (id int); select nonsense;",
    );
    await assert.rejects(migrate(db, silent, folder), /nonsense/);
    const [half] = await db.asOwner((sql) =>
      sql<{ name: string | null }[]>`select to_regclass('half') as name`
    );
    assert.equal(half!.name, null);
    await Deno.remove(folder, { recursive: true });
  },
);

Deno.test("openDatabase() on an embedded folder that is open says what to do, also through a symbolic link", async () => {
  const folder = await Deno.makeTempDir();
  const config = loadConfig({ AKASHI_DATA_DIR: folder });
  const db = await openDatabase(config);
  await assert.rejects(
    openDatabase(config),
    /Another Akashi process has the embedded database .* open\..*DATABASE_URL/,
  );
  await db.asOwner((sql) => sql`create table kept (id int)`);
  await db.close();
  const elsewhere = await Deno.makeTempDir();
  await Deno.symlink(`${folder}/db`, `${elsewhere}/db`);
  const again = await openDatabase(loadConfig({ AKASHI_DATA_DIR: elsewhere }));
  await assert.rejects(openDatabase(config), /Another Akashi process/, "one lock for both names");
  const [row] = await again.asOwner((sql) => sql`select to_regclass('kept') is not null as kept`);
  assert.equal(row!.kept, true);
  await again.close();
  await Deno.remove(elsewhere, { recursive: true });
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a database that does not answer is unavailable, not a bug", async () => {
  const db = await openDatabase(loadConfig({ DATABASE_URL: "postgres://u:p@127.0.0.1:9/x" }));
  const isUnavailable = (error: unknown) => error instanceof AppError && error.code === "unavailable";
  await assert.rejects(db.check(), isUnavailable);
  await assert.rejects(db.asSystem((sql) => sql`select 1`), isUnavailable);
  await db.close();
});

async function copyMigrations(): Promise<URL> {
  const folder = await Deno.makeTempDir();
  for (const { name } of Deno.readDirSync(MIGRATIONS_FOLDER)) {
    await Deno.copyFile(new URL(name, MIGRATIONS_FOLDER), `${folder}/${name}`);
  }
  return new URL(`file://${folder}/`);
}
