// What keeps a parser of strange files apart from the rest: no network, no privileges, few files, little memory.
// Pure: it builds the words in front of a command; process.ts finds out which of them this system allows.

/** What the system allows, found out once by trying. Each part is the absolute words in front, or null. */
export interface Confinement {
  /** An own network namespace, in which there is not even a loopback address. */
  network: string[] | null;
  /** Ends with the parent thread, gains no privileges; as root it also gives up its capabilities. */
  privileges: string[] | null;
  /** Whether `privileges` also takes Landlock rules (util-linux ≥ 2.40 and a kernel that has it). */
  landlock: boolean;
  prlimit: string | null;
  nice: string | null;
}

/** The files that a confined command may reach beyond the system's programs and libraries. Absolute paths. */
export interface Reach {
  read: string[];
  write: string[];
}

/** Hard limits of one process, as `prlimit` knows them. */
export interface Limits {
  /** Private writable memory (RLIMIT_DATA): address space is no measure, since V8 and WebAssembly only reserve it. */
  memoryBytes?: number;
  cpuSeconds?: number;
  /** The largest file that may be written. */
  fileBytes?: number;
  /** 0–19; 0 leaves the priority as it is. */
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
 * Finds out what works here, from the strongest of each kind down. `works` runs the words with a limit in time and says
 * whether they ended well.
 */
export async function detectConfinement(
  tools: Tools,
  works: (words: string[]) => Promise<boolean>,
): Promise<Confinement> {
  const first = async (choices: (string[] | null)[]) => {
    for (const words of choices) if (words && await works([...words, tools.true ?? "true"])) return words;
    return null;
  };
  const { unshare, setpriv } = tools;
  const network = await first([
    unshare ? [unshare, "--net"] : null,
    unshare ? [unshare, "-r", "--net"] : null,
  ]);
  const plain = setpriv ? [setpriv, "--pdeathsig", "KILL", "--no-new-privs"] : null;
  // Tried behind `network`, because the user namespace that it may make is where capabilities are counted.
  const behind = async (words: string[] | null) =>
    words && await first([[...network ?? [], ...words]]) && words;
  // Root keeps the right to pass folders of other people, such as a home that holds the job's folder.
  const capabilities = ["--inh-caps=-all", "--bounding-set=-all,+dac_read_search"];
  const privileges = await behind(plain && [...plain, ...capabilities]) ??
    await behind(plain);
  const rules = landlockRules({ read: [], write: [] });
  const landlock = Boolean(privileges && await behind([...privileges, ...rules]));
  return { network, privileges, landlock, prlimit: tools.prlimit ?? null, nice: tools.nice ?? null };
}

/** The words in front of a command that hold it to `limits` and, when `reach` is given, to those files and no network. */
export function confinedWords(confinement: Confinement, limits: Limits, reach?: Reach): string[] {
  const { network, privileges, landlock, prlimit, nice } = confinement;
  const words = reach && network ? [...network] : [];
  // Without `reach` the process is trusted, yet it still must not outlive a killed worker.
  if (privileges) words.push(...(reach ? privileges : privileges.slice(0, 3)));
  if (reach && landlock) words.push(...landlockRules(reach));
  if (prlimit) words.push(prlimit, ...limitWords(limits));
  if (nice && limits.niceness) words.push(nice, "-n", String(limits.niceness));
  return words;
}

function limitWords({ memoryBytes, cpuSeconds, fileBytes }: Limits): string[] {
  const words = ["--core=0"];
  if (memoryBytes) words.push(`--data=${Math.ceil(memoryBytes)}`);
  if (cpuSeconds) words.push(`--cpu=${Math.ceil(cpuSeconds)}`);
  if (fileBytes) words.push(`--fsize=${Math.ceil(fileBytes)}`);
  return words;
}

function landlockRules(reach: Reach): string[] {
  const rule = (path: string, file: string, folder: string) => {
    const isFolder = folderOrFile(path);
    return isFolder === undefined
      ? []
      : ["--landlock-rule", `path-beneath:${isFolder ? folder : file}:${path}`];
  };
  return [
    "--landlock-access",
    "fs",
    ...[...SYSTEM_READ, ...reach.read].flatMap((path) => rule(path, RIGHTS.readFile, RIGHTS.readFolder)),
    ...[...SYSTEM_WRITE, ...reach.write].flatMap((path) => rule(path, RIGHTS.writeFile, RIGHTS.writeFolder)),
  ];
}

/** Landlock refuses folder rights on files and paths that do not exist. True for a folder, undefined for nothing. */
function folderOrFile(path: string): boolean | undefined {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return undefined;
  }
}
