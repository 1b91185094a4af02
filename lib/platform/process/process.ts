// Other programs, started, limited and ended here and nowhere else.
import {
  confinedWords,
  type Confinement,
  detectConfinement,
  type Limits,
  type Reach,
  type Tools,
} from "./confinement.ts";
import { AppError } from "../errors.ts";
import type { Log } from "../observe/log.ts";

export interface ProcessOptions extends Limits {
  /** Also HOME and TMPDIR of the process, which gets a bare environment. */
  cwd: string;
  env?: Record<string, string>;
  /** After this many milliseconds the process group is killed and the result says `timedOut`. */
  wallMs: number;
  /** Standard output beyond this many bytes ends the process (default 1 MiB). Not counted when `onLine` takes it. */
  outputBytes?: number;
  signal?: AbortSignal;
  /** Takes each line of standard output, which then is not kept. */
  onLine?: (line: string) => void;
  /** For what reads strange files: no network, no privileges and, where the system can, these files only. */
  reach?: Reach;
}

export interface ProcessResult {
  code: number;
  stdout: string;
  /** The last 16 KiB. */
  stderr: string;
  timedOut: boolean;
  /** Ended because `signal` was aborted. */
  killed: boolean;
  /** Ended because it said more than `outputBytes`. */
  overflowed: boolean;
}

const STDERR_BYTES = 16 * 1024;
const LINE_BYTES = 64 * 1024;
/** From the polite signal to the other one; an aborted process is gone within a second. */
const GRACE_MS = 500;
const PACKAGES: Record<string, string> = { ffmpeg: "ffmpeg", ffprobe: "ffmpeg" };

const toolPaths = new Map<string, string>();
let detected: Promise<Confinement> | undefined;

/**
 * Runs a program to its end in a process group of its own and answers how it went; a bad exit, a limit and an abort are
 * results, not throws. Standard input is empty. The whole group is ended by the wall limit (`timedOut`), by `signal`
 * (`killed`) and by too much output; on Linux also when this process dies.
 * Throws unavailable, naming the package, when the program is not installed.
 */
export async function run(command: string, args: string[], options: ProcessOptions): Promise<ProcessResult> {
  const path = await findTool(command);
  const confinement = await getConfinement();
  const reach = options.reach && { ...options.reach, read: [path, ...options.reach.read] };
  const [program, ...words] = [...confinedWords(confinement, options, reach), path, ...args];
  return await supervise(program!, words, options);
}

/** The absolute path of a program. Throws unavailable, naming the package, when it is not installed. */
export async function findTool(name: string): Promise<string> {
  if (name.startsWith("/")) return name;
  const known = toolPaths.get(name);
  if (known) return known;
  const script = 'command -v -- "$1"';
  const { stdout } = await new Deno.Command("/bin/sh", { args: ["-c", script, "sh", name], stderr: "null" })
    .output();
  const path = new TextDecoder().decode(stdout).trim();
  if (!path.startsWith("/")) {
    throw new AppError(
      "unavailable",
      `${name} is not installed: install the package ${PACKAGES[name] ?? name}`,
    );
  }
  toolPaths.set(name, path);
  return path;
}

/** What holds parsers of strange files on this system; found out once. */
export function getConfinement(): Promise<Confinement> {
  return detected ??= findTools().then((tools) => detectConfinement(tools, works));
}

/** Says once in the log what holds parsers here, so that an operator sees what is missing. For the start of a worker. */
export async function logConfinement(log: Log): Promise<void> {
  const { network, privileges, landlock, prlimit } = await getConfinement();
  const fields = {
    network: network !== null,
    privileges: privileges !== null,
    landlock,
    limits: prlimit !== null,
  };
  const isWeak = !network || !privileges || !prlimit;
  log[isWeak ? "warn" : "info"]("process.confinement", fields);
}

async function supervise(program: string, args: string[], options: ProcessOptions): Promise<ProcessResult> {
  const ended = { timedOut: false, killed: options.signal?.aborted ?? false, overflowed: false };
  if (ended.killed) return { code: -1, stdout: "", stderr: "", ...ended };
  const child = new Deno.Command(program, {
    args,
    cwd: options.cwd,
    clearEnv: true,
    env: bareEnvironment(options),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    detached: true,
  }).spawn();
  const killers: ReturnType<typeof setTimeout>[] = [];
  const end = (why: keyof typeof ended) => {
    if (Object.values(ended).includes(true)) return;
    ended[why] = true;
    signalGroup(child.pid, "SIGTERM");
    killers.push(setTimeout(() => signalGroup(child.pid, "SIGKILL"), GRACE_MS));
  };
  const onAbort = () => end("killed");
  options.signal?.addEventListener("abort", onAbort, { once: true });
  killers.push(setTimeout(() => end("timedOut"), options.wallMs));
  const stdout = options.onLine
    ? readLines(child.stdout, options.onLine).then(() => "")
    : readHead(child.stdout, options.outputBytes ?? 2 ** 20, () => end("overflowed"));
  const outputs = Promise.all([stdout, readTail(child.stderr, STDERR_BYTES)]);
  // A throw of `onLine` ends the process and comes out below.
  outputs.catch(() => signalGroup(child.pid, "SIGKILL"));
  try {
    const { code } = await child.status;
    // Children of the child may live on and hold the pipes.
    signalGroup(child.pid, "SIGKILL");
    const [text, lastWords] = await outputs;
    return { code, stdout: text, stderr: lastWords, ...ended };
  } finally {
    killers.forEach((timer) => clearTimeout(timer));
    options.signal?.removeEventListener("abort", onAbort);
  }
}

function bareEnvironment({ cwd, env }: ProcessOptions): Record<string, string> {
  return { PATH: "/usr/local/bin:/usr/bin:/bin", LANG: "C.UTF-8", HOME: cwd, TMPDIR: cwd, ...env };
}

function signalGroup(pid: number, signal: Deno.Signal): void {
  try {
    Deno.kill(-pid, signal);
  } catch (error) {
    // Nobody of the group is left; or, on macOS, only the dead whom nobody has waited for yet.
    if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied)) {
      throw error;
    }
  }
}

async function readHead(
  stream: ReadableStream<Uint8Array>,
  limit: number,
  onOverflow: () => void,
): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.byteLength;
    if (bytes > limit) onOverflow();
    else text += decoder.decode(chunk, { stream: true });
  }
  return text;
}

async function readTail(stream: ReadableStream<Uint8Array>, limit: number): Promise<string> {
  let tail = new Uint8Array();
  for await (const chunk of stream) {
    const joined = new Uint8Array(tail.byteLength + chunk.byteLength);
    joined.set(tail);
    joined.set(chunk, tail.byteLength);
    tail = joined.subarray(Math.max(0, joined.byteLength - limit));
  }
  return new TextDecoder().decode(tail).trim();
}

async function readLines(stream: ReadableStream<Uint8Array>, onLine: (line: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r\n|\n|\r/);
    rest = lines.pop()!.slice(-LINE_BYTES);
    for (const line of lines) onLine(line);
  }
  if (rest) onLine(rest);
}

async function findTools(): Promise<Tools> {
  const tools: Tools = {};
  if (Deno.build.os !== "linux") return { nice: await findTool("nice").catch(() => undefined) };
  for (const name of ["unshare", "setpriv", "prlimit", "nice", "true"] as const) {
    tools[name] = await findTool(name).catch(() => undefined);
  }
  return tools;
}

async function works([program, ...args]: string[]): Promise<boolean> {
  return (await supervise(program!, args, { cwd: "/", wallMs: 5000 })).code === 0;
}
