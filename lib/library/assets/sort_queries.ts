// How lists of assets are sorted. Each sorting has an index of its own (migration add_sorting_of_assets).
import { z } from "zod";
import type { Sorting } from "../../platform/db/keyset.ts";
import type { Sql } from "../../platform/db/database.ts";
import { exactText, moment } from "../../platform/text.ts";
import type { AssetFilter, AssetSort } from "./schema.ts";

type Key = Pick<Sorting, "key" | "expression" | "type">;

// `title_key` is cut after 100 letters, each up to two UTF-16 units.
const name = exactText(200);
const amount = z.number().int().min(-1);

const KEYS: Record<AssetSort, (sql: Sql) => Key> = {
  created_at: (sql) => ({ key: moment, expression: sql`a.created_at`, type: sql`timestamptz` }),
  updated_at: (sql) => ({ key: moment, expression: sql`a.updated_at`, type: sql`timestamptz` }),
  title: (sql) => ({ key: name, expression: sql`a.title_key`, type: sql`text` }),
  duration_ms: (sql) => ({ key: amount, expression: sql`a.length_key`, type: sql`bigint` }),
  file_size_bytes: (sql) => ({
    key: amount,
    expression: sql`a.size_key`,
    type: sql`bigint`,
  }),
};

type Order = Pick<AssetFilter, "sort_by" | "sort_order">;

/** How this list is sorted; undefined for newest first, the order that every list has. */
export function sortingOf(sql: Sql, order: Order): Sorting | undefined {
  return order.sort_by === "created_at" && order.sort_order === "desc" ? undefined : orderOf(sql, order);
}

/** How this list is sorted, newest first too. */
export function orderOf(sql: Sql, { sort_by, sort_order }: Order): Sorting {
  return { name: `${sort_by} ${sort_order}`, ...KEYS[sort_by](sql), descending: sort_order === "desc" };
}
