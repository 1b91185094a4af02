// Reads the packets of a file, without decoding them: when its streams really begin and end, and what they hold.
import { runFfprobeLines, type ToolLimits } from "./ffmpeg.ts";

/** What the packets of one stream tell. Times in seconds, with the jumps of the clock taken out. */
export interface StreamPackets {
  start: number;
  end: number;
  /** All of them, and those that are shown: an edit list leaves out others. */
  packets: number;
  shown: number;
  bytes: number;
}

interface Packet {
  stream: number;
  shown?: number;
  decoded?: number;
  seconds?: number;
  bytes: number;
  isLeftOut: boolean;
}

/** Containers whose clock may jump, as ffmpeg marks them (AVFMT_TS_DISCONT). */
const JUMPING = ["mpegts", "mpeg", "ogg"];
/** Jumps that ffmpeg closes in those (dts_delta_threshold, and a second backwards), so that a proxy has none. */
const JUMP_SECONDS = 10;
const JUMP_BACK_SECONDS = 1;
const WALL_MS = 60_000;
/** Slower than any disk or network that a worker reads from. */
const LEAST_BYTES_PER_MS = 10_000;

/**
 * Reads the packets of all streams, from the position `from` in seconds where it is given. By stream index. `container`
 * is ffprobe's name of the format or ours. Throws as `runFfprobe` does.
 */
export async function readPackets(
  path: string,
  container: string,
  limits: Omit<ToolLimits, "wallMs">,
  from?: number,
): Promise<Map<number, StreamPackets>> {
  const jumps = container.split(",").some((name) => JUMPING.includes(name));
  const streams = new Map<number, PacketClock>();
  const options = [
    ...(from === undefined ? [] : ["-read_intervals", `${from.toFixed(3)}%`]),
    "-show_entries",
    "packet=stream_index,pts_time,dts_time,duration_time,size,flags",
  ];
  const onLine = (line: string) => {
    const packet = parsePacket(line);
    if (!packet) return;
    if (!streams.has(packet.stream)) streams.set(packet.stream, new PacketClock(jumps));
    streams.get(packet.stream)!.add(packet);
  };
  const wallMs = WALL_MS + (await Deno.stat(path)).size / LEAST_BYTES_PER_MS;
  await runFfprobeLines(path, options, { ...limits, wallMs, onLine });
  return new Map([...streams].map(([index, clock]) => [index, clock.facts]));
}

/** A line of ffprobe's CSV; the order of the fields is ffprobe's own. Undefined for what is no packet. */
function parsePacket(line: string): Packet | undefined {
  const [stream, shown, decoded, seconds, bytes, flags] = line.split(",");
  if (!flags || !/^\d+$/.test(stream!)) return undefined;
  return {
    stream: Number(stream),
    shown: toNumber(shown),
    decoded: toNumber(decoded),
    seconds: toNumber(seconds),
    bytes: toNumber(bytes) ?? 0,
    isLeftOut: flags.includes("D"),
  };
}

function toNumber(text: string | undefined): number | undefined {
  const value = Number(text);
  return text && Number.isFinite(value) ? value : undefined;
}

/** Follows the clock of a stream from packet to packet. */
class PacketClock {
  readonly facts: StreamPackets = { start: Infinity, end: -Infinity, packets: 0, shown: 0, bytes: 0 };
  #shift = 0;
  #last: number | undefined;
  #step = 0;
  #seconds = 0;
  #isComplete = true;

  constructor(readonly jumps: boolean) {}

  add(packet: Packet): void {
    this.facts.packets++;
    this.facts.bytes += packet.bytes;
    if (!packet.isLeftOut) this.#show(packet);
  }

  #show({ shown, decoded, seconds }: Packet): void {
    const expected = (this.#last ?? 0) + this.#step;
    const time = decoded ?? shown ?? expected;
    if (this.#last !== undefined && this.#isJump(time - this.#last)) this.#shift += expected - time;
    else if (this.#last !== undefined && seconds === undefined) this.#step = Math.max(0, time - this.#last);
    this.#step = seconds ?? this.#step;
    this.#last = time;
    const start = (shown ?? time) + this.#shift;
    this.facts.start = Math.min(this.facts.start, start);
    this.#seconds += this.#step;
    this.#isComplete &&= shown !== undefined;
    this.facts.end = Math.max(this.facts.end, start + this.#step);
    // A packet is decoded before it is shown, so where that time alone is known the end is later.
    if (!this.#isComplete) this.facts.end = Math.max(this.facts.end, this.facts.start + this.#seconds);
    this.facts.shown++;
  }

  #isJump(step: number): boolean {
    return this.jumps && (step > JUMP_SECONDS || step < -JUMP_BACK_SECONDS);
  }
}
