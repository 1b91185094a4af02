// A signed-in HTTP client of any Akashi, local or remote, for the tools in this folder.
import { parseArgs } from "node:util";
import { ConfigError, loadConfig, publicUrl } from "../../lib/platform/config.ts";
import { errorMessage } from "../../lib/platform/errors.ts";

export interface Client {
  url: string;
  /** Sends a request with the session; signs in again when it has expired. Throws when access is denied. */
  send(path: string, init?: RequestInit): Promise<Response>;
  json<T>(path: string, init?: RequestInit): Promise<T>;
  /** Reads `/metrics`, with METRICS_TOKEN when it is known and the account may not read them. */
  metrics(): Promise<Response>;
}

export const CLIENT_FLAGS = {
  url: { type: "string" },
  token: { type: "string" },
  "token-file": { type: "string" },
  email: { type: "string" },
  password: { type: "string" },
} as const;

export type Flags = Partial<Record<string, string | boolean>>;

/**
 * Parses the flags of a tool together with the common ones (URL and credentials). Exits with `usage` on an unknown one.
 */
export function readFlags(own: Record<string, { type: "string" | "boolean" }>, usage: string): Flags {
  try {
    return parseArgs({ args: Deno.args, options: { ...CLIENT_FLAGS, ...own } }).values as Flags;
  } catch (error) {
    console.error(`${errorMessage(error)}\n${usage}`);
    Deno.exit(2);
  }
}

/**
 * Signs in by `--token` or `--token-file` (an API key or access token), or by `--email` and `--password`. Defaults come
 * from the environment (PUBLIC_URL or PORT, AKASHI_KEY, AKASHI_ADMIN_EMAIL, AKASHI_ADMIN_PASSWORD); a missing password
 * is prompted for.
 */
export async function openClient(flags: Flags): Promise<Client> {
  const config = loadConfig();
  const url = String(flags.url ?? publicUrl(config)).replace(/\/+$/, "");
  const file = flags["token-file"];
  const key = flags.token ?? (flags.email ? undefined : config.AKASHI_KEY);
  const given = file ? (await Deno.readTextFile(String(file))).trim() : key;
  const email = String(flags.email ?? config.AKASHI_ADMIN_EMAIL ?? "admin@akashi.local");
  let password = (flags.password ?? config.AKASHI_ADMIN_PASSWORD) as string | undefined;
  let token = given as string | undefined;

  async function signIn(): Promise<void> {
    if (given) throw new Error(`${url} refuses the token`);
    password ??= await readGenerated(config.AKASHI_DATA_DIR, email) ?? askPassword(email);
    const response = await fetch(`${url}/api/v1/auth/login`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ email, password }),
    });
    const body = await response.json();
    if (!response.ok) {
      throw new Error(`${url} refused to sign in ${email}: ${body.detail ?? response.status}`);
    }
    token = body.access_token;
  }

  async function send(path: string, init: RequestInit = {}): Promise<Response> {
    const ask = () =>
      fetch(url + path, { ...init, headers: { ...init.headers, Authorization: `Bearer ${token}` } });
    if (!token) await signIn();
    const response = await ask();
    if (response.status !== 401) return response;
    await response.body?.cancel();
    await signIn();
    return await ask();
  }

  async function json<T>(path: string, init?: RequestInit): Promise<T> {
    const response = await send(path, init);
    const body = await response.json();
    if (!response.ok && !path.startsWith("/api/v1/health")) {
      throw new Error(body.detail ?? response.statusText);
    }
    return body;
  }

  async function metrics(): Promise<Response> {
    const response = await send("/metrics");
    if (response.status !== 403 || !config.METRICS_TOKEN) return response;
    await response.body?.cancel();
    return await fetch(`${url}/metrics`, { headers: { Authorization: `Bearer ${config.METRICS_TOKEN}` } });
  }

  return { url, send, json, metrics };
}

/** Runs a tool; an error is printed in one line. */
export async function runTool(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    const lead = error instanceof ConfigError ? "Invalid configuration:\n" : "";
    console.error(lead + errorMessage(error));
    Deno.exit(1);
  }
}

/** Reads the password that the first start in development generated. */
async function readGenerated(folder: string, email: string): Promise<string | undefined> {
  const text = await Deno.readTextFile(`${folder}/first-administrator.txt`).catch(() => "");
  const [name, password] = text.split("\n");
  return name === email ? password : undefined;
}

function askPassword(email: string): string {
  if (!Deno.stdin.isTerminal()) throw new Error("Cannot prompt for a password: give --password or --token.");
  return prompt(`Password of ${email}:`) ?? "";
}
