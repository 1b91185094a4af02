// Keyset pages in SQL: newest first by `(created_at, id)`, after the row that a cursor names.
import { decodeCursor, type PageInput } from "../page.ts";
import type { Sql } from "./database.ts";

/** True of the rows of table or alias `alias` that follow the cursor; of all rows without one. */
export function followsCursor(sql: Sql, alias: string, { cursor }: Pick<PageInput, "cursor">) {
  if (!cursor) return sql`true`;
  const { createdAt, id } = decodeCursor(cursor);
  return sql`
    (${sql(`${alias}.created_at`)}, ${sql(`${alias}.id`)}) < (${createdAt}::timestamptz, ${id}::uuid)`;
}

/** `limit` and `offset` of one page and one row more, which tells whether there is a next page. */
export function pageSlice(sql: Sql, { cursor, page, page_size }: PageInput) {
  return sql`limit ${page_size + 1} offset ${cursor ? 0 : (page - 1) * page_size}`;
}
