// `make debug-watch`: live changes and log lines as they happen, one line each, until Ctrl+C.
import { errorMessage } from "../../lib/platform/errors.ts";
import { type Client, openClient, readFlags, runTool } from "./client.ts";
import {
  eventLine,
  type Filters,
  isWantedEvent,
  isWantedLine,
  type LiveEvent,
  type LogLine,
  logLine,
} from "./lines.ts";

const USAGE = `debug-watch [--url URL] [--token T | --token-file FILE | --email E --password P] [--json]
            [--events | --logs] [--asset ID] [--kind proxy] [--grep TEXT]
            [--type asset|job] [--status failed]                          of events
            [--level debug|info|warn|error] [--event NAME] [--request ID] of log lines`;
const [TEXT, YES] = [{ type: "string" }, { type: "boolean" }] as const;
const OWN = {
  events: YES,
  logs: YES,
  json: YES,
  asset: TEXT,
  kind: TEXT,
  grep: TEXT,
  type: TEXT,
  status: TEXT,
  level: TEXT,
  event: TEXT,
  request: TEXT,
};
const RECONNECT_MS = 2_000;

await runTool(async () => {
  const filters = readFlags(OWN, USAGE) as Filters;
  const client = await openClient(filters);
  const wanted = {
    events: !filters.logs || filters.events,
    logs: !filters.events || filters.logs,
  };
  await Promise.all([
    wanted.events && keepReading<LiveEvent>(client, "/events", (event) => {
      if (isWantedEvent(event, filters)) console.log(filters.json ? JSON.stringify(event) : eventLine(event));
    }),
    wanted.logs && keepReading<LogLine>(client, "/events/logs", (line) => {
      if (isWantedLine(line, filters)) console.log(filters.json ? JSON.stringify(line) : logLine(line));
    }),
  ]);
});

/** Reads an event stream, reconnecting when it ends. Stops when the account may not read it. */
async function keepReading<T>(client: Client, path: string, show: (message: T) => void): Promise<void> {
  for (;;) {
    try {
      const response = await client.send(path, { headers: { Accept: "text/event-stream" } });
      if (response.status === 403) {
        return console.error(`${client.url}${path} is not accessible to this account`);
      }
      if (!response.ok || !response.body) throw new Error(`${path} answered ${response.status}`);
      console.error(`watching ${client.url}${path}`);
      for await (const message of messages(response.body)) show(JSON.parse(message));
    } catch (error) {
      console.error(`${errorMessage(error)}; retrying`);
    }
    await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS));
  }
}

/** Yields the `data` of server-sent events (WHATWG HTML §9.2) until the server ends the stream. */
async function* messages(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  for await (
    const text of body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
  ) {
    const lines = (rest + text).split(/\r\n|\n|\r/);
    rest = lines.pop()!;
    for (const line of lines) if (line.startsWith("data:")) yield line.slice(5);
  }
}
