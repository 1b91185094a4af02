// The line under a card's title: what is exceptional, then what an editor asks for first.
import type { Child } from "hono/jsx";
import type { AssetSummary } from "../../../../lib/library/assets/schema.ts";
import { hasTimecode, type Rate } from "../../../../lib/timecode/timecode.ts";
import type { Ui } from "../../kit/ui.ts";
import { Ago } from "../../kit/views/states.tsx";
import { AssetState } from "./asset_state.tsx";

/** Facts in the order of their weight: those that do not fit into the line are not shown. */
export function CardFacts({ ui, asset }: { ui: Ui; asset: AssetSummary }) {
  return (
    <div class="card__facts">
      {asset.status !== "available" && <AssetState ui={ui} status={asset.status} progress={asset.progress} />}
      {factsOf(ui, asset).map((fact) => <span class="card__fact">{fact}</span>)}
    </div>
  );
}

function factsOf(ui: Ui, asset: AssetSummary): Child[] {
  const rate = rateOf(asset);
  return [
    sizeText(asset),
    rate && `${ui.number(rate.num / rate.den, 2)} fps`,
    startOf(asset, rate),
    asset.file_size_bytes !== null && ui.bytes(asset.file_size_bytes),
    <Ago ui={ui} at={asset.created_at} />,
  ].filter(Boolean);
}

/** Width and height as shown. */
function sizeText({ width, height, rotation }: AssetSummary): string | undefined {
  if (!width || !height) return undefined;
  return rotation % 180 === 0 ? `${width}×${height}` : `${height}×${width}`;
}

function rateOf(asset: AssetSummary): Rate | undefined {
  const { asset_type, frame_rate_num: num, frame_rate_den: den } = asset;
  return asset_type === "video" && num && den ? { num, den } : undefined;
}

/** The start timecode, where timecode counts the frames. */
function startOf({ start_timecode, is_variable_frame_rate }: AssetSummary, rate: Rate | undefined) {
  const counts = rate && !is_variable_frame_rate && hasTimecode(rate);
  return counts && start_timecode && <span class="timecode">{start_timecode}</span>;
}
