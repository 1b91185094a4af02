// SQL from the columns of a zod schema, so that a query, its row type and the JSON of an answer cannot drift apart.
import type { z } from "zod";
import type { Sql } from "./database.ts";

/** The select list of a schema: its keys, qualified with the alias of their table. */
export function selectList(sql: Sql, schema: z.ZodObject, alias: string) {
  return sql(Object.keys(schema.shape).map((column) => `${alias}.${column}`));
}

/**
 * The columns and values of a row, for `insert into t ${…}` and `update t set ${…}`. Objects and arrays are stored as
 * jsonb, undefined values are left out.
 */
export function columnValues(sql: Sql, row: object) {
  const values = Object.entries(row).filter(([, value]) => value !== undefined).map(([column, value]) => [
    column,
    typeof value === "object" && value !== null ? sql.json(value) : value,
  ]);
  return sql(Object.fromEntries(values) as Record<string, string>);
}
