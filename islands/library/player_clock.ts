// Formats and parses positions: source timecode, elapsed time, frames.
import {
  canDropFrames,
  framesPerDay,
  framesToMs,
  msToFrames,
  parseTimecode,
  type Rate,
  timecodeAt,
  timecodeToFrames,
} from "../../lib/timecode/timecode.ts";

export type Mode = "source" | "elapsed" | "frames";

export interface Clock {
  rate: Rate;
  /** Number of frames, at least one. */
  frames: number;
  /** In the order in which the mode button cycles through them. */
  modes: Mode[];
  write(frame: number, mode: Mode): string;
  /** The total duration; in source mode it is written as a timecode from zero. */
  writeLength(mode: Mode): string;
  /** Parses a typed position to a frame; undefined when it is invalid. */
  read(text: string, mode: Mode): number | undefined;
}

/** Creates the clock from the element's data attributes: num, den, frames, start, drop, modes. */
export function makeClock(data: DOMStringMap): Clock {
  const rate = { num: Number(data.num), den: Number(data.den) };
  const frames = Math.max(1, Number(data.frames));
  const dropFrame = data.drop !== undefined && canDropFrames(rate);
  const start = data.start ?? null;
  const first = start ? timecodeToFrames(start, rate) ?? 0 : 0;
  const write = (frame: number, mode: Mode) => {
    if (mode === "frames") return String(frame);
    return mode === "elapsed"
      ? writeElapsed(framesToMs(frame, rate))
      : timecodeAt(frame, rate, start, { dropFrame });
  };
  return {
    rate,
    frames,
    modes: data.modes!.split(" ") as Mode[],
    write,
    writeLength: (mode) =>
      mode === "source" ? timecodeAt(frames, rate, null, { dropFrame }) : write(frames, mode),
    read: (text, mode) => {
      if (mode === "frames") return /^\d{1,9}$/.test(text.trim()) ? Number(text) : undefined;
      if (mode === "elapsed") return readElapsed(text, rate);
      const frame = parseTimecode(text, rate, { dropFrame });
      if (frame === undefined) return undefined;
      const day = framesPerDay(rate, { dropFrame });
      const offset = (frame - first + day) % day;
      // A timecode before the start was meant relative to it.
      return offset < frames ? offset : Math.min(frame, frames - 1);
    },
  };
}

/** `00:01:02.345` */
function writeElapsed(ms: number): string {
  return String(Math.floor(ms / 3_600_000)).padStart(2, "0") + new Date(ms).toISOString().slice(13, 23);
}

function readElapsed(text: string, rate: Rate): number | undefined {
  const match = /^(?:(?:(\d{1,3}):)?(\d{1,3}):)?(\d{1,6})(?:[.,](\d{1,3}))?$/.exec(text.trim());
  if (!match) return undefined;
  const [hours, minutes, seconds] = [match[1], match[2], match[3]].map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
  ];
  return msToFrames(
    ((hours * 60 + minutes) * 60 + seconds) * 1000 + Number((match[4] ?? "0").padEnd(3, "0")),
    rate,
  );
}
