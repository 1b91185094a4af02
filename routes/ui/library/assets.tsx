// One asset: its page, the parts of it that are reloaded, and what people do with it.
import type { Routes } from "../../declare.ts";
import { z } from "zod";
import { getAsset } from "../../../lib/library/assets/assets.ts";
import { updateAsset } from "../../../lib/library/assets/describe.ts";
import { restoreAsset, trashAsset } from "../../../lib/library/assets/trash.ts";
import type { AssetDetail } from "../../../lib/library/assets/schema.ts";
import type { Job } from "../../../lib/work/jobs/schema.ts";
import { listJobs } from "../../../lib/work/jobs/jobs.ts";
import { withoutBlanks } from "../../../lib/platform/text.ts";
import { findAccess } from "./asset_access.tsx";
import { defineNotice, flash } from "../kit/flash.tsx";
import { idOf, parse, readForm } from "../kit/form.ts";
import { goTo, isPartial, pathBefore, renderPage, renderPart, uiOf } from "../kit/render.tsx";
import type { UiContext } from "../kit/ui.ts";
import type { Ui } from "../kit/ui.ts";
import { AssetPage, AssetStatus, AssetTitle } from "./views/asset.tsx";
import { type Edit, editOf, readEdit } from "./views/asset_edit.tsx";
import { PanelBody, TABS } from "./views/asset_panel.tsx";
import { Stage } from "./views/stage.tsx";

const viewSchema = z.object({ tab: z.enum(TABS).default("details"), edit: z.literal("1").optional() });
const MOST_JOBS = 100;

const TRASHED = defineNotice("asset.trashed", (id) => `/assets/${id}/restore`);
const RESTORED = defineNotice("asset.restored");

export function addAssets(pages: Routes): void {
  pages.get("/assets/:id", { who: "assets.read" }, async (c) => {
    const { tab, edit } = readView(c);
    const { asset, jobs } = await load(c);
    const access = tab === "access" ? await findAccess(c, asset) : undefined;
    const page = (
      <AssetPage
        ui={uiOf(c)}
        asset={asset}
        jobs={jobs}
        tab={tab}
        access={access}
        edit={edit && editOf(asset)}
      />
    );
    return await renderPage(c, asset.title, page);
  });

  pages.get("/assets/:id/panel", { who: "assets.read" }, async (c) => {
    const { tab, edit } = readView(c);
    const { asset, jobs } = await load(c);
    const access = tab === "access" ? await findAccess(c, asset) : undefined;
    return renderPart(
      c,
      <PanelBody
        ui={uiOf(c)}
        asset={asset}
        jobs={jobs}
        tab={tab}
        access={access}
        edit={edit && editOf(asset)}
      />,
    );
  });

  pages.get("/assets/:id/stage", { who: "assets.read" }, async (c) => {
    const { asset, jobs } = await load(c);
    const ui = uiOf(c);
    return renderPart(
      c,
      <>
        <Stage ui={ui} asset={asset} jobs={jobs} />
        <BesideStatus ui={ui} asset={asset} />
      </>,
    );
  });

  pages.post("/assets/:id", { who: "assets.change" }, async (c) => {
    const id = idOf(c);
    const { patch, edit } = readEdit(await readForm(c));
    if (!patch) return await refuse(c, edit);
    const asset = await updateAsset(c.var.ctx, id, patch);
    if (!isPartial(c)) return goTo(c, `/assets/${id}`);
    return renderPart(
      c,
      <>
        <PanelBody ui={uiOf(c)} asset={asset} jobs={[]} tab="details" />
        <BesideTitle asset={asset} />
      </>,
    );
  });

  pages.post("/assets/:id/trash", { who: "assets.change" }, async (c) => {
    const id = idOf(c);
    const { title } = await getAsset(c.var.ctx, id);
    await trashAsset(c.var.ctx, id);
    flash(c, TRASHED, { id, title });
    const before = pathBefore(c, "/");
    return goTo(c, before.startsWith(`/assets/${id}`) ? "/" : before);
  });

  pages.post("/assets/:id/restore", { who: "assets.change" }, async (c) => {
    const { title } = await restoreAsset(c.var.ctx, idOf(c));
    flash(c, RESTORED, { title });
    return goTo(c, pathBefore(c, "/"));
  });
}

function readView(c: UiContext) {
  return parse(viewSchema, withoutBlanks(c.req.query()));
}

async function load(c: UiContext): Promise<{ asset: AssetDetail; jobs: Job[] }> {
  const id = idOf(c);
  const asset = await getAsset(c.var.ctx, id, { includeDeleted: true });
  return { asset, jobs: await listJobs(c.var.ctx, { asset_id: id, limit: MOST_JOBS }) };
}

async function refuse(c: UiContext, edit: Edit): Promise<Response> {
  const { asset, jobs } = await load(c);
  const ui = uiOf(c);
  if (isPartial(c)) {
    return renderPart(c, <PanelBody ui={ui} asset={asset} jobs={jobs} tab="details" edit={edit} />, 422);
  }
  const page = <AssetPage ui={ui} asset={asset} jobs={jobs} tab="details" edit={edit} />;
  return await renderPage(c, asset.title, page, 422);
}

function BesideTitle({ asset }: { asset: AssetDetail }) {
  return (
    <hx-partial hx-target="#asset-title" hx-swap="outerHTML">
      <AssetTitle asset={asset} />
    </hx-partial>
  );
}

function BesideStatus({ ui, asset }: { ui: Ui; asset: AssetDetail }) {
  return (
    <hx-partial hx-target="#asset-status" hx-swap="outerHTML">
      <AssetStatus ui={ui} asset={asset} />
    </hx-partial>
  );
}
