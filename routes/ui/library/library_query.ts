import { z } from "zod";
import { type AssetFilter, assetFilterSchema } from "../../../lib/library/assets/schema.ts";
import { cursorTextSchema } from "../../../lib/platform/page.ts";
import { withoutBlanks } from "../../../lib/platform/text.ts";
import { safePath } from "../kit/form.ts";

/** Cards per request; a multiple of the number of columns on most screens. */
export const PAGE_CARDS = 60;
/** The most cards that a reload restores. */
export const MOST_CARDS = 1_000;

/** The orders that the page offers beside newest first. */
const SORTS = {
  oldest: { sort_by: "created_at", sort_order: "asc" },
  changed: { sort_by: "updated_at", sort_order: "desc" },
  name: { sort_by: "title", sort_order: "asc" },
  longest: { sort_by: "duration_ms", sort_order: "desc" },
  largest: { sort_by: "file_size_bytes", sort_order: "desc" },
} as const satisfies Record<string, Pick<AssetFilter, "sort_by" | "sort_order">>;
const NEWEST = { sort_by: "created_at", sort_order: "desc" } as const;
export const SORT_NAMES = Object.keys(SORTS) as (keyof typeof SORTS)[];

/** The query of the library: the filter, where it starts (`cursor`), and how many cards are shown. */
export const libraryQuerySchema = assetFilterSchema
  .pick({ status: true, asset_type: true, search: true, cursor: true })
  .extend({
    sort: z.enum(SORT_NAMES).optional(),
    show: z.coerce.number().int().min(1).max(100_000).optional(),
    /** For `/assets/cards`: the cursor that the page started at. */
    from: cursorTextSchema.optional(),
  });
export type LibraryQuery = z.infer<typeof libraryQuerySchema>;

/** The filter of the list that this query shows. */
export function filterOf(
  { sort, show: _, from: __, ...filter }: LibraryQuery,
): Omit<AssetFilter, "page" | "page_size"> {
  return { ...filter, ...(sort ? SORTS[sort] : NEWEST) };
}

/** The path of the library with this query. */
export function libraryPath({ from: _, ...query }: LibraryQuery): string {
  return withQuery("/", query);
}

/** `path` when it is one of the library, with its filters; the whole library otherwise. */
export function listPath(path: string | undefined): string {
  const safe = safePath(path);
  return safe === "/" || safe.startsWith("/?") ? safe : "/";
}

/** The filter of a list by its path; of everything for a query that no list has. */
export function listFilter(list: string): Omit<AssetFilter, "page" | "page_size" | "cursor"> {
  const query = Object.fromEntries(new URL(list, "http://page").searchParams);
  const { data = {} } = libraryQuerySchema.safeParse(withoutBlanks(query));
  return filterOf(data);
}

/** The path of the fragment with the cards after `cursor`. */
export function cardsPath(query: LibraryQuery): string {
  return withQuery("/assets/cards", query);
}

function withQuery(path: string, query: Record<string, unknown>): string {
  const set = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
  const text = new URLSearchParams(set.map(([name, value]) => [name, String(value)])).toString();
  return text ? `${path}?${text}` : path;
}
