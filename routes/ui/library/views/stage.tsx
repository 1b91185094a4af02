import type { AssetDetail } from "../../../../lib/library/assets/schema.ts";
import type { Job } from "../../../../lib/work/jobs/schema.ts";
import type { Ui } from "../../kit/ui.ts";
import { Icon } from "../../kit/views/icons.tsx";
import { Player } from "./player.tsx";
import { Viewer } from "./viewer.tsx";
import { isOpen } from "../../work/views/job.tsx";
import { failureText, mayRetry } from "../../work/views/job_state.tsx";

interface StageProps {
  ui: Ui;
  asset: AssetDetail;
  jobs: Job[];
}

/**
 * The player or preview of an asset; before there is one, the progress of processing or why it failed. The island
 * compares `data-version` to see whether a reloaded stage differs.
 */
export function Stage({ ui, asset, jobs }: StageProps) {
  const version = [
    asset.status,
    previewWork(asset, jobs)?.status ?? "",
    asset.proxy_url ? "proxy" : "",
    asset.thumbnail_url ?? "",
  ].join(" ");
  return (
    <div class="stage" id="stage" data-version={version}>
      <Content ui={ui} asset={asset} jobs={jobs} />
    </div>
  );
}

function Content({ ui, asset, jobs }: StageProps) {
  if (asset.status === "deleted") return <InTrash ui={ui} asset={asset} />;
  if (isPlayable(asset)) return <Player ui={ui} asset={asset} />;
  if (asset.status === "failed") return <Failed ui={ui} asset={asset} jobs={jobs} />;
  if (asset.status === "ingesting" || asset.status === "processing") return <Working ui={ui} asset={asset} />;
  const picture = asset.asset_type === "image" ? asset.proxy_url ?? asset.thumbnail_url : null;
  if (picture) return <Viewer ui={ui} asset={asset} src={picture} />;
  const job = previewWork(asset, jobs);
  if (job && isOpen(job)) return <Working ui={ui} asset={asset} progress={job.progress} />;
  if (job) return <Cancelled ui={ui} asset={asset} job={job} />;
  return <NoPreview ui={ui} asset={asset} />;
}

function isPlayable(asset: AssetDetail): boolean {
  return asset.proxy_url !== null && (asset.asset_type === "video" || asset.asset_type === "audio");
}

interface WorkingProps {
  ui: Ui;
  asset: AssetDetail;
  /** Percent, where it is not that of the asset. */
  progress?: number;
}

function Working({ ui, asset, progress = asset.progress ?? 0 }: WorkingProps) {
  const receiving = asset.status === "ingesting";
  const making = asset.asset_type === "image" ? "stage.processing_image" : "stage.processing";
  return (
    <div class="stage__still">
      <div class="stage__note">
        <Icon name="running" />
        <h2>{ui.t(receiving ? "stage.receiving" : making)}</h2>
        <progress
          max="100"
          value={progress}
          data-progress-of={asset.id}
          aria-label={ui.t("jobs.progress")}
        />
        <p>{ui.t("stage.processing_text")}</p>
      </div>
    </div>
  );
}

function Failed({ ui, asset, jobs }: StageProps) {
  const failed = jobs.find((job) => job.status === "failed" && mayRetry(job));
  return (
    <div class="stage__still">
      <div class="stage__note stage__note--bad">
        <Icon name="warning" />
        <h2>{ui.t("stage.failed")}</h2>
        <p>{failureText(ui, asset.failure_code)}</p>
        <p>{ui.t("stage.failed_safe")}</p>
        <div class="form__row">
          {failed && ui.mayEdit && (
            <form method="post" action={`/jobs/${failed.id}/retry`}>
              <button class="button" type="submit">
                <Icon name="retry" /> {ui.t("app.retry")}
              </button>
            </form>
          )}
          <DownloadLink ui={ui} asset={asset} />
        </div>
      </div>
    </div>
  );
}

function InTrash({ ui, asset }: { ui: Ui; asset: AssetDetail }) {
  return (
    <div class="stage__still">
      <div class="stage__note">
        <Icon name="trash" />
        <h2>{ui.t("asset.in_trash")}</h2>
        <p>{ui.t("asset.in_trash_text")}</p>
        {ui.mayEdit && (
          <form method="post" action={`/assets/${asset.id}/restore`}>
            <button class="button button--main" type="submit">{ui.t("asset.restore")}</button>
          </form>
        )}
      </div>
    </div>
  );
}

/** The job that makes the preview of an available asset without one, or that did until it was cancelled. */
export function previewWork(asset: AssetDetail, jobs: Job[]): Job | undefined {
  const isDue = asset.status === "available" && asset.asset_type !== "document" && !asset.proxy_url;
  if (!isDue) return undefined;
  return jobs.find((job) => isOpen(job)) ??
    jobs.find((job) => job.status === "cancelled" && mayRetry(job));
}

function Cancelled({ ui, asset, job }: { ui: Ui; asset: AssetDetail; job: Job }) {
  return (
    <div class="stage__still">
      <div class="stage__note">
        <Icon name="cancel" />
        <h2>{ui.t("stage.cancelled")}</h2>
        <p>{ui.t("stage.cancelled_text")}</p>
        <div class="form__row">
          {ui.mayEdit && (
            <form method="post" action={`/jobs/${job.id}/retry`}>
              <button class="button button--main" type="submit">{ui.t("stage.make")}</button>
            </form>
          )}
          <DownloadLink ui={ui} asset={asset} />
        </div>
      </div>
    </div>
  );
}

function NoPreview({ ui, asset }: { ui: Ui; asset: AssetDetail }) {
  const document = asset.asset_type === "document";
  return (
    <div class="stage__still">
      <div class="stage__note">
        <Icon name={document ? "document" : "info"} />
        <h2>{ui.t(document ? "stage.document" : "stage.missing")}</h2>
        <p>{ui.t(document ? "stage.document_text" : "stage.missing_text")}</p>
        <div class="form__row">
          <DownloadLink ui={ui} asset={asset} />
        </div>
      </div>
    </div>
  );
}

function DownloadLink({ ui, asset }: { ui: Ui; asset: AssetDetail }) {
  return (
    <a
      class="button"
      href={`/media/assets/${asset.id}/original`}
      download
      hx-nonce={ui.nonce}
      hx-boost="false"
    >
      <Icon name="download" /> {ui.t("asset.download")}
      {asset.file_size_bytes !== null && <span class="quiet">{ui.bytes(asset.file_size_bytes)}</span>}
    </a>
  );
}
