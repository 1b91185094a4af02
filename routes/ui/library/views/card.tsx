import type { AssetSummary } from "../../../../lib/library/assets/schema.ts";
import { formatElapsed } from "../../../../lib/timecode/timecode.ts";
import type { Ui } from "../../kit/ui.ts";
import { Cut } from "../../kit/views/cut.tsx";
import { Icon } from "../../kit/views/icons.tsx";
import { TYPE_ICONS } from "./asset_state.tsx";
import { CardFacts } from "./card_facts.tsx";

/** One asset in the grid. The picture has its dimensions before it loads, so nothing shifts. */
export function Card({ ui, asset }: { ui: Ui; asset: AssetSummary }) {
  const open = asset.status === "processing" || asset.status === "ingesting";
  return (
    <li
      class="card"
      id={`asset-${asset.id}`}
      data-asset-id={asset.id}
      data-created={asset.created_at}
      data-status={asset.status}
    >
      <div class="card__picture">
        <Picture asset={asset} />
        <span class="card__kind" title={ui.t(`type.${asset.asset_type}`)}>
          <Icon name={TYPE_ICONS[asset.asset_type]} />
          <span class="sr-only">{ui.t(`type.${asset.asset_type}`)}</span>
        </span>
        {asset.visibility === "private" && (
          <span class="card__lock" title={ui.t("visibility.private")}>
            <Icon name="lock" />
            <span class="sr-only">{ui.t("visibility.private")}</span>
          </span>
        )}
        {asset.duration_ms !== null && (
          <span class="card__length timecode">{formatElapsed(asset.duration_ms)}</span>
        )}
        {open && <progress max="100" value={asset.progress ?? 0} aria-label={ui.t("status.processing")} />}
      </div>
      <a class="card__title" href={`/assets/${asset.id}`} title={asset.title} aria-label={asset.title}>
        <Cut text={asset.title} />
      </a>
      <CardFacts ui={ui} asset={asset} />
      {asset.status === "deleted" && ui.mayEdit && (
        <form
          class="card__act"
          method="post"
          action={`/assets/${asset.id}/restore`}
          hx-nonce={ui.nonce}
          hx-boost='{"target":"#page","swap":"outerHTML show:none"}'
        >
          <button class="button button--small button--wide" type="submit">{ui.t("library.restore")}</button>
        </form>
      )}
    </li>
  );
}

function Picture({ asset }: { asset: AssetSummary }) {
  const [width, height] = shownSize(asset);
  if (asset.thumbnail_url) {
    return (
      <img src={asset.thumbnail_url} width={width} height={height} alt="" loading="lazy" decoding="async" />
    );
  }
  return (
    <>
      <svg class="card__blank" viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
        <rect width={width} height={height} fill="currentColor" />
      </svg>
      <Icon name={TYPE_ICONS[asset.asset_type]} class="card__type" />
    </>
  );
}

/** Displayed width and height; only their ratio matters. 16:9 while unknown. */
function shownSize({ aspect_ratio, width, height, rotation }: AssetSummary): [number, number] {
  const ratio = /^(\d+(?:\.\d+)?):(\d+(?:\.\d+)?)$/.exec(aspect_ratio ?? "");
  if (ratio) return [Math.round(Number(ratio[1]) * 40), Math.round(Number(ratio[2]) * 40)];
  if (!width || !height) return [640, 360];
  return rotation % 180 === 0 ? [width, height] : [height, width];
}
