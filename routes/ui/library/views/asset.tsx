// The page of one asset: player or preview on the left, details on the right.
import type { AssetDetail } from "../../../../lib/library/assets/schema.ts";
import type { Beside } from "../../../../lib/library/assets/beside.ts";
import type { Job } from "../../../../lib/work/jobs/schema.ts";
import type { Ui } from "../../kit/ui.ts";
import { AssetBeside } from "./asset_beside.tsx";
import { AssetPanel, type PanelView } from "./asset_panel.tsx";
import { Page, pageTitle } from "../../kit/views/frame.tsx";
import { Icon } from "../../kit/views/icons.tsx";
import { JobState } from "../../work/views/job_state.tsx";
import { previewWork, Stage } from "./stage.tsx";
import { AssetState } from "./asset_state.tsx";

export interface AssetProps {
  ui: Ui;
  asset: AssetDetail;
  jobs: Job[];
  panel: PanelView;
  /** The list that led here. */
  list: string;
  beside: Beside;
}

export function AssetPage({ ui, asset, jobs, panel, list, beside }: AssetProps) {
  return (
    <Page ui={ui} name="asset">
      <div class="asset" data-live-asset={asset.id}>
        <div class="asset__main">
          <div class="asset__head">
            <a
              class="button button--bare button--icon"
              href={list}
              data-back
              title={ui.t("asset.back")}
              aria-label={ui.t("asset.back")}
            >
              <Icon name="back" />
            </a>
            <AssetTitle asset={asset} />
            <AssetStatus ui={ui} asset={asset} jobs={jobs} />
            <div class="asset__actions">
              <AssetBeside ui={ui} beside={beside} list={list} />
              <Actions ui={ui} asset={asset} list={list} />
            </div>
          </div>
          <Stage ui={ui} asset={asset} jobs={jobs} />
        </div>
        <AssetPanel ui={ui} asset={asset} panel={panel} />
      </div>
    </Page>
  );
}

export function AssetTitle({ asset }: { asset: AssetDetail }) {
  return (
    <h1 id="asset-title" title={asset.title} dir="auto" data-page-title={pageTitle(asset.title)}>
      {asset.title}
    </h1>
  );
}

/** The state of an asset where it is not the usual one: available, with its preview. */
export function AssetStatus({ ui, asset, jobs }: Pick<AssetProps, "ui" | "asset" | "jobs">) {
  const job = previewWork(asset, jobs);
  return (
    <span id="asset-status">
      {job && <JobState ui={ui} status={job.status} />}
      {asset.status !== "available" && <AssetState ui={ui} status={asset.status} progress={asset.progress} />}
    </span>
  );
}

function Actions({ ui, asset, list }: Pick<AssetProps, "ui" | "asset" | "list">) {
  const hasOriginal = asset.storage_locations.some((location) => location.purpose === "original");
  return (
    <>
      {hasOriginal && (
        <a
          class="button"
          href={`/media/assets/${asset.id}/original`}
          download
          hx-nonce={ui.nonce}
          hx-boost="false"
          title={ui.t("asset.download")}
          aria-label={ui.t("asset.download")}
        >
          <Icon name="download" /> <span>{ui.t("asset.download")}</span>
        </a>
      )}
      {asset.can_edit && asset.status !== "deleted" && (
        <form
          method="post"
          action={`/assets/${asset.id}/trash`}
          data-trash
          hx-nonce={ui.nonce}
          hx-boost='{"target":"#page","swap":"outerHTML show:none"}'
        >
          <input type="hidden" name="back" value={list} />
          <button
            class="button button--bare button--icon"
            type="submit"
            title={ui.t("asset.trash")}
            aria-label={ui.t("asset.trash")}
          >
            <Icon name="trash" />
          </button>
        </form>
      )}
    </>
  );
}
