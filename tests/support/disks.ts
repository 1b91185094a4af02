// Small disks of their own that can be full, read-only or broken, for tests of what Akashi does then.
import { until } from "./until.ts";

/** Disks are mounted, which takes root and a kernel with loop devices. */
export const CAN_MOUNT = Deno.build.os === "linux" && Deno.uid() === 0 &&
  await Deno.stat("/dev/loop-control").then(() => true, () => false);

export interface Disk {
  /** Takes all room but for `bytes`. */
  fill(leaving?: number): Promise<void>;
  free(): Promise<void>;
  /** As after an error of the disk: nothing can be written, also to files that are open. */
  makeReadOnly(): Promise<void>;
  /** Every operation fails with an input/output error. */
  fail(): void;
  /** Works again, with what was on it. */
  mend(): Promise<void>;
  remove(): Promise<void>;
}

/** Mounts an empty disk of `megabytes` at `folder`. */
export async function makeDisk(folder: string, megabytes: number): Promise<Disk> {
  const image = await Deno.makeTempFile({ prefix: "akashi-test-disk-" });
  await run("truncate", "-s", `${megabytes}M`, image);
  await run("mkfs.ext4", "-q", "-F", "-m", "0", image);
  await Deno.mkdir(folder, { recursive: true });
  const mount = () => run("mount", "-o", "loop,errors=remount-ro", image, folder);
  const filler = `${folder}/filler`;
  await mount();
  return {
    async fill(leaving = 0) {
      await run("sh", "-c", `dd if=/dev/zero of=${filler} bs=64k 2>/dev/null; sync; true`);
      if (leaving > 0) await Deno.truncate(filler, Math.max(0, (await Deno.stat(filler)).size - leaving));
    },
    free: () => Deno.remove(filler),
    makeReadOnly: () => run("mount", "-o", "remount,abort", folder),
    fail: () => shutDown(folder),
    async mend() {
      // Files of requests that have just ended are still being closed.
      await until("no file is open", () => run("umount", folder).then(() => true, () => false));
      await mount();
    },
    async remove() {
      await run("umount", "-l", folder);
      await Deno.remove(image);
    },
  };
}

async function run(command: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(command, { args, stderr: "piped", stdout: "null" })
    .output();
  if (!success) throw new Error(`${command} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
}

/** EXT4_IOC_SHUTDOWN without flushing the log (fs/ext4/ext4.h). */
const SHUTDOWN = 0x8004_587Dn;
const NO_LOG_FLUSH = 2;

function shutDown(folder: string): void {
  const libc = Deno.dlopen("libc.so.6", {
    open: { parameters: ["buffer", "i32"], result: "i32" },
    ioctl: { parameters: ["i32", "u64", "buffer"], result: "i32" },
    close: { parameters: ["i32"], result: "i32" },
  });
  const file = libc.symbols.open(new TextEncoder().encode(`${folder}\0`), 0);
  const failed = libc.symbols.ioctl(file, SHUTDOWN, new Uint8Array(new Uint32Array([NO_LOG_FLUSH]).buffer));
  libc.symbols.close(file);
  libc.close();
  if (failed) throw new Error(`The disk at ${folder} could not be shut down.`);
}
