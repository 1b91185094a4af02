import type { AssetDetail } from "../../../../lib/library/assets/schema.ts";
import {
  countFrames,
  framesToMs,
  hasTimecode,
  type Rate,
  timecodeAt,
} from "../../../../lib/timecode/timecode.ts";
import type { Ui } from "../../kit/ui.ts";
import { Icon } from "../../kit/views/icons.tsx";
import { Control } from "./control.tsx";

/** Frame rate of media without video: positions in hundredths of a second. */
const SOUND_RATE: Rate = { num: 100, den: 1 };

/**
 * Video or audio with its controls. All elements are rendered by the server, so the island causes no layout shift;
 * without scripts the browser's own controls remain.
 */
export function Player({ ui, asset }: { ui: Ui; asset: AssetDetail }) {
  const technical = asset.technical_metadata;
  const rate = rateOf(asset);
  const start = technical?.start_timecode ?? null;
  const dropFrame = technical?.drop_frame ?? undefined;
  const source = asset.proxy_url!;
  const sound = asset.asset_type === "audio";
  const measured = countFrames(asset.duration_ms ?? 0, rate);
  const frames = sound ? measured : technical?.frame_count ?? measured;
  const counted = !sound && hasTimecode(rate) && !technical?.is_variable_frame_rate;
  return (
    <>
      <script type="module" src={ui.asset("player.js")} nonce={ui.nonce} />
      <media-player
        role="region"
        aria-label={ui.t("player.label", { title: asset.title })}
        tabindex={0}
        data-num={rate.num}
        data-den={rate.den}
        data-frames={frames}
        data-start={start}
        data-modes={sound ? "elapsed" : counted ? "source elapsed frames" : "elapsed frames"}
        data-drop={technical?.drop_frame ? "" : undefined}
        data-texts={JSON.stringify(ui.textsBelow("player."))}
      >
        <div class="player__screen">
          {sound
            ? (
              <>
                {asset.thumbnail_url
                  ? <img class="player__poster" src={asset.thumbnail_url} alt="" />
                  : <SoundArt />}
                <audio src={source} preload="metadata" controls />
              </>
            )
            : (
              <video
                src={source}
                poster={asset.thumbnail_url ?? undefined}
                preload="metadata"
                playsinline
                controls
              />
            )}
          <span class="player__badge" hidden data-speed />
          <p class="notice notice--bad player__error" hidden role="alert" data-broken>
            {ui.t("player.broken")}
          </p>
        </div>
        <div class="player__controls">
          <output class="scrub__tip timecode" hidden data-tip />
          <p class="clock__refused" id="time-refused" role="alert" hidden data-refused />
          <input
            class="range scrub"
            type="range"
            min="0"
            max={Math.max(0, frames - 1)}
            step="1"
            value="0"
            data-scrub
            aria-label={ui.t("player.position")}
          />
          <div class="player__row">
            <div class="player__group player__group--start">
              <Control name="back" icon="frame_back" label={ui.t("player.back")} />
              <button
                class="button button--bare button--icon"
                type="button"
                data-do="play"
                title={ui.t("player.play")}
                aria-label={ui.t("player.play")}
              >
                <Icon name="play" class="is-play" />
                <Icon name="pause" class="is-pause" />
              </button>
              <Control name="forward" icon="frame_forward" label={ui.t("player.forward")} />
            </div>
            <div class="clock">
              {!sound && (
                <button class="clock__mode" type="button" data-do="mode" title={ui.t("player.mode")}>
                  {ui.t(counted ? "player.mode_source" : "player.mode_elapsed")}
                </button>
              )}
              <input
                class="clock__time"
                data-time
                spellcheck={false}
                autocomplete="off"
                aria-label={ui.t("player.timecode")}
                aria-describedby="time-refused"
                value={counted ? timecodeAt(0, rate, start, { dropFrame }) : elapsed(0)}
              />
              <span class="clock__length" data-length>
                {counted ? timecodeAt(frames, rate, null, { dropFrame }) : elapsed(framesToMs(frames, rate))}
              </span>
            </div>
            <div class="player__group player__group--end">
              <Control name="loop" icon="loop" label={ui.t("player.loop")} pressed={false} />
              <Control name="copy" icon="copy" label={ui.t("player.copy")} />
              <button
                class="button button--bare button--icon"
                type="button"
                data-do="mute"
                title={ui.t("player.mute")}
                aria-label={ui.t("player.mute")}
                aria-pressed="false"
              >
                <Icon name="sound" class="is-sound" />
                <Icon name="muted" class="is-muted" />
              </button>
              <input
                class="range volume"
                type="range"
                min="0"
                max="1"
                step="0.05"
                value="1"
                data-volume
                aria-label={ui.t("player.volume")}
              />
              {!sound && <Control name="full" icon="full" label={ui.t("player.full")} />}
            </div>
          </div>
        </div>
      </media-player>
    </>
  );
}

/** Positions without timecode are in milliseconds: `00:01:02.345`. */
function elapsed(ms: number): string {
  return String(Math.floor(ms / 3_600_000)).padStart(2, "0") + new Date(ms).toISOString().slice(13, 23);
}

function rateOf({ asset_type, technical_metadata }: AssetDetail): Rate {
  const { frame_rate_num: num, frame_rate_den: den } = technical_metadata ?? {};
  if (asset_type === "audio" || !num || !den) return SOUND_RATE;
  return { num, den };
}

function SoundArt() {
  const bars = [14, 30, 22, 46, 60, 38, 72, 54, 84, 66, 48, 76, 58, 34, 50, 26, 40, 18, 28, 12];
  return (
    <svg class="player__sound" viewBox="0 0 200 96" aria-hidden="true">
      {bars.map((height, index) => (
        <rect
          x={index * 10 + 2}
          y={(96 - height) / 2}
          width="5"
          height={height}
          rx="2.5"
          fill="currentColor"
        />
      ))}
    </svg>
  );
}
