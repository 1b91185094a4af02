// One asset: its page, the parts of it that are reloaded, and what people do with it.
import type { Routes } from "../../declare.ts";
import { z } from "zod";
import { getAsset } from "../../../lib/library/assets/assets.ts";
import { findBeside } from "../../../lib/library/assets/beside.ts";
import { updateAsset } from "../../../lib/library/assets/describe.ts";
import { restoreAsset, trashAsset } from "../../../lib/library/assets/trash.ts";
import type { AssetDetail } from "../../../lib/library/assets/schema.ts";
import type { Job } from "../../../lib/work/jobs/schema.ts";
import { withoutBlanks } from "../../../lib/platform/text.ts";
import { defineNotice, flash } from "../kit/flash.tsx";
import { idOf, isForm, parse, readForm } from "../kit/form.ts";
import { goTo, isPartial, pathBefore, renderPart, uiOf } from "../kit/render.tsx";
import type { Ui, UiContext } from "../kit/ui.ts";
import { listFilter, listPath } from "./library_query.ts";
import { answerAssetPage, answerPanel, listAssetJobs, readPanel, TABS } from "./panel.tsx";
import { AssetBeside } from "./views/asset_beside.tsx";
import { AssetStatus, AssetTitle } from "./views/asset.tsx";
import { type Edit, editOf, readEdit } from "./views/asset_edit.tsx";
import { AssetDetails } from "./views/asset_details.tsx";
import { PanelBody, type PanelView } from "./views/asset_panel.tsx";
import { Stage } from "./views/stage.tsx";

const viewSchema = z.object({
  tab: z.enum(TABS.map(({ name }) => name)).default("details"),
  edit: z.literal("1").optional(),
});

const TRASHED = defineNotice("asset.trashed", (id) => `/assets/${id}/restore`);
const RESTORED = defineNotice("asset.restored");

export function addAssets(pages: Routes): void {
  pages.get("/assets/:id", { who: "assets.read" }, async (c) => {
    const asset = await load(c);
    return await answerAssetPage(c, asset, await openPanel(c, asset), { list: pathBefore(c, "/") });
  });

  pages.get("/assets/:id/beside", { who: "assets.read" }, async (c) => {
    const asset = await load(c);
    const list = listPath(c.req.query("list"));
    const beside = await findBeside(c.var.ctx, asset.id, listFilter(list));
    return renderPart(c, <AssetBeside ui={uiOf(c)} beside={beside} list={list} />);
  });

  pages.get("/assets/:id/panel", { who: "assets.read" }, async (c) => {
    const asset = await load(c);
    return renderPart(
      c,
      <>
        <PanelBody ui={uiOf(c)} asset={asset} panel={await openPanel(c, asset)} />
        <BesideTitle asset={asset} />
      </>,
    );
  });

  pages.get("/assets/:id/stage", { who: "assets.read" }, async (c) => {
    const asset = await load(c);
    const jobs = await listAssetJobs(c, asset.id);
    const ui = uiOf(c);
    return renderPart(
      c,
      <>
        <Stage ui={ui} asset={asset} jobs={jobs} />
        <BesideStatus ui={ui} asset={asset} jobs={jobs} />
      </>,
    );
  });

  pages.post("/assets/:id", { who: "assets.change", audit: ["asset.update"] }, async (c) => {
    const id = idOf(c);
    const { patch, edit } = readEdit(await readForm(c));
    if (!patch) return await refuse(c, edit);
    const asset = await updateAsset(c.var.ctx, id, patch);
    if (!isPartial(c)) return goTo(c, `/assets/${id}`);
    const panel = await readPanel(c, asset, "details");
    return renderPart(
      c,
      <>
        <PanelBody ui={uiOf(c)} asset={asset} panel={panel} />
        <BesideTitle asset={asset} />
      </>,
    );
  });

  pages.post("/assets/:id/trash", { who: "assets.change", audit: ["asset.trash"] }, async (c) => {
    const id = idOf(c);
    const { title } = await getAsset(c.var.ctx, id);
    const { back } = isForm(c) ? await readForm(c) : {};
    await trashAsset(c.var.ctx, id);
    flash(c, TRASHED, { id, title });
    const before = pathBefore(c, "/");
    return goTo(c, before.startsWith(`/assets/${id}`) ? listPath(back) : before);
  });

  pages.post("/assets/:id/restore", { who: "assets.change", audit: ["asset.restore"] }, async (c) => {
    const { title } = await restoreAsset(c.var.ctx, idOf(c));
    flash(c, RESTORED, { title });
    return goTo(c, pathBefore(c, "/"));
  });
}

/** The panel as the address asks for it: a tab, or the details being edited. */
function openPanel(c: UiContext, asset: AssetDetail): Promise<PanelView> {
  const { tab, edit } = parse(viewSchema, withoutBlanks(c.req.query()));
  const form = edit && <AssetDetails ui={uiOf(c)} asset={asset} edit={editOf(asset)} />;
  return readPanel(c, asset, tab, tab === "details" ? form : undefined);
}

function load(c: UiContext): Promise<AssetDetail> {
  return getAsset(c.var.ctx, idOf(c), { includeDeleted: true });
}

async function refuse(c: UiContext, edit: Edit): Promise<Response> {
  const asset = await load(c);
  const form = <AssetDetails ui={uiOf(c)} asset={asset} edit={edit} />;
  return await answerPanel(c, asset, await readPanel(c, asset, "details", form), 422);
}

function BesideTitle({ asset }: { asset: AssetDetail }) {
  return (
    <hx-partial hx-target="#asset-title" hx-swap="outerHTML">
      <AssetTitle asset={asset} />
    </hx-partial>
  );
}

function BesideStatus({ ui, asset, jobs }: { ui: Ui; asset: AssetDetail; jobs: Job[] }) {
  return (
    <hx-partial hx-target="#asset-status" hx-swap="outerHTML">
      <AssetStatus ui={ui} asset={asset} jobs={jobs} />
    </hx-partial>
  );
}
