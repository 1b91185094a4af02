// A private installation whose server runs as a separate process, as an operator starts it.
import postgres from "postgres";
import { type Config, loadConfig } from "../lib/platform/config.ts";
import { openS3Storage } from "../lib/platform/storage/s3.ts";
import { type Child, startProcess } from "../tests/support/processes.ts";

export interface Installation {
  config: Config;
  url: string;
  /** Stops the server and removes its database, the content of its buckets and its folder. */
  close(): Promise<void>;
}

export interface RunningServer {
  url: string;
  pid: number;
  /** Time from starting the process to its first 200. */
  readyMs: number;
  stop(): Promise<void>;
}

const ADMINISTRATOR = { email: "bench@example.org", password: "correct horse battery staple" };
const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 10_000;
const POLL_MS = 10;
/** The flags of `deno task start` and of the image. */
const AS_STARTED = ["--v8-flags=--max-semi-space-size=2"];

/**
 * Creates a private database, buckets and prefixes on the servers that the environment names; with `embedded` only
 * embedded parts are used.
 */
export async function openInstallation({ embedded = false } = {}): Promise<Installation> {
  const name = `bench${crypto.randomUUID().replaceAll("-", "").slice(0, 12)}`;
  const folder = await Deno.makeTempDir({ prefix: "akashi-bench-" });
  const given = embedded ? {} : Deno.env.toObject();
  const database = given.DATABASE_URL && new URL(given.DATABASE_URL);
  if (database) {
    await onServer(database, (sql) => sql.unsafe(`create database ${name}`));
    given.DATABASE_URL = Object.assign(new URL(database), { pathname: `/${name}` }).href;
  }
  const config = loadConfig({
    ...given,
    APP_ENV: "test",
    HOST: "127.0.0.1",
    PORT: String(freePort()),
    LOG_LEVEL: "warn",
    AKASHI_DATA_DIR: folder,
    RATE_LIMIT_PER_MINUTE: "1000000",
    RATE_LIMIT_ADDRESS_PER_MINUTE: "1000000",
    RATE_LIMIT_TENANT_PER_MINUTE: "1000000",
    REDIS_PREFIX: name,
    AMQP_PREFIX: name,
    AKASHI_ADMIN_EMAIL: ADMINISTRATOR.email,
    AKASHI_ADMIN_PASSWORD: ADMINISTRATOR.password,
    S3_BUCKET_ORIGINALS: `${name}-originals`,
    S3_BUCKET_PROXIES: `${name}-proxies`,
    S3_BUCKET_THUMBNAILS: `${name}-thumbnails`,
  });
  return {
    config,
    url: `http://127.0.0.1:${config.PORT}`,
    close: async () => {
      if (config.S3_ENDPOINT) await emptyBuckets(config);
      if (database) await onServer(database, (sql) => sql.unsafe(`drop database ${name} with (force)`));
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** Starts the server of an installation. Throws with its output when it exits or is not ready in time. */
export async function startServerProcess({ config }: Pick<Installation, "config">): Promise<RunningServer> {
  return await startUntilReady(new URL("../routes/main.ts", import.meta.url), config);
}

/** Starts a script that serves on `config.PORT`, and waits for its first 200. */
export async function startUntilReady(script: URL, config: Partial<Config>): Promise<RunningServer> {
  const url = `http://127.0.0.1:${config.PORT}`;
  const began = performance.now();
  const child = startProcess(script, config, [], {}, AS_STARTED);
  let hasEnded = false;
  child.ended.then(() => hasEnded = true);
  while (!await answers(`${url}/livez`)) {
    if (hasEnded || performance.now() - began > START_LIMIT_MS) {
      await stop(child);
      throw new Error(`The server did not start: ${child.output()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return { url, pid: child.pid, readyMs: performance.now() - began, stop: () => stop(child) };
}

/** An access token of the installation's administrator. */
export async function signIn({ url }: RunningServer): Promise<string> {
  const response = await fetch(`${url}/api/v1/auth/login`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(ADMINISTRATOR),
  });
  if (!response.ok) throw new Error(`Signing in: ${response.status} ${await response.text()}`);
  return (await response.json()).access_token;
}

/** A free port on the loopback interface. */
export function freePort(): number {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  return port;
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url);
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

async function stop(child: Child): Promise<void> {
  const kill = (signal: Deno.Signal) => {
    try {
      child.kill(signal);
    } catch {
      // Already exited.
    }
  };
  const timer = setTimeout(() => kill("SIGKILL"), STOP_LIMIT_MS);
  kill("SIGTERM");
  await child.ended;
  clearTimeout(timer);
}

async function onServer(url: URL, work: (sql: postgres.Sql) => Promise<unknown>): Promise<void> {
  const sql = postgres(url.href, { max: 1, onnotice: () => {} });
  try {
    await work(sql);
  } finally {
    await sql.end();
  }
}

async function emptyBuckets(config: Config): Promise<void> {
  const storage = openS3Storage(config);
  for (const bucket of ["originals", "proxies", "thumbnails"] as const) {
    // Listed objects are deleted, so the first page is always the next one.
    for (;;) {
      const { objects } = await storage.list(bucket, "");
      if (objects.length === 0) break;
      for (const { key } of objects) await storage.delete({ bucket, key });
    }
  }
  await storage.close();
}
