// JSON lines on standard output: a constant event name and fields. Never a secret, never an interpolated message.

import { lostLogLines } from "./metrics.ts";
import { traceId } from "./trace.ts";

const LEVELS = { debug: 10, info: 20, warn: 30, error: 40 } as const;
export type LogLevel = keyof typeof LEVELS;
export const LOG_LEVELS = Object.keys(LEVELS) as [LogLevel, ...LogLevel[]];

type Fields = Record<string, unknown>;

export interface Log {
  debug(event: string, fields?: Fields): void;
  info(event: string, fields?: Fields): void;
  warn(event: string, fields?: Fields): void;
  error(event: string, fields?: Fields): void;
  /** A log that adds `fields` to every line. */
  with(fields: Fields): Log;
}

type Write = (line: string) => void;

const encoder = new TextEncoder();
/** A full disk or a closed pipe behind standard output loses lines, and must not fail what they tell about. */
const toStdout: Write = (line) => {
  try {
    Deno.stdout.writeSync(encoder.encode(line + "\n"));
  } catch {
    lostLogLines.inc();
  }
};

const readers = new Set<Write>();

/** Calls `read` with each line that this process logs until the returned function is called. */
export function readLines(read: Write): () => void {
  readers.add(read);
  return () => readers.delete(read);
}

/** Makes a log that writes lines at or above `level`. */
export function createLog(level: LogLevel, base: Fields = {}, write: Write = toStdout): Log {
  const at = (name: LogLevel) => (event: string, fields: Fields = {}) => {
    if (LEVELS[name] < LEVELS[level]) return;
    const time = new Date().toISOString();
    const line = JSON.stringify({
      time,
      level: name,
      event,
      ...base,
      trace_id: traceId(),
      ...serializeError(fields),
    });
    write(line);
    for (const read of readers) read(line);
  };
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    with: (fields) => createLog(level, { ...base, ...fields }, write),
  };
}

function serializeError(fields: Fields): Fields {
  if (!(fields.error instanceof Error)) return fields;
  const { name, message, stack, cause } = fields.error;
  return {
    ...fields,
    error: { name, message, stack, cause: cause instanceof Error ? cause.message : undefined },
  };
}
