// The access tab of an asset: visibility and grants.
import { getAccess, listShareable } from "../../../lib/library/assets/access.ts";
import type { AssetDetail } from "../../../lib/library/assets/schema.ts";
import { uiOf } from "../kit/render.tsx";
import type { UiContext } from "../kit/ui.ts";
import { type AccessForm, AssetAccess } from "./views/asset_access.tsx";
import type { PanelTab } from "./views/asset_panel.tsx";

export const accessTab: PanelTab = {
  name: "access",
  label: "asset.tab_access",
  isOffered: ({ can_share, deleted_at }) => can_share && !deleted_at,
  render: (c, asset) => renderAccess(c, asset),
};

/** The form with what is granted now, and what came of the last change. */
export async function renderAccess(
  c: UiContext,
  asset: AssetDetail,
  outcome: Pick<AccessForm, "error" | "saved"> = {},
) {
  const [access, subjects] = await Promise.all([getAccess(c.var.ctx, asset.id), listShareable(c.var.ctx)]);
  return <AssetAccess ui={uiOf(c)} asset={asset} access={access} subjects={subjects} {...outcome} />;
}
