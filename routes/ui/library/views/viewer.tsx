import type { AssetDetail } from "../../../../lib/library/assets/schema.ts";
import { shownSize } from "../../../../lib/media/picture.ts";
import type { Ui } from "../../kit/ui.ts";
import { Control } from "./control.tsx";

/** Types that every browser shows as the preview does: upright and in its colours. */
const SHOWN_BY_BROWSERS = ["image/jpeg", "image/png", "image/webp", "image/gif"];

/** An image that can be zoomed and moved; without scripts, the image. */
export function Viewer({ ui, asset, src }: { ui: Ui; asset: AssetDetail; src: string }) {
  const full = fullSize(asset);
  return (
    <>
      <script type="module" src={ui.asset("viewer.js")} nonce={ui.nonce} />
      <image-viewer
        data-full={full && `/media/assets/${asset.id}/original`}
        data-width={full?.width}
        data-height={full?.height}
      >
        <div class="viewer__screen">
          <img src={src} alt={ui.t("asset.picture_of", { title: asset.title })} draggable={false} />
        </div>
        <div class="viewer__controls" role="toolbar" aria-label={ui.t("viewer.label")}>
          <Control name="out" icon="minus" label={ui.t("viewer.out")} />
          <output class="viewer__zoom" aria-label={ui.t("viewer.zoom")} data-zoom>100%</output>
          <Control name="in" icon="plus" label={ui.t("viewer.in")} />
          <Named name="fit" text={ui.t("viewer.fit")} label={ui.t("viewer.fit_label")} />
          <Named name="actual" text="1:1" label={ui.t(full ? "viewer.actual" : "viewer.actual_preview")} />
          <Control name="full" icon="full" label={ui.t("player.full")} />
        </div>
      </image-viewer>
    </>
  );
}

/** The size of the original as it is shown, where browsers can show it. */
function fullSize({ content_type, technical_metadata, storage_locations }: AssetDetail) {
  const isShown = SHOWN_BY_BROWSERS.includes(content_type ?? "") &&
    storage_locations.some(({ purpose }) => purpose === "original");
  return isShown && technical_metadata ? shownSize(technical_metadata) : undefined;
}

function Named({ name, text, label }: { name: string; text: string; label: string }) {
  return (
    <button class="button button--bare" type="button" data-do={name} title={label}>
      {text} <span class="sr-only">{label}</span>
    </button>
  );
}
