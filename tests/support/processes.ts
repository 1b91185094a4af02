// Akashi's own processes as an operator starts them, for tests that end them.
import { type Config, CONFIG_KEYS } from "../../lib/platform/config.ts";

export interface Child {
  pid: number;
  /** Everything that it wrote so far. */
  output(): string;
  kill(signal: Deno.Signal): void;
  /** Exit code, or the signal that ended it. */
  ended: Promise<number | string>;
}

/** Starts `deno run -A <words> <script> <args>` under the settings of `config` and of `others`, which are not Akashi's. */
export function startProcess(
  script: URL,
  config: Partial<Config>,
  args: string[] = [],
  others: Record<string, string> = {},
  words: string[] = [],
): Child {
  const settings = CONFIG_KEYS.map((key) => [key, config[key as keyof Config]])
    .filter(([, value]) => value !== undefined).map(([key, value]) => [key, String(value)]);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", ...words, script.href, ...args],
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

/** What a process needs besides Akashi's settings: where programs and Deno's cache are. */
function keptEnvironment(): Record<string, string> {
  const kept = ["PATH", "HOME", "DENO_DIR", "TMPDIR", "XDG_CACHE_HOME"];
  return Object.fromEntries(kept.flatMap((key) => Deno.env.has(key) ? [[key, Deno.env.get(key)!]] : []));
}

/** The script that starts and stops the real servers, where a test may do so. */
export const SERVICES = Deno.env.get("AKASHI_TEST_SERVICES");

/** `service("kill", "rabbitmq")`. Everybody on those servers feels it: start again what was stopped at once. */
export async function service(verb: "kill" | "stop" | "start", name: string): Promise<void> {
  // A server that was killed may still hold its memory or port for a moment.
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
