import type { AssetDetail } from "../../../../lib/library/assets/schema.ts";
import { formatElapsed } from "../../../../lib/timecode/timecode.ts";
import type { Ui } from "../../kit/ui.ts";
import { Icon } from "../../kit/views/icons.tsx";
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
          {asset.file_size_bytes !== null && (
            <Fact name={ui.t("asset.size")}>{ui.bytes(asset.file_size_bytes)}</Fact>
          )}
          {asset.original_filename && <Fact name={ui.t("asset.file")}>{asset.original_filename}</Fact>}
          <Fact name={ui.t("asset.added")}>
            <time datetime={asset.created_at}>{ui.dateTime(asset.created_at)}</time>
          </Fact>
          <Fact name={ui.t("asset.visibility")}>
            {asset.visibility === "private" && <Icon name="lock" />} {ui.t(`visibility.${asset.visibility}`)}
          </Fact>
          {asset.recorded_at && (
            <Fact name={ui.t("asset.recorded")}>
              <time datetime={asset.recorded_at}>{ui.dateTime(asset.recorded_at)}</time>
            </Fact>
          )}
          {asset.duplicate_of && (
            <Fact name={ui.t("asset.duplicate")}>
              <a href={`/assets/${asset.duplicate_of}`}>{ui.t("asset.duplicate_link")}</a>
            </Fact>
          )}
          {asset.checksum_sha256 && (
            <Fact name={ui.t("asset.checksum")}>
              <code>{asset.checksum_sha256}</code>
            </Fact>
          )}
        </dl>
      </section>
    </div>
  );
}

export function Fact({ name, children }: { name: string; children?: unknown }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
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
