// The access tab of an asset: visibility and grants.
import type { Routes } from "../../declare.ts";
import { getAsset } from "../../../lib/library/assets/assets.ts";
import { getAccess, listShareable, setAccess } from "../../../lib/library/assets/access.ts";
import { type AssetDetail, type NewAccess, newAccessSchema } from "../../../lib/library/assets/schema.ts";
import { explain } from "../kit/errors.ts";
import { assetError } from "../../../lib/library/assets/reasons.ts";
import { idOf, parse, readForm } from "../kit/form.ts";
import { goTo, isPartial, renderPage, renderPart, uiOf } from "../kit/render.tsx";
import type { UiContext } from "../kit/ui.ts";
import { AssetPage } from "./views/asset.tsx";
import type { AccessForm } from "./views/asset_access.tsx";
import { PanelBody } from "./views/asset_panel.tsx";

export function addAssetAccess(pages: Routes): void {
  pages.post("/assets/:id/access", {
    who: "assets.share",
    orElse: { who: "signed_in", when: "the account that made the asset" },
  }, async (c) => {
    const id = idOf(c);
    const wanted = readAccess(await readForm(c));
    try {
      await setAccess(c.var.ctx, id, wanted);
    } catch (error) {
      const text = explain(uiOf(c), error, assetError, "own_access_lost");
      return await show(c, id, { error: text }, 409);
    }
    if (!isPartial(c)) return goTo(c, `/assets/${id}?tab=access`);
    return await show(c, id, { saved: true });
  });
}

/** The data of the form; undefined for accounts that may not share the asset. */
export async function findAccess(c: UiContext, asset: AssetDetail): Promise<AccessForm | undefined> {
  if (!asset.can_share || asset.deleted_at) return undefined;
  const [access, subjects] = await Promise.all([getAccess(c.var.ctx, asset.id), listShareable(c.var.ctx)]);
  return { access, subjects };
}

async function show(
  c: UiContext,
  id: string,
  outcome: Pick<AccessForm, "error" | "saved">,
  status: 200 | 409 = 200,
): Promise<Response> {
  const asset = await getAsset(c.var.ctx, id);
  const found = await findAccess(c, asset);
  const view = {
    ui: uiOf(c),
    asset,
    jobs: [],
    tab: "access" as const,
    access: found && { ...found, ...outcome },
  };
  if (isPartial(c)) return renderPart(c, <PanelBody {...view} />, status);
  return await renderPage(c, asset.title, <AssetPage {...view} />, status);
}

/** Reads the grants: one field each, `user:{id}` or `group:{id}`, where `none` removes it; `add` names a new one. */
function readAccess({ visibility, add, add_right, ...fields }: Record<string, string>): NewAccess {
  if (add) fields[add] = add_right ?? "view";
  const grants = Object.entries(fields).filter(([, right]) => right !== "none").map(([name, right]) => {
    const [kind, id] = name.split(":");
    return { kind, id, right };
  });
  return parse(newAccessSchema, {
    visibility,
    users: grants.filter(({ kind }) => kind === "user").map(({ id, right }) => ({ user_id: id, right })),
    groups: grants.filter(({ kind }) => kind === "group").map(({ id, right }) => ({ group_id: id, right })),
  });
}
