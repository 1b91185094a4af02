import type { AssetDetail } from "../../../../lib/library/assets/schema.ts";
import type { Ui } from "../../kit/ui.ts";
import type { TextKey } from "../../kit/words.ts";
import { Fact } from "./fact.tsx";

type Technical = NonNullable<AssetDetail["technical_metadata"]>;
type Row = [name: string, value: string | null | undefined | false | 0];

const CAMERA_FACTS = [
  "make",
  "model",
  "lens",
  "software",
  "exposure_time",
  "f_number",
  "iso",
  "focal_length",
  "focal_length_35mm",
  "latitude",
  "longitude",
  "altitude",
] as const;

/** What an editor asks for first. */
export function keyFacts(ui: Ui, t: Technical | null): [name: string, value: string][] {
  if (!t) return [];
  const rows: Row[] = [
    [ui.t("tech.rate"), rate(ui, t)],
    [ui.t("tech.resolution"), t.width && t.height && `${t.width} × ${t.height}`],
    [ui.t("tech.codec"), [t.video_codec, t.audio_codec].filter(Boolean).join(", ")],
    [ui.t("tech.start"), t.start_timecode],
    [ui.t("tech.channels"), channels(t)],
  ];
  return rows.filter((row): row is [string, string] => Boolean(row[1]));
}

/** Technical metadata of the file. */
export function AssetTechnical({ ui, asset }: { ui: Ui; asset: AssetDetail }) {
  const technical = asset.technical_metadata;
  if (!technical) return <section class="panel__section quiet">{ui.t("tech.none")}</section>;
  return (
    <div id="technical">
      <Group title={ui.t("tech.picture")} rows={picture(ui, technical)} />
      <Group title={ui.t("tech.sound")} rows={sound(ui, technical)} />
      <Group title={ui.t("tech.container")} rows={container(ui, technical)} />
      <Group title={ui.t("tech.camera")} rows={camera(ui, technical)} />
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
    [ui.t("tech.scan"), t.scan_type && ui.t(`tech.${t.scan_type}` as TextKey)],
    [ui.t("tech.codec"), words(t.video_codec, t.video_codec_profile)],
    [
      ui.t("tech.depth"),
      t.bit_depth !== null && t.width !== null && ui.t("tech.bits", { count: t.bit_depth }),
    ],
    [ui.t("tech.colour"), distinct(t.color_space, t.color_primaries, t.color_transfer, t.pixel_format)],
    [ui.t("tech.hdr"), t.hdr_format],
    [
      ui.t("tech.rotation"),
      words(t.is_mirrored ? ui.t("tech.mirrored") : null, t.rotation && `${t.rotation}°`),
    ],
    [ui.t("tech.bit_rate"), t.video_bit_rate && ui.bitRate(t.video_bit_rate)],
  ];
}

function sound(ui: Ui, t: Technical): Row[] {
  return [
    [ui.t("tech.codec"), t.audio_codec],
    [ui.t("tech.channels"), channels(t)],
    [ui.t("tech.tracks"), tracks(t, "audio")],
    [
      ui.t("tech.depth"),
      t.bit_depth !== null && t.width === null && ui.t("tech.bits", { count: t.bit_depth }),
    ],
    [ui.t("tech.sample_rate"), t.audio_sample_rate && `${ui.number(t.audio_sample_rate / 1000, 1)} kHz`],
    [ui.t("tech.bit_rate"), t.audio_bit_rate && ui.bitRate(t.audio_bit_rate)],
  ];
}

function channels(t: Technical): string | null {
  if (!t.audio_channels) return null;
  return words(String(t.audio_channels), t.audio_channel_layout && `(${t.audio_channel_layout})`);
}

function container(ui: Ui, t: Technical): Row[] {
  return [
    [ui.t("tech.format"), t.container_format],
    [
      ui.t("tech.start"),
      t.start_timecode && words(t.start_timecode, t.drop_frame ? `(${ui.t("tech.drop_frame")})` : null),
    ],
    [ui.t("tech.subtitles"), tracks(t, "subtitle")],
    [ui.t("tech.bit_rate"), t.bit_rate && ui.bitRate(t.bit_rate)],
    [ui.t("tech.notes"), t.notes.map((note) => ui.t(`tech.note.${note}`)).join(" ")],
    [ui.t("tech.analysed"), ui.dateTime(t.analyzed_at)],
  ];
}

/** Audio or subtitle tracks: `8 × mono`, or `1: stereo por · 2: 5.1 eng`. */
function tracks(t: Technical, type: "audio" | "subtitle"): string | null {
  const found = t.streams.filter((stream) => stream.type === type);
  const names = found.map(({ codec, channels, channel_layout, language, title }) => {
    const kind = type === "subtitle" ? codec : channel_layout ?? channels;
    return [kind, language, title].filter(Boolean).join(" ");
  });
  if (type === "audio" && names.length < 2) return null;
  if (names.length > 1 && new Set(names).size === 1) return `${names.length} × ${names[0]}`;
  return names.map((name, nth) => names.length > 1 ? `${nth + 1}: ${name}` : name).join(" · ");
}

function camera(ui: Ui, { camera }: Technical): Row[] {
  const told: Record<string, (value: number) => string> = {
    exposure_time: (value) => `${value < 1 ? `1/${ui.number(1 / value)}` : ui.number(value, 1)} s`,
    f_number: (value) => `f/${ui.number(value, 1)}`,
    focal_length: (value) => `${ui.number(value, 1)} mm`,
    focal_length_35mm: (value) => `${ui.number(value)} mm`,
    altitude: (value) => `${ui.number(value)} m`,
  };
  return CAMERA_FACTS.map((name) => {
    const value = camera[name];
    return [
      ui.t(`camera.${name}`),
      typeof value === "number" ? (told[name] ?? String)(value) : value as string | undefined,
    ];
  });
}

function rate(ui: Ui, t: Technical): string | null {
  if (t.frame_rate === null || t.width === null) return null;
  const fraction = t.frame_rate_den && t.frame_rate_den > 1
    ? `(${t.frame_rate_num}/${t.frame_rate_den})`
    : null;
  return words(
    `${ui.number(t.frame_rate, 3)} fps`,
    fraction,
    t.is_variable_frame_rate ? ui.t("tech.variable") : null,
  );
}

function words(...parts: (string | null | undefined | 0)[]): string {
  return parts.filter(Boolean).join(" ");
}

/** Colour space, primaries and transfer; names that are equal are shown once. */
function distinct(...parts: (string | null)[]): string {
  return [...new Set(parts.filter(Boolean))].join(" · ");
}
