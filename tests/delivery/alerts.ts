// `deno task alerts`: every alert of infra/prometheus fired by a fault, one after the other, at a real server and worker
// on the servers that the environment names, watched by a real Prometheus. Needs Docker; root for the full disk.
import { Buffer } from "node:buffer";
import { markBackup } from "../../lib/operation/health/backup.ts";
import { loadConfig } from "../../lib/platform/config.ts";
import { foldUsage } from "../../lib/tenancy/usage/usage.ts";
import { api } from "../../infra/grafana/boards/api.ts";
import { database } from "../../infra/grafana/boards/database.ts";
import { media } from "../../infra/grafana/boards/media.ts";
import { overview } from "../../infra/grafana/boards/overview.ts";
import { tenants } from "../../infra/grafana/boards/tenants.ts";
import { workers } from "../../infra/grafana/boards/workers.ts";
import { queriesOf } from "../../infra/grafana/panels.ts";
import { publishRaw, withBroker } from "../support/broker.ts";
import { startProcess } from "../support/processes.ts";
import { openWire, through } from "../support/relay.ts";
import { openTestPlatform } from "../support/stack.ts";
import { makeCertificate, serveTls } from "../support/tls.ts";
import { until } from "../support/until.ts";
import { seedWork } from "../support/work.ts";
import { startPrometheus } from "./prometheus.ts";

// Below 32768, because higher ports are ephemeral and may be assigned to outgoing connections.
const PORTS = { server: 28801, worker: 28802, own: 28803, tls: 28804 };
const LOGIN = { email: "admin@example.org", password: "correct horse battery" };
const at = (path: string) => new URL(`../../${path}`, import.meta.url);
const rest = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const base = loadConfig();
if (!base.DATABASE_URL || !base.AMQP_URL || !base.REDIS_URL) {
  throw new Error("Name real servers in the environment.");
}

const closing: (() => unknown)[] = [];
const fired = new Set<string>();
try {
  await main();
} finally {
  for (const close of closing.reverse()) {
    await Promise.resolve(close()).catch((error) => console.error(error));
  }
}

async function main(): Promise<void> {
  const disk = await makeSmallDisk();
  const stack = await openTestPlatform({ STORAGE_CAPACITY_BYTES: "10000000", WORKER_CONCURRENCY: "4" });
  closing.push(stack.close);
  const { platform } = stack;
  const wires = {
    database: openWire(stack.config.DATABASE_URL!),
    replica: openWire(stack.config.DATABASE_URL!),
    cache: openWire(stack.config.REDIS_URL!),
  };
  closing.push(() => Object.values(wires).forEach((wire) => wire.close()));
  let tls = serveTls(await makeCertificate(90), PORTS.tls);
  closing.push(() => tls.stop());
  await markBackup(platform.storage, new Date());

  const settings = {
    ...stack.config,
    APP_ENV: "test" as const,
    HOST: "127.0.0.1",
    LOG_LEVEL: "warn" as const,
    DATABASE_POOL: 4,
    PUBLIC_URL: `https://127.0.0.1:${PORTS.tls}`,
    REDIS_URL: through(wires.cache, stack.config.REDIS_URL!),
    AKASHI_ADMIN_EMAIL: LOGIN.email,
    AKASHI_ADMIN_PASSWORD: LOGIN.password,
  };
  const server = startProcess(at("routes/main.ts"), {
    ...settings,
    PORT: PORTS.server,
    DATABASE_URL: through(wires.database, stack.config.DATABASE_URL!),
    DATABASE_READ_URL: through(wires.replica, stack.config.DATABASE_URL!),
  });
  const worker = startProcess(at("workers/main.ts"), {
    ...settings,
    METRICS_PORT: PORTS.worker,
    ...(disk && { AKASHI_DATA_DIR: disk }),
  });
  for (const child of [server, worker]) closing.push(() => end(child));
  const url = `http://127.0.0.1:${PORTS.server}`;
  await until("the server listens", () => fetch(`${url}/readyz`).then((r) => r.ok, () => false), 60_000);
  const signedIn = await fetch(`${url}/api/v1/auth/login`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(LOGIN),
  });
  const headers = { Authorization: `Bearer ${(await signedIn.json()).access_token}` };
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(url + path, { ...init, headers }).then((response) => response.body?.cancel(), () => {});
  const traffic = setInterval(() => ask("/api/v1/assets"), 250);
  closing.push(() => clearInterval(traffic));
  await ask("/api/v1/ingest/note.txt", { method: "PUT", body: "a note" });

  const prometheus = await startPrometheus(PORTS);
  closing.push(prometheus.stop);
  /** The firing alerts of this installation; the broker also reports queues of others. */
  const firing = async () =>
    (await prometheus.alerts().catch(() => [])).filter(({ state, labels }) =>
      state === "firing" && (!labels.queue || labels.queue.startsWith(stack.config.AMQP_PREFIX))
    ).map(({ labels }) => labels.alertname!);
  const fires = async (fault: string, ...names: string[]) => {
    for (const name of names) {
      await until(`${fault}: ${name} fires`, async () => (await firing()).includes(name), 120_000)
        .then(
          () => fired.add(name) && console.log(`ok      ${name}  (${fault})`),
          (error) => console.log(`FAILED  ${error.message}`),
        );
    }
  };

  await until(
    "Prometheus reads everything",
    async () => await prometheus.count("up == 1").catch(() => 0) === 4,
    60_000,
  );
  await rest(15_000);
  // With so few requests, a slow sign-in alone may use up the error budget.
  const early = (await firing()).filter((name) => !name.startsWith("Latency"));
  console.log(
    early.length === 0
      ? "ok      nothing fires before there is a fault"
      : `FAILED  fires early: ${early.join()}`,
  );
  await checkQueries(prometheus.count);

  await markBackup(platform.storage, new Date(Date.now() - 48 * 3600_000));
  await tls.stop();
  tls = serveTls(await makeCertificate(5), PORTS.tls);
  wires.replica.cut();
  await seedWork(platform, [], "x".repeat(9_500_000));
  await foldUsage(platform);
  const { jobs } = await seedWork(platform, ["transcode"]);
  await platform.db.asSystem((sql) =>
    sql`update jobs set run_after = now() - interval '20 minutes' where id = ${jobs[0]!.id}`
  );
  await publishRaw(stack.config, "media", "this is no job");
  await fires("a message that is no job", "DeadLetters");
  await fires("a job of a kind that nobody does", "JobsStuck");
  await withBroker(stack.config, async (channel) => {
    const queue = `${stack.config.AMQP_PREFIX}.jobs.later`;
    await channel.assertQueue(queue);
    closing.push(() => withBroker(stack.config, (channel) => channel.deleteQueue(queue)));
    for (let nth = 0; nth < 600; nth++) channel.sendToQueue(queue, Buffer.from("later"));
    await channel.checkQueue(queue);
  });
  await fires("600 messages that nobody takes", "QueueGrows");
  for (let nth = 0; nth < 6; nth++) {
    await ask(`/api/v1/ingest/broken${nth}.mp4`, { method: "PUT", body: await brokenVideo() });
  }
  await fires("six broken files", "JobsFail");
  if (disk) {
    await Deno.writeFile(`${disk}/filler`, new Uint8Array(60 * 1024 * 1024)).catch(() => {});
    await fires("a full disk of 64 MB", "DiskNearlyFull");
    await Deno.remove(`${disk}/filler`);
  }
  await fires("the store is 95 % full", "StorageNearlyFull");
  await fires("the last backup is two days old", "BackupTooOld");
  await fires("a certificate for five days", "CertificateRunsOut");
  await fires("the wire to the replica is cut", "ReplicaBehind");

  server.kill("SIGSTOP");
  await rest(1_500);
  server.kill("SIGCONT");
  await fires("the server's process stood still for 1.5 s", "EventLoopBusy");

  wires.cache.cut();
  await fires("the wire to the cache is cut", "RateLimiterBlind", "PartAway");
  wires.cache.mend();

  wires.database.slow(150);
  const crowd = setInterval(() => ask("/api/v1/assets"), 20);
  await fires("every message to the database takes 150 ms longer, and many people ask", "ConnectionsWanted");
  await fires("the same", "LatencyBudgetBurnsFast", "LatencyBudgetBurnsSlowly");
  clearInterval(crowd);
  wires.database.slow(0);

  wires.database.cut();
  await fires(
    "the wire to the database is cut",
    "AvailabilityBudgetBurnsFast",
    "AvailabilityBudgetBurnsSlowly",
  );
  wires.database.mend();

  await loseRuns();
  await fires("a worker that stood still twice, longer than its leases", "RunsLost");
  worker.kill("SIGKILL");
  await fires("the worker is killed", "TargetAway", "NoLiveWorker");
  server.kill("SIGKILL");
  await fires("the server is killed", "NoServer");
  report(Boolean(disk));

  /** Stops a worker for longer than its lease while it processes four long videos. */
  async function loseRuns(): Promise<void> {
    const video = await longVideo();
    for (let nth = 0; nth < 4; nth++) {
      await ask(`/api/v1/ingest/long${nth}.mp4`, { method: "PUT", body: video });
    }
    for (let round = 0; round < 2; round++) {
      await until("proxies are made", async () => {
        const [row] = await platform.db.asSystem((sql) =>
          sql`select count(*)::int as count from jobs where job_type = 'proxy' and status = 'processing'`
        );
        return row!.count >= 3;
      }, 60_000).catch(() => {});
      worker.kill("SIGSTOP");
      await rest((stack.config.JOB_LEASE_SECONDS + 2) * 1000);
      worker.kill("SIGCONT");
      await rest(3_000);
    }
  }
}

/** Runs every query of every dashboard; those without a result are listed. */
async function checkQueries(count: (expr: string) => Promise<number>): Promise<void> {
  const queries = [overview, api, workers, media, database, tenants].flatMap((board) =>
    queriesOf(board).map((expr) => ({ board: board.uid, expr }))
  );
  const silent: string[] = [];
  for (const { board, expr } of queries) {
    if (await count(expr) === 0) silent.push(`${board}: ${expr.slice(0, 120)}`);
  }
  console.log(
    `ok      ${queries.length} queries of dashboards can be asked, ${silent.length} have nothing to tell yet:`,
  );
  for (const line of silent) console.log(`          ${line}`);
}

function report(hasDisk: boolean): void {
  const rules = ["akashi", "slo"].map((name) =>
    Deno.readTextFileSync(at(`infra/prometheus/rules/${name}.yml`))
  ).join();
  const all = [...rules.matchAll(/- alert: (\w+)/g)].map((match) => match[1]!);
  const missing = all.filter((name) => !fired.has(name));
  console.log(
    `${fired.size} of ${all.length} alerts fired${missing.length > 0 ? `; not: ${missing.join(", ")}` : ""}`,
  );
  if (!hasDisk) console.log("DiskNearlyFull needs root, to make a small disk.");
  if (missing.some((name) => hasDisk || name !== "DiskNearlyFull")) Deno.exitCode = 1;
}

/** Mounts a 64 MB disk, where permitted. */
async function makeSmallDisk(): Promise<string | undefined> {
  const folder = await Deno.makeTempDir({ prefix: "akashi-disk-" });
  const { success } = await new Deno.Command("mount", {
    args: ["-t", "tmpfs", "-o", "size=64m", "tmpfs", folder],
  }).output();
  if (!success) return undefined;
  closing.push(() => new Deno.Command("umount", { args: ["--lazy", folder] }).output());
  return folder;
}

async function makeVideo(seconds: number, size: string): Promise<Uint8Array<ArrayBuffer>> {
  const path = await Deno.makeTempFile({ suffix: ".mp4" });
  await new Deno.Command("ffmpeg", {
    args: [
      "-y",
      "-v",
      "error",
      "-f",
      "lavfi",
      "-i",
      `testsrc2=size=${size}:rate=25:duration=${seconds}`,
      "-c:v",
      "libx264",
      "-preset",
      "ultrafast",
      path,
    ],
  }).output();
  const bytes = await Deno.readFile(path);
  await Deno.remove(path);
  return bytes;
}

function longVideo(): Promise<Uint8Array<ArrayBuffer>> {
  return makeVideo(60, "640x360");
}

async function brokenVideo(): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = (await makeVideo(1, "320x180")).slice(0, 3_000);
  crypto.getRandomValues(bytes.subarray(2_900));
  return bytes;
}

async function end(child: { kill(signal: Deno.Signal): void; ended: Promise<unknown> }): Promise<void> {
  try {
    child.kill("SIGKILL");
  } catch { /* It has ended. */ }
  await child.ended;
}
