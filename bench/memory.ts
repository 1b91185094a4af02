// Memory of another process, from Linux' /proc.

const MB = 1_000;

/** Resident megabytes now; undefined without /proc. */
export function residentMegabytes(pid: number): Promise<number | undefined> {
  return readStatus(pid, "VmRSS");
}

/** Peak resident megabytes since the start, or since `resetPeak`. */
export function peakMegabytes(pid: number): Promise<number | undefined> {
  return readStatus(pid, "VmHWM");
}

/** Resets the peak to the current resident size (proc(5), clear_refs). */
export async function resetPeak(pid: number): Promise<void> {
  await Deno.writeTextFile(`/proc/${pid}/clear_refs`, "5").catch(() => {});
}

async function readStatus(pid: number, field: string): Promise<number | undefined> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`).catch(() => "");
  const kib = new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(status)?.[1];
  return kib === undefined ? undefined : Number(kib) * 1.024 / MB;
}
