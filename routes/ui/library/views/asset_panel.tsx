import type { AssetDetail } from "../../../../lib/library/assets/schema.ts";
import type { Job } from "../../../../lib/work/jobs/schema.ts";
import type { Ui } from "../../kit/ui.ts";
import { type AccessForm, AssetAccess } from "./asset_access.tsx";
import { AssetActivity } from "./asset_activity.tsx";
import { AssetDetails } from "./asset_details.tsx";
import type { Edit } from "./asset_edit.tsx";
import { AssetTechnical } from "./asset_technical.tsx";

export const TABS = ["details", "technical", "access", "activity"] as const;
export type Tab = typeof TABS[number];

interface PanelProps {
  ui: Ui;
  asset: AssetDetail;
  jobs: Job[];
  tab: Tab;
  edit?: Edit;
  access?: AccessForm;
}

/** The details of an asset: beside the preview on wide screens, a sheet that a button opens on phones. */
export function AssetPanel(props: PanelProps) {
  return (
    <aside class="panel" id="panel" popover="auto" aria-label={props.ui.t("asset.info")}>
      <button
        class="panel__grip"
        type="button"
        popovertarget="panel"
        popovertargetaction="hide"
        aria-label={props.ui.t("app.close")}
      />
      <PanelBody {...props} />
    </aside>
  );
}

/** The tabs and the open tab; navigation in the panel replaces this part. */
export function PanelBody({ ui, asset, jobs, tab: wanted, edit, access }: PanelProps) {
  const tab = wanted === "access" && !access ? "details" : wanted;
  const tabs = TABS.filter((name) => name !== "access" || (asset.can_share && !asset.deleted_at));
  return (
    <div id="panel-body" data-tab={tab}>
      <nav class="tabs" aria-label={ui.t("asset.info")}>
        {tabs.map((name) => (
          <a
            id={`tab-${name}`}
            href={`/assets/${asset.id}?tab=${name}`}
            hx-nonce={ui.nonce}
            hx-get={`/assets/${asset.id}/panel?tab=${name}`}
            hx-target="#panel-body"
            hx-swap="outerHTML"
            hx-replace-url={`/assets/${asset.id}?tab=${name}`}
            hx-boost="false"
            aria-current={name === tab ? "true" : undefined}
          >
            {ui.t(`asset.tab_${name}`)}
          </a>
        ))}
      </nav>
      {tab === "details" && <AssetDetails ui={ui} asset={asset} edit={edit} />}
      {tab === "technical" && <AssetTechnical ui={ui} asset={asset} />}
      {tab === "access" && access && <AssetAccess ui={ui} asset={asset} {...access} />}
      {tab === "activity" && <AssetActivity ui={ui} jobs={jobs} />}
    </div>
  );
}
