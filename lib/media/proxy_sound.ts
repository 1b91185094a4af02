// The sound of a proxy: every track as AAC, in mono or stereo. Pure.
import { proxyChannels, type ProxyPlan } from "./proxy_plan.ts";
import type { StreamSummary } from "./schema.ts";

const AAC_RATES = [8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000];
/** Layouts up to 7.1 are mixed whole. */
const MAX_PLACES = 8;
/** As many channels as ffmpeg's `pan` reads. */
const MAX_MIXED = 64;

/** ffmpeg arguments for the track `stream`, the `nth` of a proxy. */
export function audioArgs(stream: StreamSummary, nth: number, { audioBits }: ProxyPlan): string[] {
  const filters = ["aresample=async=1:first_pts=0"];
  if (!isMixedByPlace(stream)) filters.unshift(...mixPairs(stream.channels!));
  const rate = AAC_RATES.find((known) => known === stream.sample_rate) ?? 48_000;
  const language = stream.language && /^[a-z]{3}$/.test(stream.language) ? stream.language : null;
  return [
    "-map",
    `0:${stream.index}`,
    `-filter:a:${nth}`,
    filters.join(","),
    `-c:a:${nth}`,
    "aac",
    `-b:a:${nth}`,
    String(audioBits),
    `-ac:a:${nth}`,
    String(proxyChannels(stream)),
    `-ar:a:${nth}`,
    String(rate),
    `-flags:a:${nth}`,
    "+bitexact",
    ...(language ? [`-metadata:s:a:${nth}`, `language=${language}`] : []),
  ];
}

/** ffmpeg mixes channels down by their places, and leaves out those that it knows no place for. */
function isMixedByPlace({ channels = 2, channel_layout }: StreamSummary): boolean {
  return channels <= 2 || (Boolean(channel_layout) && channels <= MAX_PLACES);
}

/**
 * Stereo of channels without known places: by convention they come in pairs of left and right, and the first one is
 * the main pair. The others are half as loud; a limiter holds what their sum exceeds.
 */
function mixPairs(channels: number): string[] {
  const side = (first: number) => {
    const others = Array.from({ length: Math.min(channels, MAX_MIXED) }, (_, nth) => nth).slice(2);
    const added = others.filter((nth) => nth % 2 === first).map((nth) => `+0.5*c${nth}`);
    return `c${first}=c${first}${added.join("")}`;
  };
  return ["aformat=sample_fmts=fltp", `pan=stereo|${side(0)}|${side(1)}`, "alimiter=level=0"];
}
