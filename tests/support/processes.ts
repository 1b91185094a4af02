// Akashi's processes as an operator starts them, for tests that end them.
import { type Config, CONFIG_KEYS } from "../../lib/platform/config.ts";

export interface Child {
  pid: number;
  /** Everything written to stdout and stderr so far. */
  output(): string;
  kill(signal: Deno.Signal): void;
  /** The exit code, or the signal that ended the process. */
  ended: Promise<number | string>;
}

/**
 * Starts `deno run -A <words> <script> <args>` with the settings of `config` and the other variables of `others`; its
 * log goes to `logFile` when one is given.
 */
export function startProcess(
  script: URL,
  config: Partial<Config>,
  args: string[] = [],
  others: Record<string, string> = {},
  words: string[] = [],
  logFile?: string,
): Child {
  const settings = CONFIG_KEYS.map((key) => [key, config[key as keyof Config]])
    .filter(([, value]) => value !== undefined).map(([key, value]) => [key, String(value)]);
  const command = [Deno.execPath(), "run", "-A", "--no-check", ...words, script.href, ...args];
  const redirected = ["sh", "-c", 'exec "$@" >"$0"', logFile ?? "", ...command];
  const [program, ...rest] = logFile ? redirected : command;
  const child = new Deno.Command(program!, {
    args: rest,
    clearEnv: true,
    env: { ...keptEnvironment(), ...others, ...Object.fromEntries(settings) },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let text = "";
  const collect = async (stream: ReadableStream<Uint8Array>) => {
    for await (
      const chunk of stream.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
    ) {
      text += chunk;
    }
  };
  const collected = Promise.all([collect(child.stdout), collect(child.stderr)]);
  return {
    pid: child.pid,
    output: () => text,
    kill: (signal) => child.kill(signal),
    ended: Promise.all([child.status, collected]).then(([status]) => status.signal ?? status.code),
  };
}

/** Variables that a process needs besides Akashi's settings: the paths of programs and of Deno's cache. */
function keptEnvironment(): Record<string, string> {
  const kept = ["PATH", "HOME", "DENO_DIR", "TMPDIR", "XDG_CACHE_HOME"];
  return Object.fromEntries(kept.flatMap((key) => Deno.env.has(key) ? [[key, Deno.env.get(key)!]] : []));
}

/** The script that starts and stops the real servers, when tests may use it. */
export const SERVICES = Deno.env.get("AKASHI_TEST_SERVICES");

/** `service("kill", "rabbitmq")`. The servers are shared: start again at once what was stopped. */
export async function service(verb: "kill" | "stop" | "start", name: string): Promise<void> {
  // A killed server may keep its memory or port for a moment.
  for (let tries = 1;; tries++) {
    const { success, stderr } = await new Deno.Command(SERVICES!, { args: [verb, name], stderr: "piped" })
      .output();
    if (success) return;
    if (verb !== "start" || tries === 15) {
      throw new Error(`${verb} ${name}: ${new TextDecoder().decode(stderr)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}

/**
 * Stops these processes and their children in the middle of whatever they do, as on a machine that hangs. Answers the
 * function that lets them go on.
 */
export async function freeze(pid: number): Promise<() => void> {
  const pids = await withChildren(pid);
  const send = (signal: Deno.Signal) => {
    for (const each of pids) {
      try {
        Deno.kill(each, signal);
      } catch { /* It has ended. */ }
    }
  };
  send("SIGSTOP");
  return () => send("SIGCONT");
}

async function withChildren(pid: number): Promise<number[]> {
  const text = await Deno.readTextFile(`/proc/${pid}/task/${pid}/children`).catch(() => "");
  const children = text.split(" ").filter(Boolean).map(Number);
  return [pid, ...(await Promise.all(children.map(withChildren))).flat()];
}

/** The process that listens on this TCP port of this machine. */
export async function findListener(port: number): Promise<number> {
  const local = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const sockets = (await Deno.readTextFile("/proc/net/tcp")).split("\n").map((line) =>
    line.trim().split(/\s+/)
  );
  // proc(5): number, local address, remote address, state (0A is listening), …, inode.
  const inode = sockets.find(([, address, , state]) => address?.endsWith(local) && state === "0A")?.[9];
  for await (const { name } of Deno.readDir("/proc")) {
    if (/^\d+$/.test(name) && await hasOpen(name, `socket:[${inode}]`)) return Number(name);
  }
  throw new Error(`Nothing listens on port ${port}.`);
}

async function hasOpen(pid: string, link: string): Promise<boolean> {
  try {
    for await (const { name } of Deno.readDir(`/proc/${pid}/fd`)) {
      if (await Deno.readLink(`/proc/${pid}/fd/${name}`).catch(() => "") === link) return true;
    }
  } catch { /* It has ended, or belongs to another account. */ }
  return false;
}
