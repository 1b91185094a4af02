// What Linux says of another process's memory.

const MB = 1_000;

/** Megabytes resident now, or undefined where there is no /proc. */
export function residentMegabytes(pid: number): Promise<number | undefined> {
  return readStatus(pid, "VmRSS");
}

/** The most megabytes that were resident since the start, or since `forgetPeak`. */
export function peakMegabytes(pid: number): Promise<number | undefined> {
  return readStatus(pid, "VmHWM");
}

/** Lets the peak begin anew at what is resident now (proc(5), clear_refs). */
export async function forgetPeak(pid: number): Promise<void> {
  await Deno.writeTextFile(`/proc/${pid}/clear_refs`, "5").catch(() => {});
}

async function readStatus(pid: number, field: string): Promise<number | undefined> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`).catch(() => "");
  const kib = new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(status)?.[1];
  return kib === undefined ? undefined : Number(kib) * 1.024 / MB;
}
