// CSV (RFC 4180), streamed row by row.
import type { Context } from "hono";

/** Answers rows as a CSV download with a header row. */
export function streamCsv<Row extends object>(
  c: Context,
  filename: string,
  columns: (keyof Row & string)[],
  rows: AsyncGenerator<Row>,
): Response {
  async function* lines() {
    yield columns.join(",");
    for await (const row of rows) yield columns.map((column) => cell(row[column])).join(",");
  }
  const body = ReadableStream.from(lines()).pipeThrough(endLines()).pipeThrough(new TextEncoderStream());
  c.header("Content-Type", "text/csv; charset=utf-8");
  c.header("Content-Disposition", `attachment; filename="${filename}"`);
  return c.body(body, 200);
}

/** Quotes where needed; prefixes what a spreadsheet would run as a formula with an apostrophe (OWASP: CSV injection). */
function cell(value: unknown): string {
  if (value === null || value === undefined) return "";
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function endLines(): TransformStream<string, string> {
  return new TransformStream({ transform: (line, controller) => controller.enqueue(`${line}\r\n`) });
}
