/** Takes the total done so far; returns the average per second over the last few seconds. */
export type Speedometer = (done: number) => number;

const WINDOW_MS = 4_000;

/** Creates a speedometer; `now` is replaced in tests. */
export function averageSpeed(now: () => number = () => performance.now()): Speedometer {
  let samples: [at: number, done: number][] = [];
  return (done) => {
    const at = now();
    samples = [...samples.filter(([then]) => at - then < WINDOW_MS), [at, done]];
    const [first] = samples;
    const seconds = (at - first![0]) / 1000;
    return seconds > 0 ? Math.max(0, (done - first![1]) / seconds) : 0;
  };
}
