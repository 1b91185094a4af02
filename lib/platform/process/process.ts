// Runs other programs with limits. The only user of `Deno.Command`.
import {
  type AllowedFiles,
  type Confinement,
  detectConfinement,
  type Limits,
  type Tools,
  wrapperCommand,
} from "./confinement.ts";
import { processError } from "./reasons.ts";
import type { Log } from "../observe/log.ts";

export interface ProcessOptions extends Limits {
  /** Working directory, also HOME and TMPDIR. The process gets a minimal environment. */
  cwd: string;
  env?: Record<string, string>;
  /** Wall-clock limit in milliseconds; then the process group is killed and the result says `timedOut`. */
  wallMs: number;
  /** Limit of standard output in bytes (default 1 MiB); more ends the process. Does not apply with `onLine`. */
  outputBytes?: number;
  signal?: AbortSignal;
  /** Called with each line of standard output, which is then not kept. */
  onLine?: (line: string) => void;
  /**
   * Confines a process that reads untrusted files: no network, no privileges and, where supported, access to these
   * files only.
   */
  allowedFiles?: AllowedFiles;
}

export interface ProcessResult {
  code: number;
  stdout: string;
  /** The last 16 KiB. */
  stderr: string;
  timedOut: boolean;
  /** Ended because `signal` was aborted. */
  killed: boolean;
  /** Ended because standard output exceeded `outputBytes`. */
  overflowed: boolean;
}

const STDERR_BYTES = 16 * 1024;
const LINE_BYTES = 64 * 1024;
/** Time between SIGTERM and SIGKILL; an aborted process is gone within a second. */
const GRACE_MS = 500;
const PACKAGES: Record<string, string> = { ffmpeg: "ffmpeg", ffprobe: "ffmpeg" };

const toolPaths = new Map<string, string>();
let detected: Promise<Confinement> | undefined;

/**
 * Runs a program in its own process group until it ends. A bad exit code, an exceeded limit and an abort are results,
 * not exceptions. Standard input is empty. The whole group is killed at the wall-clock limit (`timedOut`), on `signal`
 * (`killed`) and on too much output (`overflowed`); on Linux also when this process dies.
 * Throws `unavailable`, naming the package, when the program is not installed.
 */
export async function run(command: string, args: string[], options: ProcessOptions): Promise<ProcessResult> {
  const path = await findTool(command);
  const confinement = await getConfinement();
  const allowedFiles = options.allowedFiles &&
    { ...options.allowedFiles, read: [path, ...options.allowedFiles.read] };
  const [program, ...programArgs] = [...wrapperCommand(confinement, options, allowedFiles), path, ...args];
  return await supervise(program!, programArgs, options);
}

/** The absolute path of a program. Throws `unavailable`, naming the package, when it is not installed. */
export async function findTool(name: string): Promise<string> {
  if (name.startsWith("/")) return name;
  const known = toolPaths.get(name);
  if (known) return known;
  const script = 'command -v -- "$1"';
  const { stdout } = await new Deno.Command("/bin/sh", { args: ["-c", script, "sh", name], stderr: "null" })
    .output();
  const path = new TextDecoder().decode(stdout).trim();
  if (!path.startsWith("/")) {
    throw processError("not_installed", { program: name, package: PACKAGES[name] ?? name });
  }
  toolPaths.set(name, path);
  return path;
}

/** The sandbox that this system supports for parsers of untrusted files; detected once. */
export function getConfinement(): Promise<Confinement> {
  return detected ??= findTools().then((tools) => detectConfinement(tools, works));
}

/** Logs the available confinement at worker start, so that an operator sees what is missing. */
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
  // An exception from `onLine` kills the process; `await outputs` below rethrows it.
  outputs.catch(() => signalGroup(child.pid, "SIGKILL"));
  try {
    const { code } = await child.status;
    // Descendants may still run and hold the pipes open.
    signalGroup(child.pid, "SIGKILL");
    const [text, errors] = await outputs;
    return { code, stdout: text, stderr: errors, ...ended };
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
    // The group is empty or, on macOS, contains only zombies that have not been reaped yet.
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
