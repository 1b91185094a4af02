import type { AssetDetail } from "../../../lib/assets/schema.ts";
import type { Ui } from "../ui.ts";
import type { TextKey } from "../words.ts";
import { Fact } from "./asset_details.tsx";

type Technical = NonNullable<AssetDetail["technical_metadata"]>;
type Row = [name: string, value: string | null | undefined | false | 0];

/** What the file is made of, in the words of the trade. */
export function AssetTechnical({ ui, asset }: { ui: Ui; asset: AssetDetail }) {
  const technical = asset.technical_metadata;
  if (!technical) return <section class="panel__section quiet">{ui.t("tech.none")}</section>;
  return (
    <div id="technical">
      <Group title={ui.t("tech.picture")} rows={picture(ui, technical)} />
      <Group title={ui.t("tech.sound")} rows={sound(ui, technical)} />
      <Group title={ui.t("tech.container")} rows={container(ui, technical)} />
      <Group title={ui.t("tech.camera")} rows={camera(technical)} />
    </div>
  );
}

function Group({ title, rows }: { title: string; rows: Row[] }) {
  const known = rows.filter(([, value]) => value);
  if (known.length === 0) return null;
  return (
    <section class="panel__section">
      <h2>{title}</h2>
      <dl class="facts">
        {known.map(([name, value]) => <Fact name={name}>{value}</Fact>)}
      </dl>
    </section>
  );
}

function picture(ui: Ui, t: Technical): Row[] {
  return [
    [
      ui.t("tech.resolution"),
      t.width && t.height && words(`${t.width} × ${t.height}`, t.resolution_category),
    ],
    [ui.t("tech.aspect"), t.width ? t.aspect_ratio : null],
    [ui.t("tech.rate"), rate(ui, t)],
    [ui.t("tech.frames"), t.frame_count === null ? null : ui.number(t.frame_count)],
    [
      ui.t("tech.start"),
      t.start_timecode && words(t.start_timecode, t.drop_frame ? `(${ui.t("tech.drop_frame")})` : null),
    ],
    [ui.t("tech.scan"), t.scan_type && ui.t(`tech.${t.scan_type}` as TextKey)],
    [ui.t("tech.codec"), words(t.video_codec, t.video_codec_profile)],
    [
      ui.t("tech.depth"),
      t.bit_depth !== null && t.width !== null && ui.t("tech.bits", { count: t.bit_depth }),
    ],
    [ui.t("tech.colour"), distinct(t.color_space, t.color_primaries, t.color_transfer, t.pixel_format)],
    [ui.t("tech.hdr"), t.hdr_format],
    [ui.t("tech.rotation"), t.rotation ? `${t.rotation}°` : null],
    [ui.t("tech.bit_rate"), t.video_bit_rate && ui.bitRate(t.video_bit_rate)],
  ];
}

function sound(ui: Ui, t: Technical): Row[] {
  return [
    [ui.t("tech.codec"), t.audio_codec],
    [
      ui.t("tech.channels"),
      t.audio_channels &&
      words(String(t.audio_channels), t.audio_channel_layout && `(${t.audio_channel_layout})`),
    ],
    [ui.t("tech.sample_rate"), t.audio_sample_rate && `${ui.number(t.audio_sample_rate / 1000, 1)} kHz`],
    [ui.t("tech.bit_rate"), t.audio_bit_rate && ui.bitRate(t.audio_bit_rate)],
  ];
}

function container(ui: Ui, t: Technical): Row[] {
  return [
    [ui.t("tech.format"), t.container_format],
    [ui.t("tech.bit_rate"), t.bit_rate && ui.bitRate(t.bit_rate)],
    [ui.t("tech.analysed"), ui.dateTime(t.analyzed_at)],
  ];
}

function camera(t: Technical): Row[] {
  return Object.entries(t.camera).map(([name, value]) => [name.replaceAll("_", " "), String(value)]);
}

function rate(ui: Ui, t: Technical): string | null {
  if (t.frame_rate === null || t.width === null) return null;
  const fraction = t.frame_rate_den && t.frame_rate_den > 1
    ? `(${t.frame_rate_num}/${t.frame_rate_den})`
    : null;
  return words(ui.number(t.frame_rate, 3), fraction, t.is_variable_frame_rate ? ui.t("tech.variable") : null);
}

function words(...parts: (string | null | undefined | 0)[]): string {
  return parts.filter(Boolean).join(" ");
}

/** Space, primaries and transfer mostly bear one name: say it once. */
function distinct(...parts: (string | null)[]): string {
  return [...new Set(parts.filter(Boolean))].join(" · ");
}
