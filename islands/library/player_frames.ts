import type { Rate } from "../../lib/timecode/timecode.ts";

/**
 * Calls `show` with the displayed frame whenever it changes, until `gone`. Video reports each frame; audio, and
 * browsers without requestVideoFrameCallback, are polled on each repaint.
 */
export function followFrames(
  media: HTMLMediaElement,
  { num, den }: Rate,
  gone: AbortSignal,
  show: (frame: number) => void,
): void {
  if (media instanceof HTMLVideoElement && "requestVideoFrameCallback" in media) {
    const next = (_: number, { mediaTime }: VideoFrameCallbackMetadata) => {
      if (gone.aborted) return;
      show(Math.round(mediaTime * num / den));
      media.requestVideoFrameCallback(next);
    };
    media.requestVideoFrameCallback(next);
    return;
  }
  const next = () => {
    if (gone.aborted) return;
    if (!media.paused) show(Math.floor(media.currentTime * num / den));
    requestAnimationFrame(next);
  };
  next();
}
