import { z } from "zod";
import { assetFilterSchema } from "../../../lib/library/assets/schema.ts";

/** How many cards one request brings; a multiple of the columns that most screens show. */
export const PAGE_CARDS = 60;
/** The most cards that an address brings back at once; beyond it a reload starts from its first thousand. */
export const MOST_CARDS = 1_000;

/** What the library's address says: the filter, where it starts (`cursor`), and how many cards are on the page. */
export const libraryQuerySchema = assetFilterSchema
  .pick({ status: true, asset_type: true, search: true, cursor: true })
  .extend({
    show: z.coerce.number().int().min(1).max(100_000).optional(),
    /** For `/assets/cards`: the cursor that the page itself started at. */
    from: z.string().min(1).max(200).optional(),
  });
export type LibraryQuery = z.infer<typeof libraryQuerySchema>;

/** The address of the library under this query. */
export function libraryPath({ from: _, ...query }: LibraryQuery): string {
  return withQuery("/", query);
}

/** The address of the bare cards that follow `cursor`. */
export function cardsPath(query: LibraryQuery): string {
  return withQuery("/assets/cards", query);
}

function withQuery(path: string, query: Record<string, unknown>): string {
  const set = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
  const text = new URLSearchParams(set.map(([name, value]) => [name, String(value)])).toString();
  return text ? `${path}?${text}` : path;
}
