// Formats and parses positions: source timecode, elapsed time, frames.
import {
  canDropFrames,
  framesPerDay,
  framesPerSecond,
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
  /** How far Shift with an arrow moves, in frames: a second, which is not a whole number of them at every rate. */
  second: number;
  /** In the order in which the mode button cycles through them; links are written in the first. */
  modes: [Mode, ...Mode[]];
  /** A position is a frame number; a fraction is time that has passed since the frame began. */
  write(position: number, mode: Mode): string;
  /** The total duration; in source mode it is written as a timecode from zero. */
  writeLength(mode: Mode): string;
  /** Parses a typed position, after `+` or `-` a distance from `here`; undefined when it is invalid. */
  read(text: string, mode: Mode, here: number): number | undefined;
}

/** Creates the clock from the element's data attributes: num, den, frames, start, drop, modes. */
export function makeClock(data: DOMStringMap): Clock {
  const rate = { num: Number(data.num), den: Number(data.den) };
  const frames = Math.max(1, Number(data.frames));
  const dropFrame = data.drop !== undefined && canDropFrames(rate);
  const start = data.start ?? null;
  const modes = data.modes!.split(" ") as Clock["modes"];
  const write = (position: number, mode: Mode) => {
    if (mode === "frames") return String(Math.floor(position));
    return mode === "elapsed"
      ? writeElapsed(framesToMs(position, rate))
      : timecodeAt(Math.floor(position), rate, start, { dropFrame });
  };
  const length = (text: string, mode: Mode) => {
    if (mode === "frames") return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
    return mode === "elapsed" ? readElapsed(text, rate) : parseTimecode(text, rate, { dropFrame });
  };
  return {
    rate,
    frames,
    second: modes[0] === "source" ? framesPerSecond(rate) : rate.num / rate.den,
    modes,
    write,
    writeLength: (mode) =>
      mode === "source" ? timecodeAt(frames, rate, null, { dropFrame }) : write(frames, mode),
    read: (text, mode, here) => {
      const [, sign, typed] = /^([+\-−]?)(.*)$/.exec(text.trim())!;
      const found = length(typed!.trim(), mode);
      if (found === undefined) return undefined;
      if (sign) return sign === "+" ? here + found : here - found;
      return mode === "source" ? fromStart(found, frames, rate, start, dropFrame) : found;
    },
  };
}

/** The frame of a file at a timecode. One that is outside of the file was meant relative to its start. */
function fromStart(
  timecode: number,
  frames: number,
  rate: Rate,
  start: string | null,
  dropFrame: boolean,
): number {
  const day = framesPerDay(rate, { dropFrame });
  const first = start ? timecodeToFrames(start, rate) ?? 0 : 0;
  const offset = (timecode - first + day) % day;
  return offset < frames ? offset : Math.min(timecode, frames - 1);
}

/** `00:01:02.345` */
function writeElapsed(ms: number): string {
  return String(Math.floor(ms / 3_600_000)).padStart(2, "0") + new Date(ms).toISOString().slice(13, 23);
}

/** The position of `1:02.345`; that of a frame's start, which was rounded to a millisecond, is the frame. */
function readElapsed(text: string, rate: Rate): number | undefined {
  const match = /^(?:(?:(\d{1,3}):)?(\d{1,3}):)?(\d{1,6})(?:[.,](\d{1,3}))?$/.exec(text);
  if (!match) return undefined;
  const [hours, minutes, seconds] = [match[1], match[2], match[3]].map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
  ];
  const ms = ((hours * 60 + minutes) * 60 + seconds) * 1000 + Number((match[4] ?? "0").padEnd(3, "0"));
  return Math.max(msToFrames(ms, rate), ms * rate.num / (1000 * rate.den));
}
