// A whole Akashi on embedded parts, server and worker in one process of its own, for tests that harm that process.
import assert from "node:assert/strict";
import { loadConfig } from "../../lib/platform/config.ts";
import { copyFolder, embeddedTemplate } from "./database_template.ts";
import { type Child, startProcess } from "./processes.ts";
import { type Client, clientFor } from "./server.ts";
import { until } from "./until.ts";

const AKASHI = new URL("../../infra/dev.ts", import.meta.url);
const ACCOUNT = { email: "admin@example.org", password: "correct horse battery staple" };

export interface Akashi extends AsyncDisposable {
  child: Child;
  url: string;
  /** Its AKASHI_DATA_DIR. */
  folder: string;
  /** Signs the administrator in. */
  signIn(): Promise<Client>;
}

interface AkashiOptions {
  folder?: string;
  settings?: Record<string, string>;
  /** Environment variables that are no settings. */
  variables?: Record<string, string>;
  logFile?: string;
}

/** Starts it on `folder`, with an empty database unless there is one, and waits until it is ready. */
export async function startAkashi(
  { settings, variables, logFile, ...options }: AkashiOptions = {},
): Promise<Akashi> {
  const folder = options.folder ?? await Deno.makeTempDir({ prefix: "akashi-test-" });
  const hasDatabase = await Deno.stat(`${folder}/db/PG_VERSION`).catch(() => null);
  if (!hasDatabase) await copyFolder(await embeddedTemplate(), `${folder}/db`);
  const port = freePort();
  const config = loadConfig({
    APP_ENV: "test",
    HOST: "127.0.0.1",
    PORT: String(port),
    AKASHI_DATA_DIR: folder,
    AKASHI_ADMIN_EMAIL: ACCOUNT.email,
    AKASHI_ADMIN_PASSWORD: ACCOUNT.password,
    ...settings,
  });
  const child = startProcess(AKASHI, config, [], variables, [], logFile);
  const url = `http://127.0.0.1:${port}`;
  const isReady = () => fetch(`${url}/readyz`).then((response) => response.text(), () => "");
  await until("it runs", isReady, 60_000).catch((error) =>
    assert.fail(`${error.message}\n${child.output()}`)
  );
  return {
    child,
    url,
    folder,
    async signIn() {
      const response = await fetch(`${url}/api/v1/auth/login`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(ACCOUNT),
      });
      assert.equal(response.status, 200, await response.clone().text());
      return clientFor(url, (await response.json()).access_token);
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGINT");
      assert.equal(await child.ended, 0, child.output());
      if (!options.folder) await Deno.remove(folder, { recursive: true });
    },
  };
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}
