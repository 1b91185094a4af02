// Formats live events and log lines as text. Pure.

/** A live event of any noun. Those that are about an asset have its id, and jobs and assets a status. */
export interface LiveEvent {
  type: string;
  id: string;
  asset_id?: string | null;
  status?: string;
  job_type?: string;
  [field: string]: unknown;
}

/** A log line of a process: level, constant event name, and other fields. */
export type LogLine = Record<string, unknown> & { time?: string; level: string; event: string };

/** The filters of the command line; a missing one matches everything. */
export interface Filters {
  [flag: string]: string | boolean | undefined;
}

const LEVELS = ["debug", "info", "warn", "error"];
const COLORS: Record<string, number> = {
  failed: 31,
  completed: 32,
  available: 32,
  processing: 36,
  pending: 33,
  debug: 2,
  info: 0,
  warn: 33,
  error: 31,
};
/** Shown at the front of a line, or omitted as noise; `--json` prints all fields. */
const OMITTED = ["time", "level", "event", "process", "tenant_id", "user_id", "route"];

/** Whether a live event matches the filters. */
export function isWantedEvent(event: LiveEvent, { type, kind, status, asset, grep }: Filters): boolean {
  const assetId = event.type === "asset" ? event.id : event.asset_id;
  return (!type || event.type === type) && (!status || event.status === status) &&
    (!asset || assetId === asset) && (!kind || event.job_type === kind) &&
    (!grep || JSON.stringify(event).includes(String(grep)));
}

/** Whether a log line matches the filters. */
export function isWantedLine(line: LogLine, { level, event, request, asset, kind, grep }: Filters): boolean {
  const { request_id, asset_id } = line;
  return (!level || LEVELS.indexOf(line.level) >= LEVELS.indexOf(String(level))) &&
    (!event || line.event === event) && (!request || request_id === request) &&
    (!asset || asset_id === asset || String(line.path ?? "").includes(String(asset))) &&
    (!kind || line.kind === kind) && (!grep || JSON.stringify(line).includes(String(grep)));
}

/** Formats a live event as one line: its topic, status and id, then the fields that its noun adds. */
export function eventLine({ type, status = "", id, ...fields }: LiveEvent): string {
  const text = [id, ...Object.entries(fields).map(fieldText)].join(" ").replaceAll(/\p{Cc}/gu, " ");
  return `${clock()}  ${type.padEnd(5)}  ${paint(status, status.padEnd(11))} ${text}`;
}

/** Formats a log line as one line, without control characters. */
export function logLine(line: LogLine): string {
  const { method, path, status, ms, ...others } = line;
  const isRequest = line.event === "request";
  const fields = Object.entries(isRequest ? others : line).filter(([name]) => !OMITTED.includes(name))
    .map(fieldText);
  if (isRequest) fields.unshift(`${method} ${path} ${status} ${ms} ms `);
  const source = String(line.process ?? "server").padEnd(6);
  const text = `${source} ${line.event}  ${fields.join(" ")}`.replaceAll(/\p{Cc}/gu, " ");
  return `${clock(line.time)}  log    ${paint(line.level, line.level.padEnd(11))} ${text}`;
}

function fieldText([name, value]: [string, unknown]): string {
  return `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`;
}

function clock(time?: string): string {
  return (time ? new Date(time) : new Date()).toTimeString().slice(0, 8);
}

function paint(word: string, text: string): string {
  return `\x1b[${COLORS[word] ?? 0}m${text}\x1b[0m`;
}
