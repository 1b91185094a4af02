import { z } from "zod";
import { assetFilterSchema } from "../../../lib/library/assets/schema.ts";
import { safePath } from "../kit/form.ts";

/** Cards per request; a multiple of the number of columns on most screens. */
export const PAGE_CARDS = 60;
/** The most cards that a reload restores. */
export const MOST_CARDS = 1_000;

/** The query of the library: the filter, where it starts (`cursor`), and how many cards are shown. */
export const libraryQuerySchema = assetFilterSchema
  .pick({ status: true, asset_type: true, search: true, cursor: true })
  .extend({
    show: z.coerce.number().int().min(1).max(100_000).optional(),
    /** For `/assets/cards`: the cursor that the page started at. */
    from: z.string().min(1).max(200).optional(),
  });
export type LibraryQuery = z.infer<typeof libraryQuerySchema>;

/** The path of the library with this query. */
export function libraryPath({ from: _, ...query }: LibraryQuery): string {
  return withQuery("/", query);
}

/** `path` when it is one of the library, with its filters; the whole library otherwise. */
export function listPath(path: string | undefined): string {
  const safe = safePath(path);
  return safe === "/" || safe.startsWith("/?") ? safe : "/";
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
