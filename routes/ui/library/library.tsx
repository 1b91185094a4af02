// The library page, and its cards as fragments.
import type { Routes } from "../../declare.ts";
import { getAssetSummary, listAssets } from "../../../lib/library/assets/assets.ts";
import type { AssetSummary } from "../../../lib/library/assets/schema.ts";
import type { Ctx } from "../../../lib/access/context.ts";
import type { Page } from "../../../lib/platform/page.ts";
import { withoutBlanks } from "../../../lib/platform/text.ts";
import { idOf, parse } from "../kit/form.ts";
import {
  filterOf,
  libraryPath,
  type LibraryQuery,
  libraryQuerySchema,
  MOST_CARDS,
  PAGE_CARDS,
} from "./library_query.ts";
import { renderPage, renderPart, uiOf } from "../kit/render.tsx";
import { Card } from "./views/card.tsx";
import { Cards, LibraryPage } from "./views/library.tsx";

export function addLibrary(pages: Routes): void {
  pages.get("/", { who: "assets.read" }, async (c) => {
    const query = parse(libraryQuerySchema, withoutBlanks(c.req.query()));
    const assets = await listShown(c.var.ctx, query);
    const ui = uiOf(c);
    const title = ui.t(query.status === "deleted" ? "library.trash" : "library.title");
    return await renderPage(c, title, <LibraryPage ui={ui} query={query} assets={assets} />);
  });

  pages.get("/assets/cards", { who: "assets.read" }, async (c) => {
    const query = parse(libraryQuerySchema, withoutBlanks(c.req.query()));
    const { show: before = 0, from: cursor, ...kept } = query;
    const assets = await listAssets(c.var.ctx, { ...filterOf(query), page: 1, page_size: PAGE_CARDS });
    // A reload or Back then restores all cards that are loaded so far.
    if (before > 0) {
      c.header("HX-Replace-Url", libraryPath({ ...kept, cursor, show: before + assets.items.length }));
    }
    return renderPart(c, <Cards ui={uiOf(c)} query={query} assets={assets} before={before} />);
  });

  pages.get("/assets/:id/card", { who: "assets.read", rate: "media" }, async (c) => {
    const asset = await getAssetSummary(c.var.ctx, idOf(c));
    return renderPart(c, <Card ui={uiOf(c)} asset={asset} />);
  });
}

/** Lists as many assets as the address asks for, at least 60 and at most 1,000, page by page. */
async function listShown(ctx: Ctx, query: LibraryQuery): Promise<Page<AssetSummary>> {
  const { show = PAGE_CARDS } = query;
  const filter = filterOf(query);
  const wanted = Math.min(Math.max(show, PAGE_CARDS), MOST_CARDS);
  const first = await listAssets(ctx, { ...filter, page: 1, page_size: Math.min(wanted, 100) });
  while (first.items.length < wanted && first.next_cursor) {
    const page_size = Math.min(wanted - first.items.length, 100);
    const next = await listAssets(ctx, { ...filter, cursor: first.next_cursor, page: 1, page_size });
    first.items.push(...next.items);
    first.next_cursor = next.next_cursor;
  }
  return first;
}
