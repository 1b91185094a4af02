// A limit of memory for processes that run already, by a control group of their own (version 1, which needs root).
const GROUPS = "/sys/fs/cgroup/memory";

export const CAN_LIMIT_MEMORY = Deno.build.os === "linux" && Deno.uid() === 0 &&
  await Deno.stat(`${GROUPS}/memory.limit_in_bytes`).then(() => true, () => false);

export interface MemoryLimit extends AsyncDisposable {
  /** How often the kernel ended a process of the group for want of memory. */
  kills(): Promise<number>;
}

/** Limits this process, and those that it starts from now on, to `bytes` together. */
export async function limitMemory(pid: number, bytes: number): Promise<MemoryLimit> {
  const group = `${GROUPS}/akashi-test-${pid}`;
  await Deno.mkdir(group);
  await Deno.writeTextFile(`${group}/memory.limit_in_bytes`, String(bytes));
  await Deno.writeTextFile(`${group}/cgroup.procs`, String(pid));
  return {
    kills: async () => {
      const state = await Deno.readTextFile(`${group}/memory.oom_control`);
      return Number(/oom_kill (\d+)/.exec(state)?.[1] ?? 0);
    },
    /** The processes must have ended, or be elsewhere. */
    async [Symbol.asyncDispose]() {
      for (const each of (await Deno.readTextFile(`${group}/cgroup.procs`)).split("\n").filter(Boolean)) {
        await Deno.writeTextFile(`${GROUPS}/cgroup.procs`, each).catch(() => {});
      }
      await Deno.remove(group);
    },
  };
}
