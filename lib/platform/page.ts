// Keyset pages: a cursor is the sort key of the last row, so the millionth page costs what the first one does.
import { z } from "zod";
import { moment } from "./text.ts";
import { inputError } from "./input.ts";

/** Sort key of a row in a list that is ordered by creation: newest first by `(created_at, id)`. */
export interface Keyset {
  createdAt: string;
  id: string;
}

/** Sort key of a row in a list that is sorted otherwise. */
export interface SortedKeyset {
  /** The name of the sorting. A cursor fits that one alone. */
  sort: string;
  key: string | number;
  id: string;
}

/** What the cursors of a sorting look like. */
export interface CursorKind {
  /** The name of the sorting. */
  name: string;
  key: z.ZodType<string | number>;
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
export function encodeCursor(row: Keyset | SortedKeyset, { total, estimated }: Total): string {
  const parts = "sort" in row
    ? [row.key, row.id, total, estimated, row.sort]
    : [row.createdAt, row.id, total, estimated];
  return new TextEncoder().encode(JSON.stringify(parts)).toBase64({
    alphabet: "base64url",
    omitPadding: true,
  });
}

/** Reads a cursor; throws `invalid` on `cursor` for anything that `encodeCursor` did not make. */
export function decodeCursor(cursor: string): Keyset & { counted?: Total } {
  const [createdAt, id, total, estimated] = readCursor(cursorSchema, cursor);
  return { createdAt, id, counted: total === undefined ? undefined : { total, estimated } };
}

/** Reads the cursor of a list that is sorted so; throws `invalid` on `cursor` also for that of any other. */
export function decodeSortedCursor(
  cursor: string,
  { name, key }: CursorKind,
): Omit<SortedKeyset, "sort"> & { counted: Total } {
  const schema = z.tuple([key, z.uuid(), count, z.boolean(), z.literal(name)]);
  const [value, id, total, estimated] = readCursor(schema, cursor);
  return { key: value, id, counted: { total, estimated } };
}

function readCursor<T extends z.ZodType>(schema: T, cursor: string): z.output<T> {
  try {
    const bytes = Uint8Array.fromBase64(cursor, { alphabet: "base64url" });
    return schema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    throw inputError("invalid_cursor");
  }
}

/** A cursor as it comes in. A sort key has up to 100 letters. */
export const cursorTextSchema = z.string().min(1).max(1_000);

/** What every paged list takes: a page number for small lists, a cursor for long ones. */
export const pageSchema = z.object({
  page: z.coerce.number().int().min(1).max(1_000_000).default(1),
  page_size: z.coerce.number().int().min(1).max(100).default(20),
  cursor: cursorTextSchema.optional(),
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
export function countedBefore({ cursor }: PageInput, sorting?: CursorKind): Total | undefined {
  if (!cursor) return undefined;
  return (sorting ? decodeSortedCursor(cursor, sorting) : decodeCursor(cursor)).counted;
}

/** A count that stopped beyond `COUNT_LIMIT`. */
export function countedTo(count: number): Total {
  return { total: count, estimated: count > COUNT_LIMIT };
}

/** Turns a slice fetched with one row too many into a page. */
export function toPage<Row extends Keyset | SortedKeyset, T>(
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
