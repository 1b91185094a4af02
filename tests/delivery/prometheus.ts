// A real Prometheus with the rules of infra/prometheus, but scraping every second and with all `for` durations shortened to 1 s.
import { loadConfig } from "../../lib/platform/config.ts";

const IMAGE = "prom/prometheus:v3.5.3";
const FOLDER = new URL("../../infra/prometheus/", import.meta.url);

export interface Alert {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  state: "pending" | "firing";
}

export interface Prometheus {
  alerts(): Promise<Alert[]>;
  /** The number of series that an expression returns; throws when it cannot be parsed. */
  count(expr: string): Promise<number>;
  stop(): Promise<void>;
}

/** Starts Prometheus in a container on the host network, scraping a server, a worker and the broker. */
export async function startPrometheus(
  ports: { server: number; worker: number; own: number },
): Promise<Prometheus> {
  const folder = await Deno.makeTempDir({ prefix: "akashi-prometheus-" });
  await Deno.chmod(folder, 0o755);
  for (const name of ["akashi", "slo"]) {
    const rules = await Deno.readTextFile(new URL(`rules/${name}.yml`, FOLDER));
    await Deno.writeTextFile(`${folder}/${name}.yml`, rules.replaceAll(/for: \d+m/g, "for: 1s"));
  }
  const broker = `${new URL(loadConfig().AMQP_URL!).hostname}:15692`;
  const targets = (target: string) => [{ targets: [target] }];
  const scrape_configs = [
    { job_name: "server", static_configs: targets(`127.0.0.1:${ports.server}`) },
    { job_name: "worker", static_configs: targets(`127.0.0.1:${ports.worker}`) },
    { job_name: "rabbitmq", static_configs: targets(broker) },
    {
      job_name: "rabbitmq_queues",
      metrics_path: "/metrics/detailed",
      params: { family: ["queue_coarse_metrics"] },
      static_configs: targets(broker),
    },
  ];
  const global = { scrape_interval: "1s", scrape_timeout: "1s", evaluation_interval: "1s" };
  // Rule files by name only, because they are beside the configuration. JSON is valid YAML.
  const config = { global, rule_files: ["akashi.yml", "slo.yml"], scrape_configs };
  await Deno.writeTextFile(`${folder}/prometheus.yml`, JSON.stringify(config));
  const container = await docker([
    "run",
    "--rm",
    "--detach",
    "--network",
    "host",
    "--volume",
    `${folder}:/etc/prometheus:ro`,
    IMAGE,
    "--config.file=/etc/prometheus/prometheus.yml",
    `--web.listen-address=127.0.0.1:${ports.own}`,
    "--storage.tsdb.path=/tmp/prometheus",
  ]);
  const ask = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${ports.own}/api/v1/${path}`);
    const { data, error } = await response.json();
    if (!response.ok) throw new Error(error);
    return data;
  };
  return {
    alerts: async () => (await ask("alerts")).alerts,
    count: async (expr) => (await ask(`query?query=${encodeURIComponent(expr)}`)).result.length,
    stop: async () => {
      await docker(["rm", "--force", container]);
      await Deno.remove(folder, { recursive: true });
    },
  };
}

async function docker(args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("docker", { args }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim();
}
