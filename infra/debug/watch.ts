// `make debug-watch`: live changes as they happen, one line each, until Ctrl+C.
import type { LiveEvent } from "../../lib/live/live.ts";
import { errorMessage } from "../../lib/platform/errors.ts";
import { type Client, type Flags, openClient, readFlags, runTool } from "./client.ts";

const USAGE = `debug-watch [--url URL] [--token T | --token-file FILE | --email E --password P]
            [--type asset|job] [--kind proxy] [--status failed] [--asset ID] [--json]`;
const OWN = {
  type: { type: "string" },
  kind: { type: "string" },
  status: { type: "string" },
  asset: { type: "string" },
  json: { type: "boolean" },
} as const;
const COLORS: Record<string, number> = {
  failed: 31,
  completed: 32,
  available: 32,
  processing: 36,
  pending: 33,
};
const AGAIN_MS = 2_000;

await runTool(async () => {
  const flags = readFlags(OWN, USAGE);
  const client = await openClient(flags);
  console.error(`watching ${client.url}/events`);
  for (;;) {
    try {
      for await (const event of events(client)) if (isWanted(event, flags)) console.log(lineOf(event, flags));
    } catch (error) {
      console.error(`${errorMessage(error)}; trying again`);
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
});

/** Server-sent events (WHATWG HTML §9.2), of which only `data` matters here. Ends when the server ends the stream. */
async function* events(client: Client): AsyncGenerator<LiveEvent> {
  const response = await client.send("/events", { headers: { Accept: "text/event-stream" } });
  if (!response.ok || !response.body) throw new Error(`/events answered ${response.status}`);
  let rest = "";
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split(/\r\n|\n|\r/);
    rest = lines.pop()!;
    for (const line of lines) if (line.startsWith("data:")) yield JSON.parse(line.slice(5));
  }
}

function isWanted(event: LiveEvent, { type, kind, status, asset }: Flags): boolean {
  const assetId = event.type === "job" ? event.asset_id : event.id;
  return (!type || event.type === type) && (!status || event.status === status) &&
    (!asset || assetId === asset) &&
    (!kind || (event.type === "job" && event.job_type === kind));
}

function lineOf(event: LiveEvent, { json }: Flags): string {
  if (json) return JSON.stringify(event);
  const status = `\x1b[${COLORS[event.status] ?? 0}m${event.status.padEnd(11)}\x1b[0m`;
  const time = new Date().toTimeString().slice(0, 8);
  return event.type === "job"
    ? `${time}  job    ${status} ${event.job_type.padEnd(10)} ${
      String(event.progress).padStart(3)
    } %  asset ${event.asset_id}`
    : `${time}  asset  ${status} ${event.change.padEnd(10)}        ${event.id}`;
}
