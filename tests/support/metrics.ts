import { printMetrics } from "../../lib/platform/observe/metrics.ts";

/** Values of a metric of this process, by its labels as printed (`""` without labels). */
export async function readMetric(name: string): Promise<Record<string, number>> {
  const { body } = await printMetrics();
  const lines = [...body.matchAll(new RegExp(`^akashi_${name}(?:\\{(.*)\\})? (\\S+)$`, "gm"))];
  return Object.fromEntries(
    lines.map(([, labels = "", value]) => [labels, Number(value!.replace("Inf", "Infinity"))]),
  );
}
