// Sandbox for parsers of untrusted files: no network, no privileges, few files, little memory. Pure: builds the wrapper
// command line; process.ts detects which wrappers this system supports.

/** What the system supports, detected once by trying. Each part is the wrapper's absolute command line, or null. */
export interface Confinement {
  /** A separate network namespace without even a loopback address. */
  network: string[] | null;
  /** Dies with the parent thread and gains no privileges; as root it also drops its capabilities. */
  privileges: string[] | null;
  /** Whether `privileges` also accepts Landlock rules (util-linux ≥ 2.40 and a kernel with Landlock). */
  landlock: boolean;
  prlimit: string | null;
  nice: string | null;
}

/** The files that a confined command may access besides the system's programs and libraries. Absolute paths. */
export interface AllowedFiles {
  read: string[];
  write: string[];
}

/** Hard limits of one process, as in `prlimit`. */
export interface Limits {
  /**
   * Private writable memory (RLIMIT_DATA). Address space is no useful limit, because V8 and WebAssembly only reserve
   * it.
   */
  memoryBytes?: number;
  cpuSeconds?: number;
  /** The largest file that may be written. */
  fileBytes?: number;
  /** 0–19; 0 leaves the priority unchanged. */
  niceness?: number;
}

export type Tools = Partial<Record<"unshare" | "setpriv" | "prlimit" | "nice" | "true", string>>;

const SYSTEM_READ = [
  "/usr",
  "/lib",
  "/lib32",
  "/lib64",
  "/bin",
  "/sbin",
  "/opt",
  "/nix/store",
  "/proc",
  "/sys/devices/system/cpu",
  "/sys/fs/cgroup",
  "/etc/ld.so.cache",
  "/etc/alternatives",
  "/etc/fonts",
  "/etc/localtime",
  "/etc/os-release",
  "/dev/urandom",
  "/dev/random",
  "/dev/zero",
];
const SYSTEM_WRITE = ["/dev/null"];
const RIGHTS = {
  readFile: "execute,read-file",
  readFolder: "execute,read-file,read-dir",
  writeFile: "read-file,write-file,truncate",
  writeFolder:
    "read-file,read-dir,write-file,truncate,make-reg,make-dir,make-fifo,make-sym,remove-file,remove-dir,refer",
};

/**
 * Detects what works on this system, trying the strongest variant of each kind first. `works` runs a command with a
 * time limit and says whether it succeeded.
 */
export async function detectConfinement(
  tools: Tools,
  works: (command: string[]) => Promise<boolean>,
): Promise<Confinement> {
  const first = async (choices: (string[] | null)[]) => {
    for (const command of choices) {
      if (command && await works([...command, tools.true ?? "true"])) return command;
    }
    return null;
  };
  const { unshare, setpriv } = tools;
  const network = await first([
    unshare ? [unshare, "--net"] : null,
    unshare ? [unshare, "-r", "--net"] : null,
  ]);
  const plain = setpriv ? [setpriv, "--pdeathsig", "KILL", "--no-new-privs"] : null;
  // Tried inside `network`, because capabilities count in the user namespace that it may create.
  const insideNetwork = async (command: string[] | null) =>
    command && await first([[...network ?? [], ...command]]) && command;
  // Root keeps the capability to traverse folders of other users, such as a home that contains the job's folder.
  const capabilities = ["--inh-caps=-all", "--bounding-set=-all,+dac_read_search"];
  const privileges = await insideNetwork(plain && [...plain, ...capabilities]) ??
    await insideNetwork(plain);
  const rules = landlockArgs({ read: [], write: [] });
  const landlock = Boolean(privileges && await insideNetwork([...privileges, ...rules]));
  return { network, privileges, landlock, prlimit: tools.prlimit ?? null, nice: tools.nice ?? null };
}

/**
 * The wrapper command line that applies `limits` and, with `allowedFiles`, restricts the process to those files and no
 * network.
 */
export function wrapperCommand(
  confinement: Confinement,
  limits: Limits,
  allowedFiles?: AllowedFiles,
): string[] {
  const { network, privileges, landlock, prlimit, nice } = confinement;
  const command = allowedFiles && network ? [...network] : [];
  // Without `allowedFiles` the process is trusted, but it still must not outlive a killed worker.
  if (privileges) command.push(...(allowedFiles ? privileges : privileges.slice(0, 3)));
  if (allowedFiles && landlock) command.push(...landlockArgs(allowedFiles));
  if (prlimit) command.push(prlimit, ...limitArgs(limits));
  if (nice && limits.niceness) command.push(nice, "-n", String(limits.niceness));
  return command;
}

function limitArgs({ memoryBytes, cpuSeconds, fileBytes }: Limits): string[] {
  const args = ["--core=0"];
  if (memoryBytes) args.push(`--data=${Math.ceil(memoryBytes)}`);
  if (cpuSeconds) args.push(`--cpu=${Math.ceil(cpuSeconds)}`);
  if (fileBytes) args.push(`--fsize=${Math.ceil(fileBytes)}`);
  return args;
}

function landlockArgs(allowedFiles: AllowedFiles): string[] {
  const rule = (path: string, file: string, folder: string) => {
    const isFolder = folderOrFile(path);
    return isFolder === undefined
      ? []
      : ["--landlock-rule", `path-beneath:${isFolder ? folder : file}:${path}`];
  };
  return [
    "--landlock-access",
    "fs",
    ...[...SYSTEM_READ, ...allowedFiles.read].flatMap((path) =>
      rule(path, RIGHTS.readFile, RIGHTS.readFolder)
    ),
    ...[...SYSTEM_WRITE, ...allowedFiles.write].flatMap((path) =>
      rule(path, RIGHTS.writeFile, RIGHTS.writeFolder)
    ),
  ];
}

/**
 * Landlock rejects folder rights on files, and paths that do not exist. True for a folder, undefined for a missing
 * path.
 */
function folderOrFile(path: string): boolean | undefined {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return undefined;
  }
}
