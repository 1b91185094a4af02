import assert from "node:assert/strict";
import { AppError } from "../../../../lib/platform/errors.ts";
import { detectConfinement, wrapperCommand } from "../../../../lib/platform/process/confinement.ts";
import {
  findTool,
  getConfinement,
  type ProcessOptions,
  run,
} from "../../../../lib/platform/process/process.ts";

const OPTIONS: ProcessOptions = { cwd: Deno.makeTempDirSync({ prefix: "akashi-process-" }), wallMs: 10_000 };
globalThis.addEventListener("unload", () => Deno.removeSync(OPTIONS.cwd, { recursive: true }));

const sh = (script: string, options: Partial<ProcessOptions> = {}) =>
  run("sh", ["-c", script], { ...OPTIONS, ...options });
const confinement = await getConfinement();

Deno.test("run() answers output and exit code, with empty input and a bare environment", async () => {
  const result = await sh("cat; env | cut -d= -f1 | sort | tr '\\n' ' '; echo no >&2; exit 3");
  assert.equal(result.code, 3);
  assert.equal(result.stdout, "HOME LANG PATH PWD TMPDIR ");
  assert.equal(result.stderr, "no");
  assert.deepEqual([result.timedOut, result.killed, result.overflowed], [false, false, false]);
});

Deno.test("run() throws unavailable with the package's name when the program is missing", async () => {
  await assert.rejects(run("akashi-no-such-tool", [], OPTIONS), (error: AppError) => {
    assert.equal(error.code, "unavailable");
    assert.match(error.message, /install the package akashi-no-such-tool/);
    return true;
  });
});

Deno.test("run() ends a process and its children when the time is up", async () => {
  const started = Date.now();
  const result = await sh("sleep 77 & echo $!; exec sleep 77", { wallMs: 1000 });
  assert.equal(result.timedOut, true);
  assert.ok(Date.now() - started < 8000);
  assert.equal(await isAlive(Number(result.stdout)), false);
});

Deno.test("run() kills a process that ignores SIGTERM within a second of an abort", async () => {
  const controller = new AbortController();
  let child = 0;
  let aborted = 0;
  const result = await sh("trap '' TERM; sleep 78 & echo $!; while :; do sleep 1; done", {
    signal: controller.signal,
    onLine: (line) => {
      child = Number(line);
      aborted = Date.now();
      controller.abort();
    },
  });
  assert.equal(result.killed, true);
  assert.ok(Date.now() - aborted < 5000, `${Date.now() - aborted} ms`);
  assert.equal(await isAlive(child), false);
  assert.equal((await sh("echo never", { signal: controller.signal })).stdout, "");
});

Deno.test("run() does not wait for a grandchild that holds its pipes", async () => {
  const started = Date.now();
  const result = await sh("sleep 79 & echo done");
  assert.equal(result.stdout, "done\n");
  assert.ok(Date.now() - started < 8000);
});

Deno.test("run() ends a process that prints too much and keeps the end of its stderr", async () => {
  const result = await sh("yes", { outputBytes: 100_000 });
  assert.equal(result.overflowed, true);
  assert.ok(result.stdout.length <= 100_000);
  const talker = await sh("yes | head -c 100000 >&2; echo last >&2");
  assert.ok(talker.stderr.endsWith("last") && talker.stderr.length <= 16 * 1024);
});

Deno.test("run() passes lines on as they arrive and rethrows what onLine throws", async () => {
  const lines: string[] = [];
  await sh("printf 'one\\ntwo\\rthree'", { onLine: (line) => lines.push(line) });
  assert.deepEqual(lines, ["one", "two", "three"]);
  const refuse = () => {
    throw new Error("no more");
  };
  await assert.rejects(sh("echo a; sleep 80", { onLine: refuse }), /no more/);
});

Deno.test({
  name: "run() holds a process to memory, processor time, file size and priority",
  ignore: !confinement.prlimit,
  fn: async () => {
    const limits = { memoryBytes: 64 * 2 ** 20, cpuSeconds: 5, fileBytes: 4096, niceness: 7 };
    const { stdout } = await sh("ulimit -d; ulimit -t; ulimit -f; ulimit -c; nice", limits);
    assert.deepEqual(stdout.trim().split("\n"), ["65536", "5", "8", "0", "7"]);
    assert.notEqual((await sh("head -c 100000 /dev/zero > big", limits)).code, 0);
    assert.equal((await Deno.stat(`${OPTIONS.cwd}/big`)).size, 4096);
  },
});

Deno.test({
  name: "run() gives a confined process no network",
  ignore: !confinement.network,
  fn: async () => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    let connections = 0;
    const serving = (async () => {
      for await (const connection of listener) {
        connections++;
        connection.close();
      }
    })();
    const url = `http://127.0.0.1:${listener.addr.port}/`;
    const fetcher = ["eval", "--quiet", `await fetch("${url}")`];
    const home = { HOME: OPTIONS.cwd, NO_COLOR: "1" };
    const allowedFiles = { read: [], write: [OPTIONS.cwd] };
    const confined = await run(Deno.execPath(), fetcher, { ...OPTIONS, env: home, allowedFiles });
    assert.notEqual(confined.code, 0);
    assert.equal(connections, 0);
    await run(Deno.execPath(), fetcher, { ...OPTIONS, env: home });
    assert.equal(connections, 1);
    listener.close();
    await serving;
  },
});

Deno.test({
  name: "run() takes the privileges of a confined process",
  ignore: Deno.uid() !== 0 || !confinement.privileges,
  fn: async () => {
    const { stdout } = await sh("grep CapEff /proc/self/status", {
      allowedFiles: { read: [], write: [OPTIONS.cwd] },
    });
    assert.match(stdout, /CapEff:\s+0+4$/m);
  },
});

Deno.test({
  name: "run() shows a confined process its own files only",
  ignore: !confinement.landlock,
  fn: async () => {
    const secret = await Deno.makeTempFile();
    const allowedFiles = { read: [], write: [OPTIONS.cwd] };
    assert.notEqual((await sh(`cat ${secret}`, { allowedFiles })).code, 0);
    assert.equal((await sh(`cat ${secret}`, { allowedFiles: { ...allowedFiles, read: [secret] } })).code, 0);
    assert.equal((await sh("echo x > mine && cat mine", { allowedFiles })).stdout, "x\n");
    await Deno.remove(secret);
  },
});

Deno.test({
  name: "run() leaves nothing running when the process that started it is killed",
  ignore: !confinement.privileges,
  fn: async () => {
    const module = new URL("../../../../lib/platform/process/process.ts", import.meta.url).href;
    const script = `const { run } = await import("${module}");
      await run("sh", ["-c", "echo $$; exec sleep 81"], { cwd: "/tmp", wallMs: 90000, onLine: console.log });`;
    const controller = new AbortController();
    let grandchild = 0;
    const child = new URL("starter.ts", `file://${OPTIONS.cwd}/`).pathname;
    await Deno.writeTextFile(child, script);
    const config = new URL("../../../../deno.json", import.meta.url).pathname;
    // Only the parent is killed, by its pid; its child is in another process group.
    await sh(
      `"$DENO" run -A --quiet --config "${config}" "${child}" & wait $!`,
      {
        env: { DENO: Deno.execPath(), HOME: OPTIONS.cwd },
        wallMs: 60_000,
        signal: controller.signal,
        onLine: (line) => {
          grandchild = Number(line);
          Deno.kill(parentOf(grandchild), "SIGKILL");
        },
      },
    );
    assert.ok(grandchild > 0);
    assert.equal(await isAlive(grandchild), false);
  },
});

Deno.test("detectConfinement() falls back to what works, or to nothing", async () => {
  const tools = { unshare: "/u", setpriv: "/s", prlimit: "/p", nice: "/n", true: "/t" };
  const everything = await detectConfinement(tools, () => Promise.resolve(true));
  assert.deepEqual(everything.network, ["/u", "--net"]);
  assert.equal(everything.landlock, true);
  const unprivileged = await detectConfinement(
    tools,
    (command) =>
      Promise.resolve(
        !command.some((word) => word.startsWith("--bounding-set")) && command[1] !== "--net" &&
          !command.includes("fs"),
      ),
  );
  assert.deepEqual(unprivileged.network, ["/u", "-r", "--net"]);
  assert.deepEqual(unprivileged.privileges, ["/s", "--pdeathsig", "KILL", "--no-new-privs"]);
  assert.equal(unprivileged.landlock, false);
  const nothing = await detectConfinement({}, () => Promise.resolve(true));
  assert.deepEqual(wrapperCommand(nothing, { memoryBytes: 1, niceness: 5 }, { read: [], write: [] }), []);
});

Deno.test("findTool() answers absolute paths", async () => {
  assert.match(await findTool("sh"), /^\/.*\/sh$/);
  assert.equal(await findTool("/bin/whatever"), "/bin/whatever");
});

async function isAlive(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 200; tries++) {
    if (!isRunning(pid)) return false;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return true;
}

/** A zombie that its new parent has not reaped yet counts as ended. */
function isRunning(pid: number): boolean {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/stat`).split(") ")[1]![0] !== "Z";
  } catch {
    return false;
  }
}

function parentOf(pid: number): number {
  return Number(Deno.readTextFileSync(`/proc/${pid}/stat`).split(") ")[1]!.split(" ")[1]);
}
