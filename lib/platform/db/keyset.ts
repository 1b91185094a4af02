// Keyset pages in SQL: newest first by `(created_at, id)`, after the row that a cursor names.
import { type CursorKind, decodeCursor, decodeSortedCursor, type PageInput } from "../page.ts";
import type { Sql } from "./database.ts";

/** True of the rows of table or alias `alias` that follow the cursor; of all rows without one. */
export function followsCursor(sql: Sql, alias: string, { cursor }: Pick<PageInput, "cursor">) {
  if (!cursor) return sql`true`;
  const { createdAt, id } = decodeCursor(cursor);
  return sql`
    (${sql(`${alias}.created_at`)}, ${sql(`${alias}.id`)}) < (${createdAt}::timestamptz, ${id}::uuid)`;
}

type Fragment = ReturnType<Sql>;

/** How a list is sorted: by an expression, then by id. */
export interface Sorting extends CursorKind {
  expression: Fragment;
  /** The type of the expression. */
  type: Fragment;
  descending: boolean;
}

/** True of the rows of `alias` that follow the cursor of a list sorted so; of all rows without a cursor. */
export function followsSorted(
  sql: Sql,
  alias: string,
  sorting: Sorting,
  { cursor }: Pick<PageInput, "cursor">,
) {
  if (!cursor) return sql`true`;
  const { expression, type, descending } = sorting;
  const { key, id } = decodeSortedCursor(cursor, sorting);
  return sql`
    (${expression}, ${sql(`${alias}.id`)}) ${descending ? sql`<` : sql`>`} (${
    String(key)
  }::text::${type}, ${id}::uuid)`;
}

/** The `order by` of a list sorted so. */
export function orderBy(sql: Sql, alias: string, { expression, descending }: Sorting) {
  const direction = descending ? sql`desc` : sql`asc`;
  return sql`${expression} ${direction}, ${sql(`${alias}.id`)} ${direction}`;
}

/** `limit` and `offset` of one page and one row more, which tells whether there is a next page. */
export function pageSlice(sql: Sql, { cursor, page, page_size }: PageInput) {
  return sql`limit ${page_size + 1} offset ${cursor ? 0 : (page - 1) * page_size}`;
}
