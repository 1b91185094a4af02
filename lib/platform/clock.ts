/** The only source of time in `lib`, so that tests can set it. Milliseconds since the epoch. */
export interface Clock {
  now(): number;
}

/** The system's wall clock, which may be set forward and back at any moment. */
export const systemClock: Clock = { now: () => Date.now() };

/** Milliseconds since this process began: for durations, as it is never set. */
export const monotonicClock: Clock = { now: () => performance.now() };
