import type { AssetDetail } from "../../../../lib/library/assets/schema.ts";
import { formatElapsed } from "../../../../lib/timecode/timecode.ts";
import type { Ui } from "../../kit/ui.ts";
import { Moment } from "../../kit/views/states.tsx";
import { Icon } from "../../kit/views/icons.tsx";
import { Fact } from "./fact.tsx";
import { keyFacts } from "./asset_technical.tsx";
import { type Edit, EditForm } from "./asset_edit.tsx";

export function AssetDetails({ ui, asset, edit }: { ui: Ui; asset: AssetDetail; edit?: Edit }) {
  return (
    <div id="details">
      {edit ? <EditForm ui={ui} asset={asset} edit={edit} /> : <Words ui={ui} asset={asset} />}
      <section class="panel__section">
        <dl class="facts">
          <Fact name={ui.t("asset.kind")}>{ui.t(`type.${asset.asset_type}`)}</Fact>
          {asset.duration_ms !== null && (
            <Fact name={ui.t("asset.length")}>
              <span class="timecode">{formatElapsed(asset.duration_ms)}</span>
            </Fact>
          )}
          {keyFacts(ui, asset.technical_metadata).map(([name, value]) => <Fact name={name}>{value}</Fact>)}
          {asset.file_size_bytes !== null && (
            <Fact name={ui.t("asset.size")}>{ui.bytes(asset.file_size_bytes)}</Fact>
          )}
          {asset.original_filename && <Fact name={ui.t("asset.file")}>{asset.original_filename}</Fact>}
          {asset.recorded_at && (
            <Fact name={ui.t("asset.recorded")}>
              <RecordedAt ui={ui} asset={asset} at={asset.recorded_at} />
            </Fact>
          )}
          <Fact name={ui.t("asset.added")}>
            <Moment ui={ui} at={asset.created_at} />
          </Fact>
          <Fact name={ui.t("asset.visibility")}>
            {asset.visibility === "private" && <Icon name="lock" />} {ui.t(`visibility.${asset.visibility}`)}
          </Fact>
          {asset.duplicate_of && (
            <Fact name={ui.t("asset.duplicate")}>
              <a href={`/assets/${asset.duplicate_of}`}>{ui.t("asset.duplicate_link")}</a>
            </Fact>
          )}
          {asset.checksum_sha256 && (
            <Fact name={ui.t("asset.checksum")}>
              <Checksum ui={ui} value={asset.checksum_sha256} />
            </Fact>
          )}
        </dl>
      </section>
    </div>
  );
}

/** A camera's time without a zone is shown as its clock had it, and says so. */
function RecordedAt({ ui, asset, at }: { ui: Ui; asset: AssetDetail; at: string }) {
  const clock = asset.technical_metadata?.camera.recorded_clock;
  // Unless another time was set since.
  if (typeof clock !== "string" || Date.parse(`${clock}Z`) !== Date.parse(at)) {
    return <Moment ui={ui} at={at} />;
  }
  return (
    <>
      <time datetime={clock} title={ui.t("asset.camera_clock_text")}>{ui.clockTime(at)}</time>{" "}
      <span class="quiet">{ui.t("asset.camera_clock")}</span>
    </>
  );
}

function Checksum({ ui, value }: { ui: Ui; value: string }) {
  return (
    <span class="checksum">
      <code id="checksum" title={value}>{value}</code>
      <button
        class="button button--bare button--icon needs-script"
        type="button"
        data-copy="checksum"
        data-copied={ui.t("asset.checksum_copied")}
        title={ui.t("asset.checksum_copy")}
        aria-label={ui.t("asset.checksum_copy")}
      >
        <Icon name="clipboard" />
      </button>
    </span>
  );
}

function Words({ ui, asset }: { ui: Ui; asset: AssetDetail }) {
  const path = `/assets/${asset.id}`;
  return (
    <section class="panel__section">
      <div class="panel__top">
        <h2 dir="auto">{asset.title}</h2>
        {asset.can_edit && asset.status !== "deleted" && (
          <a
            class="button button--small"
            id="edit"
            href={`${path}?edit=1`}
            hx-nonce={ui.nonce}
            hx-get={`${path}/panel?edit=1`}
            hx-target="#panel-body"
            hx-swap="outerHTML"
            hx-boost="false"
          >
            <Icon name="edit" /> {ui.t("asset.edit")}
          </a>
        )}
      </div>
      <p class={asset.description ? "prose" : "quiet"} dir="auto">
        {asset.description ?? ui.t("asset.no_description")}
      </p>
    </section>
  );
}
