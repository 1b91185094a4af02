// Frame arithmetic: frames, milliseconds and SMPTE timecode at rational rates. Pure and without imports, because
// islands use it too.

/** Frames per second as a fraction: 30000/1001, 25/1. Both are positive integers. */
export interface Rate {
  num: number;
  den: number;
}

/** How the timecodes of a file are written. */
export interface TimecodeOptions {
  /** Drop frame counting (SMPTE 12M), where the rate allows it. */
  dropFrame?: boolean;
}

/** Frame rates of film, television and the web. */
export const COMMON_RATES: readonly Rate[] = Object.freeze([
  { num: 24000, den: 1001 },
  { num: 24, den: 1 },
  { num: 25, den: 1 },
  { num: 30000, den: 1001 },
  { num: 30, den: 1 },
  { num: 48000, den: 1001 },
  { num: 48, den: 1 },
  { num: 50, den: 1 },
  { num: 60000, den: 1001 },
  { num: 60, den: 1 },
  { num: 100, den: 1 },
  { num: 120000, den: 1001 },
  { num: 120, den: 1 },
]);

/** Nominal frames per second of timecode: 30 at 29.97. At least 1. */
export function framesPerSecond(rate: Rate): number {
  return Math.max(1, Math.round(rate.num / rate.den));
}

/** Whether drop frame exists at this rate: 29.97, 59.94 and 119.88 (SMPTE ST 12-1 §5.2.2, ST 12-3). */
export function canDropFrames(rate: Rate): boolean {
  const nominal = framesPerSecond(rate);
  return nominal % 30 === 0 && rate.num * 1001 === nominal * 1000 * rate.den;
}

/**
 * Whether frames at this constant rate have timecode: at the rates of SMPTE ST 12-1 and ST 12-3. At others, such as
 * 12.5, a second has no whole number of frames or no standard counts them.
 */
export function hasTimecode(rate: Rate): boolean {
  return findCommonRate(rate.num / rate.den) !== undefined;
}

/** Frames in 24 hours of timecode, after which it wraps to zero. */
export function framesPerDay(rate: Rate, options: TimecodeOptions = {}): number {
  return 24 * 6 * framesPerTenMinutes(rate, options);
}

/** Start time of a frame, rounded to whole milliseconds. */
export function framesToMs(frames: number, rate: Rate): number {
  return Math.round(frames * 1000 * rate.den / rate.num);
}

/**
 * The frame displayed at a whole millisecond. The inverse of `framesToMs` below 1000 frames a second: half a
 * millisecond is added first, so that a start time that was rounded down still maps to its frame.
 */
export function msToFrames(ms: number, rate: Rate): number {
  return Math.floor((2 * ms + 1) * rate.num / (2000 * rate.den));
}

/** The number of frames in a duration, rounded to the nearest. */
export function countFrames(durationMs: number, rate: Rate): number {
  return Math.round(durationMs * rate.num / (1000 * rate.den));
}

/**
 * Formats a frame number as `hh:mm:ss:ff`, in drop frame as `hh:mm:ss;ff`. Wraps at 24 hours, negative numbers too.
 * Above 100 frames a second the frame has three digits.
 */
export function framesToTimecode(frames: number, rate: Rate, options: TimecodeOptions = {}): string {
  const nominal = framesPerSecond(rate);
  const drops = options.dropFrame === true && canDropFrames(rate);
  const day = framesPerDay(rate, options);
  const inDay = ((Math.trunc(frames) % day) + day) % day;
  const number = drops ? inDay + skippedNumbers(inDay, rate) : inDay;
  const seconds = Math.floor(number / nominal);
  const fields = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map((n) =>
    pad(n, 2)
  );
  return `${fields.join(":")}${drops ? ";" : ":"}${pad(number % nominal, frameDigits(nominal))}`;
}

/**
 * Parses a complete timecode (`hh:mm:ss:ff`; `;`, `.` or `,` before the frames mean drop frame) to a frame number
 * within the day. Undefined when it is invalid: fields out of range, dropped frame numbers, drop frame at a rate
 * without it.
 */
export function timecodeToFrames(text: string, rate: Rate): number | undefined {
  const match = /^(\d{2}):(\d{2}):(\d{2})([:;.,])(\d{2,3})$/.exec(text.trim());
  if (!match) return undefined;
  const [hours, minutes, seconds, frames] = [match[1], match[2], match[3], match[5]].map(Number) as Fields;
  const dropFrame = match[4] !== ":";
  if (dropFrame && !canDropFrames(rate)) return undefined;
  if (hours > 23 || minutes > 59 || seconds > 59 || frames >= framesPerSecond(rate)) return undefined;
  if (dropFrame && isLeftOut([hours, minutes, seconds, frames], rate)) return undefined;
  return joinFields([hours, minutes, seconds, frames], rate, dropFrame);
}

/** Whether a timecode is written in drop frame. */
export function isDropFrame(timecode: string): boolean {
  return /[;.,]\d{2,3}$/.test(timecode.trim());
}

/**
 * Parses what a person types, filled from the right as on an edit controller: `1:00` is one second, `1000` is ten
 * seconds, `1.2.3` and `1 2 3` are one minute, two seconds, three frames. Fields out of range carry over (`90:00` is a
 * minute and a half); dropped frame numbers mean the next existing one. Undefined when it is not a timecode.
 */
export function parseTimecode(text: string, rate: Rate, options: TimecodeOptions = {}): number | undefined {
  const fields = splitTyped(text.trim(), frameDigits(framesPerSecond(rate)));
  if (!fields) return undefined;
  const dropFrame = canDropFrames(rate) && (options.dropFrame === true || /;/.test(text));
  const nominal = framesPerSecond(rate);
  const total = ((fields[0] * 60 + fields[1]) * 60 + fields[2]) * nominal + fields[3];
  const seconds = Math.floor(total / nominal);
  const whole: Fields = [
    Math.floor(seconds / 3600),
    Math.floor(seconds / 60) % 60,
    seconds % 60,
    total % nominal,
  ];
  if (dropFrame && isLeftOut(whole, rate)) whole[3] = droppedPerMinute(rate);
  return joinFields(whole, rate, dropFrame) % framesPerDay(rate, { dropFrame });
}

/**
 * The timecode at a position of a file whose start timecode is `start` (`00:00:00:00` without one). A start that is
 * invalid at this rate counts as zero.
 */
export function timecodeAt(
  frame: number,
  rate: Rate,
  start?: string | null,
  options: TimecodeOptions = {},
): string {
  const dropFrame = options.dropFrame ?? (start ? isDropFrame(start) : false);
  return framesToTimecode((start ? timecodeToFrames(start, rate) ?? 0 : 0) + frame, rate, { dropFrame });
}

/** Formats a duration for people: `m:ss`, from an hour on `h:mm:ss`. Fractions of a second are truncated. */
export function formatElapsed(ms: number): string {
  const seconds = Math.floor(Math.max(0, ms) / 1000);
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const rest = pad(seconds % 60, 2);
  return hours > 0 ? `${hours}:${pad(minutes, 2)}:${rest}` : `${minutes}:${rest}`;
}

/** The common rate nearest to `fps` within 0.04 %, otherwise undefined. 24 and 23.976 stay distinct. */
export function findCommonRate(fps: number): Rate | undefined {
  return COMMON_RATES.find(({ num, den }) => Math.abs(fps * den / num - 1) < 4e-4);
}

type Fields = [hours: number, minutes: number, seconds: number, frames: number];

/** Two frame numbers of 30 are dropped per minute, four of 60, except in every tenth minute (SMPTE ST 12-1 §5.2.2). */
function droppedPerMinute(rate: Rate): number {
  return framesPerSecond(rate) / 15;
}

function framesPerTenMinutes(rate: Rate, options: TimecodeOptions): number {
  const drops = options.dropFrame === true && canDropFrames(rate);
  return 600 * framesPerSecond(rate) - (drops ? 9 * droppedPerMinute(rate) : 0);
}

/** How many frame numbers were dropped before this frame of the day. */
function skippedNumbers(frame: number, rate: Rate): number {
  const dropped = droppedPerMinute(rate);
  const tenMinutes = framesPerTenMinutes(rate, { dropFrame: true });
  const minute = 60 * framesPerSecond(rate) - dropped;
  const rest = frame % tenMinutes;
  const minutes = rest < dropped ? 0 : Math.floor((rest - dropped) / minute);
  return dropped * (9 * Math.floor(frame / tenMinutes) + minutes);
}

function isLeftOut([, minutes, seconds, frames]: Fields, rate: Rate): boolean {
  return minutes % 10 !== 0 && seconds === 0 && frames < droppedPerMinute(rate);
}

function joinFields([hours, minutes, seconds, frames]: Fields, rate: Rate, dropFrame: boolean): number {
  const totalMinutes = hours * 60 + minutes;
  const number = (totalMinutes * 60 + seconds) * framesPerSecond(rate) + frames;
  return dropFrame
    ? number - droppedPerMinute(rate) * (totalMinutes - Math.floor(totalMinutes / 10))
    : number;
}

function splitTyped(text: string, digits: number): Fields | undefined {
  if (/^\d{1,9}$/.test(text)) {
    const padded = text.padStart(6 + digits, "0");
    const cut = padded.length - digits;
    return [
      Number(padded.slice(0, cut - 4)),
      Number(padded.slice(cut - 4, cut - 2)),
      Number(padded.slice(cut - 2, cut)),
      Number(padded.slice(cut)),
    ];
  }
  if (!/^\d{0,5}(?:[:;., ]\d{0,5}){1,3}$/.test(text) || !/\d/.test(text)) return undefined;
  const parts = text.split(/[:;., ]/).map(Number);
  return [...new Array(4 - parts.length).fill(0), ...parts] as Fields;
}

function frameDigits(nominal: number): number {
  return nominal > 100 ? 3 : 2;
}

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, "0");
}
