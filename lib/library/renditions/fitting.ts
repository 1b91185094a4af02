// Which files fit a purpose, by what their content says and never by what a client declared.
import type { AssetType } from "../../media/schema.ts";
import type { Purpose } from "../objects/schema.ts";
import { fileError } from "./schema.ts";

interface Content {
  assetType: AssetType;
  contentType: string;
}

type Fits = (content: Content, asset: AssetType) => boolean;

const SHOWN_PICTURES = ["image/jpeg", "image/png", "image/webp", "image/avif", "image/gif", "image/apng"];
const isPicture: Fits = ({ contentType }) => SHOWN_PICTURES.includes(contentType);
const isOneOf = (...types: string[]): Fits => ({ contentType }) => types.includes(contentType);

/** What fits, and how an error says it. */
const RULES: Record<Exclude<Purpose, "original" | "proxy">, { fits: Fits; takes: string }> = {
  thumbnail: { fits: isPicture, takes: "a JPEG, PNG, WebP, AVIF or GIF picture" },
  sprite: { fits: isPicture, takes: "a JPEG, PNG, WebP, AVIF or GIF picture" },
  waveform: {
    fits: (content, asset) => isPicture(content, asset) || content.contentType === "application/json",
    takes: "a picture that browsers show, or JSON",
  },
  preview: {
    fits: (content, asset) => isPicture(content, asset) || ["video", "audio"].includes(content.assetType),
    takes: "a video, audio, or a picture that browsers show",
  },
  hls: { fits: isOneOf("application/vnd.apple.mpegurl"), takes: "an HLS playlist" },
  dash: { fits: isOneOf("application/dash+xml", "application/xml"), takes: "a DASH manifest" },
};

const PROXY_OF: Record<AssetType, { fits: Fits; takes: string }> = {
  video: { fits: ({ assetType }) => assetType === "video", takes: "a video" },
  sequence: { fits: ({ assetType }) => assetType === "video", takes: "a video" },
  audio: { fits: ({ assetType }) => assetType === "audio", takes: "audio" },
  image: { fits: isPicture, takes: "a JPEG, PNG, WebP, AVIF or GIF picture" },
  document: {
    fits: (content, asset) => isPicture(content, asset) || content.contentType === "application/pdf",
    takes: "a PDF, or a picture that browsers show",
  },
};

/**
 * Throws `unsupported` unless a file with this content fits `purpose` of an asset of this type. The first bytes do not
 * tell a container with video from one with audio alone: before a file is probed (`isProbed`) either may be audio.
 */
export function requireFitting(
  purpose: Purpose,
  asset: AssetType,
  content: Content,
  { isProbed }: { isProbed: boolean },
): void {
  if (purpose === "original") return;
  const { fits, takes } = purpose === "proxy" ? PROXY_OF[asset] : RULES[purpose];
  const mayBeAudio = !isProbed && purpose === "proxy" && asset === "audio" && content.assetType === "video";
  if (fits(content, asset) || mayBeAudio) return;
  throw fileError("unfit", { purpose, type: content.contentType, takes });
}
