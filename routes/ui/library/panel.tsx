// The tabs of an asset, in order. Each is declared where its contents are; a new one is added to this list.
import type { Child } from "hono/jsx";
import type { AssetDetail } from "../../../lib/library/assets/schema.ts";
import { findBeside } from "../../../lib/library/assets/beside.ts";
import { listHistory } from "../../../lib/library/assets/history.ts";
import { listJobs } from "../../../lib/work/jobs/jobs.ts";
import { isPartial, renderPage, renderPart, uiOf } from "../kit/render.tsx";
import type { UiContext } from "../kit/ui.ts";
import { accessTab } from "./asset_access_tab.tsx";
import { listFilter, listPath } from "./library_query.ts";
import { AssetPage } from "./views/asset.tsx";
import { AssetActivity } from "./views/asset_activity.tsx";
import { AssetDetails } from "./views/asset_details.tsx";
import { PanelBody, type PanelTab, type PanelView } from "./views/asset_panel.tsx";
import { AssetTechnical } from "./views/asset_technical.tsx";

const MOST_JOBS = 100;

const detailsTab: PanelTab = {
  name: "details",
  label: "asset.tab_details",
  render: (c, asset) => <AssetDetails ui={uiOf(c)} asset={asset} />,
};

const technicalTab: PanelTab = {
  name: "technical",
  label: "asset.tab_technical",
  render: (c, asset) => <AssetTechnical ui={uiOf(c)} asset={asset} />,
};

const activityTab: PanelTab = {
  name: "activity",
  label: "asset.tab_activity",
  render: async (c, { id }) => {
    const [jobs, history] = await Promise.all([listAssetJobs(c, id), listHistory(c.var.ctx, id)]);
    return <AssetActivity ui={uiOf(c)} jobs={jobs} history={history} />;
  },
};

export const TABS: readonly PanelTab[] = [detailsTab, technicalTab, accessTab, activityTab];

/** The panel with this tab open; with the first one when the asset does not offer it. `content` replaces what it shows. */
export async function readPanel(
  c: UiContext,
  asset: AssetDetail,
  wanted: string,
  content?: Child,
): Promise<PanelView> {
  const tabs = TABS.filter((tab) => tab.isOffered?.(asset) ?? true);
  const tab = tabs.find(({ name }) => name === wanted) ?? tabs[0]!;
  return { tab, tabs, content: content ?? await tab.render(c, asset) };
}

/** Answers the panel to htmx, else the whole page of the asset. */
export async function answerPanel(
  c: UiContext,
  asset: AssetDetail,
  panel: PanelView,
  status: 200 | 409 | 422 = 200,
): Promise<Response> {
  const ui = uiOf(c);
  if (isPartial(c)) return renderPart(c, <PanelBody ui={ui} asset={asset} panel={panel} />, status);
  return await answerAssetPage(c, asset, panel, { status });
}

/** Answers the whole page of an asset, which was opened from a list: the path of one, else all assets. */
export async function answerAssetPage(
  c: UiContext,
  asset: AssetDetail,
  panel: PanelView,
  { list: from, status = 200 }: { list?: string; status?: 200 | 409 | 422 } = {},
): Promise<Response> {
  const list = listPath(from);
  const [jobs, beside] = await Promise.all([
    listAssetJobs(c, asset.id),
    findBeside(c.var.ctx, asset.id, listFilter(list)),
  ]);
  const page = <AssetPage ui={uiOf(c)} asset={asset} jobs={jobs} panel={panel} list={list} beside={beside} />;
  return await renderPage(c, asset.title, page, status);
}

/** The newest jobs of an asset. */
export function listAssetJobs(c: UiContext, assetId: string) {
  return listJobs(c.var.ctx, { asset_id: assetId, limit: MOST_JOBS });
}
