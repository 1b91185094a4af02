// J K L shuttle. Forwards the media element plays at a higher rate; browsers cannot play backwards, so frames are
// sought one by one.
import type { Rate } from "../../lib/timecode/timecode.ts";

const FASTEST = 8;

interface Deck {
  rate: Rate;
  play(rate: number): void;
  pause(): void;
  seek(frame: number): void;
  frame(): number;
  atEnd(): boolean;
  changed(): void;
}

export interface Shuttle {
  forward(): void;
  backward(): void;
  stop(): void;
  toggle(): void;
  /** 0 stopped, 1 playing, −2 backwards at double speed. */
  speed(): number;
}

/** Creates a stopped shuttle that controls `deck`. */
export function createShuttle(deck: Deck): Shuttle {
  let speed = 0;
  let running = 0;

  function set(to: number): void {
    cancelAnimationFrame(running);
    speed = to;
    if (speed > 0) {
      if (deck.atEnd()) deck.seek(0);
      deck.play(speed);
    } else deck.pause();
    if (speed < 0) rewind();
    deck.changed();
  }

  function rewind(): void {
    const [from, began] = [deck.frame(), performance.now()];
    const step = (now: number) => {
      const back = (now - began) / 1000 * -speed * deck.rate.num / deck.rate.den;
      deck.seek(from - back);
      if (from - back <= 0) set(0);
      else running = requestAnimationFrame(step);
    };
    running = requestAnimationFrame(step);
  }

  return {
    forward: () => set(speed < 1 ? 1 : Math.min(FASTEST, speed * 2)),
    backward: () => set(speed > -1 ? -1 : Math.max(-FASTEST, speed * 2)),
    stop: () => set(0),
    toggle: () => set(speed === 0 ? 1 : 0),
    speed: () => speed,
  };
}
