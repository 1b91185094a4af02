// Keyset pages: a cursor is the sort key of the last row, so the millionth page costs what the first one does.
import { z } from "zod";
import { moment } from "./text.ts";
import { inputError } from "./input.ts";

/** Sort key of a row in a list that is ordered by creation: newest first by `(created_at, id)`. */
export interface Keyset {
  createdAt: string;
  id: string;
}

/** How many match: counted to `COUNT_LIMIT`, beyond it an estimate. */
export interface Total {
  total: number;
  estimated: boolean;
}

const count = z.number().int().min(0);
// A version before this one made cursors without a total.
const cursorSchema = z.tuple([moment, z.uuid(), count.optional(), z.boolean().default(false)]);

/** Makes the opaque cursor that stands after `row`. `createdAt` keeps its microseconds; the total was counted once. */
export function encodeCursor(row: Keyset, { total, estimated }: Total): string {
  return btoa(JSON.stringify([row.createdAt, row.id, total, estimated])).replaceAll("+", "-").replaceAll(
    "/",
    "_",
  ).replaceAll(
    "=",
    "",
  );
}

/** Reads a cursor; throws `invalid` on `cursor` for anything that `encodeCursor` did not make. */
export function decodeCursor(cursor: string): Keyset & { counted?: Total } {
  try {
    const [createdAt, id, total, estimated] = cursorSchema.parse(
      JSON.parse(atob(cursor.replaceAll("-", "+").replaceAll("_", "/"))),
    );
    return { createdAt, id, counted: total === undefined ? undefined : { total, estimated } };
  } catch {
    throw inputError("invalid_cursor");
  }
}

/** What every paged list takes: a page number for small lists, a cursor for long ones. */
export const pageSchema = z.object({
  page: z.coerce.number().int().min(1).max(1_000_000).default(1),
  page_size: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().min(1).max(200).optional(),
});
export type PageInput = z.infer<typeof pageSchema>;

/** What every paged list answers. `total` counts exactly up to `COUNT_LIMIT`, beyond it is an estimate. */
export interface Page<T> {
  items: T[];
  total: number;
  total_is_estimate: boolean;
  page: number;
  page_size: number;
  pages: number;
  next_cursor: string | null;
}

export const COUNT_LIMIT = 10_000;

interface Slice<Row> extends Total {
  /** One row more than `page_size` when there is a next page. */
  rows: Row[];
}

/** What the first page counted, as its cursor says; counting again would cost the page after it more than its rows do. */
export function countedBefore({ cursor }: PageInput): Total | undefined {
  return cursor ? decodeCursor(cursor).counted : undefined;
}

/** A count that stopped beyond `COUNT_LIMIT`. */
export function countedTo(count: number): Total {
  return { total: count, estimated: count > COUNT_LIMIT };
}

/** Turns a slice fetched with one row too many into a page. */
export function toPage<Row extends Keyset, T>(
  slice: Slice<Row>,
  input: PageInput,
  present: (row: Row) => T,
): Page<T> {
  const rows = slice.rows.slice(0, input.page_size);
  const last = rows.at(-1);
  return {
    items: rows.map(present),
    total: slice.total,
    total_is_estimate: slice.estimated,
    page: input.page,
    page_size: input.page_size,
    pages: Math.ceil(slice.total / input.page_size),
    next_cursor: last && slice.rows.length > input.page_size ? encodeCursor(last, slice) : null,
  };
}
