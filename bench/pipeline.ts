// From the last uploaded byte of a minute of full HD to a playable asset, against only decoding it.
import { makeVideo } from "../tests/support/media.ts";
import { type Client, openTestServer } from "../tests/support/server.ts";
import { type Row, timed } from "./rows.ts";

const SECONDS = 60;
const LIMIT_MS = 110_000;
const POLL_MS = 200;

/** Duration from upload to a playable asset. */
export async function measurePipeline(): Promise<Row[]> {
  const server = await openTestServer({ worker: true });
  try {
    const path = `${server.config.AKASHI_DATA_DIR}/minute.mp4`;
    await makeVideo(path, { seconds: SECONDS, size: "1920x1080" });
    const decode = await timed(() => decodeOnly(path)) / 1000;
    const client = await server.client();
    let id = "";
    const whole = await timed(async () => {
      id = await ingest(client, path);
      await untilAvailable(client, id);
    }) / 1000;
    const proxy = await proxySeconds(client, id);
    return [
      {
        measure: `${SECONDS} s of 1080p, ingest → available`,
        value: whole,
        unit: "s",
        against: { what: "only decoding", value: decode },
      },
      {
        measure: "  of which the proxy job",
        value: proxy,
        unit: "s",
        against: { what: "the whole", value: whole },
      },
    ];
  } finally {
    await server.close();
  }
}

async function decodeOnly(path: string): Promise<void> {
  const args = ["-v", "error", "-nostdin", "-i", path, "-f", "null", "-"];
  const { success, stderr } = await new Deno.Command("ffmpeg", { args }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

async function ingest(client: Client, path: string): Promise<string> {
  using file = await Deno.open(path);
  const response = await client.fetch("/api/v1/ingest/minute.mp4", { method: "PUT", body: file.readable });
  const answer = await response.json();
  if (response.status !== 201) throw new Error(`Ingest: ${response.status} ${JSON.stringify(answer)}`);
  return answer.asset_id;
}

async function untilAvailable(client: Client, id: string): Promise<void> {
  const deadline = Date.now() + LIMIT_MS;
  for (;;) {
    const { status, failure_reason } = await client.json("GET", `/api/v1/assets/${id}`);
    if (status === "available") return;
    if (status === "failed") throw new Error(`The asset failed: ${failure_reason}`);
    if (Date.now() > deadline) throw new Error(`The asset is still ${status} after ${LIMIT_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function proxySeconds(client: Client, id: string): Promise<number> {
  const jobs = await client.json("GET", `/api/v1/jobs?asset_id=${id}`);
  const { started_at, finished_at } = jobs.find((job) => job.job_type === "proxy")!;
  return (Date.parse(finished_at!) - Date.parse(started_at!)) / 1000;
}
