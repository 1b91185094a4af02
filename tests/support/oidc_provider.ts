// Starts the real OpenID provider of `oidc_provider_process.ts`.
import { startProcess } from "./processes.ts";
import { until } from "./until.ts";

export interface ProviderClient {
  client_id: string;
  client_secret: string;
  redirect_uris: string[];
}

export interface RunningProvider {
  /** Sets the claims of a person for later sign-ins. */
  tell(name: string, claims: Record<string, unknown>): Promise<void>;
  stop(): Promise<void>;
}

/** Reserves a free port until it is released. */
export function holdPort(): { port: number; release(): void } {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  return { port: listener.addr.port, release: () => listener.close() };
}

/** Its issuer is `http://localhost:<port>`: a different site from the servers under test, which are at 127.0.0.1. */
export async function startOidcProvider(port: number, clients: ProviderClient[]): Promise<RunningProvider> {
  const script = new URL("./oidc_provider_process.ts", import.meta.url);
  const child = startProcess(script, {}, [String(port), JSON.stringify(clients)]);
  await until("the provider listens", () => Promise.resolve(child.output().includes("listening")), 30_000)
    .catch((error) => {
      throw new Error(child.output(), { cause: error });
    });
  return {
    tell: async (name, claims) => {
      const address = `http://127.0.0.1:${port}/people/${name}`;
      await (await fetch(address, { method: "PUT", body: JSON.stringify(claims) })).body?.cancel();
    },
    stop: async () => {
      child.kill("SIGTERM");
      await child.ended;
    },
  };
}
