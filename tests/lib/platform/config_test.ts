import assert from "node:assert/strict";
import { ConfigError, loadConfig } from "../../../lib/platform/config.ts";

const SECRET = "a secret of the tests that is long enough";
const PRODUCTION = {
  APP_ENV: "production",
  PUBLIC_URL: "https://media.example.org",
  AKASHI_SECRET: SECRET,
  DATABASE_URL: "postgres://u:p@db/akashi",
  S3_ENDPOINT: "http://s3:9000",
  S3_ACCESS_KEY_ID: "k",
  S3_SECRET_ACCESS_KEY: "s",
  REDIS_URL: "redis://cache:6379/0",
  AMQP_URL: "amqp://broker/akashi",
};

function complaint(env: Record<string, string>): string {
  try {
    loadConfig(env);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.message;
  }
  return "";
}

Deno.test("loadConfig() fills in defaults and treats empty values as unset", () => {
  const config = loadConfig({ S3_ENDPOINT: "", PORT: "" });
  assert.deepEqual([config.PORT, config.APP_ENV, config.S3_ENDPOINT, config.RATE_LIMIT_PER_MINUTE], [
    8000,
    "development",
    undefined,
    100,
  ]);
});

Deno.test("loadConfig() names every bad key at once with what was expected", () => {
  const text = complaint({
    PORT: "eighty",
    APP_ENV: "prod",
    DATABASE_URL: "mysql://x",
    AKASHI_SECRET: "short",
    S3_BUCKET_PROXIES: "Not A Bucket",
  });
  for (const key of ["PORT", "APP_ENV", "DATABASE_URL", "AKASHI_SECRET", "S3_BUCKET_PROXIES"]) {
    assert.match(text, new RegExp(key));
  }
  assert.match(text, /expected a URL that starts with postgres:/);
});

Deno.test("loadConfig() refuses settings without their counterpart", () => {
  assert.match(complaint({ S3_ENDPOINT: "http://s3" }), /S3_ACCESS_KEY_ID/);
  assert.match(complaint({ AKASHI_ADMIN_EMAIL: "a@example.org" }), /AKASHI_ADMIN_PASSWORD/);
  assert.match(complaint({ DATABASE_READ_URL: "postgres://replica/x" }), /DATABASE_READ_URL/);
  assert.match(complaint({ DATABASE_OWNER_URL: "postgres://owner/x" }), /DATABASE_OWNER_URL/);
});

Deno.test("loadConfig() in production refuses embedded parts, a default secret and a missing address, naming each", () => {
  assert.equal(complaint(PRODUCTION), "");
  for (const key of ["PUBLIC_URL", "DATABASE_URL", "REDIS_URL", "AMQP_URL", "AKASHI_SECRET"]) {
    const { [key as "PUBLIC_URL"]: _, ...rest } = PRODUCTION;
    assert.match(complaint(rest), new RegExp(key));
  }
  assert.match(complaint({ APP_ENV: "production" }), /S3_ENDPOINT/);
  const known = loadConfig({}).AKASHI_SECRET;
  assert.match(complaint({ ...PRODUCTION, AKASHI_SECRET_PREVIOUS: known }), /AKASHI_SECRET_PREVIOUS/);
});

Deno.test("loadConfig() in staging refuses embedded parts and the default secret, and accepts plain http", () => {
  const STAGING = { ...PRODUCTION, APP_ENV: "staging", PUBLIC_URL: "http://media.example.org" };
  assert.equal(complaint(STAGING), "");
  for (const key of ["DATABASE_URL", "S3_ENDPOINT", "REDIS_URL", "AMQP_URL", "AKASHI_SECRET"]) {
    const { [key as "AMQP_URL"]: _, ...rest } = STAGING;
    assert.match(complaint(rest), new RegExp(key));
  }
});

Deno.test("loadConfig() in production accepts http on localhost, elsewhere only with ALLOW_PLAIN_HTTP", () => {
  for (const host of ["localhost:8000", "akashi.localhost", "127.0.0.1:8000", "127.1.2.3", "[::1]:8000"]) {
    assert.equal(complaint({ ...PRODUCTION, PUBLIC_URL: `http://${host}` }), "", host);
  }
  for (const host of ["media.example.org", "localhost.example.org", "127.example.org", "192.168.0.7"]) {
    const plain = { ...PRODUCTION, PUBLIC_URL: `http://${host}` };
    assert.match(complaint(plain), /PUBLIC_URL: expected https/, host);
    assert.equal(complaint({ ...plain, ALLOW_PLAIN_HTTP: "true" }), "");
    assert.equal(complaint({ ...plain, APP_ENV: "staging" }), "");
  }
});

Deno.test("loadConfig() refuses a public address below a path, where links would lead elsewhere", () => {
  for (const more of ["/akashi", "/akashi/", "/?a=1", "/#a", "?a"]) {
    const refused = complaint({ PUBLIC_URL: `https://media.example.org${more}` });
    assert.match(refused, /PUBLIC_URL: expected scheme and host alone/, more);
  }
  assert.match(complaint({ PUBLIC_URL: "https://ana:secret@media.example.org" }), /PUBLIC_URL/);
  for (
    const address of ["https://media.example.org", "http://localhost:8000/", "HTTPS://Media.Example.org:443/"]
  ) {
    assert.equal(complaint({ PUBLIC_URL: address }), "", address);
  }
});

Deno.test("loadConfig() reads NAME from the file that NAME_FILE names", async () => {
  const file = await Deno.makeTempFile();
  await Deno.writeTextFile(file, `${SECRET}\n`);
  assert.equal(loadConfig({ AKASHI_SECRET_FILE: file }).AKASHI_SECRET, SECRET);
  assert.match(complaint({ AKASHI_SECRET_FILE: file, AKASHI_SECRET: SECRET }), /not both/);
  assert.match(complaint({ AKASHI_SECRET_FILE: "/nowhere" }), /cannot read/);
  await Deno.remove(file);
});
