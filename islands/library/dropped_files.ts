// Files and folders out of a drop, folders with everything in them.

/** More than this at once is a mistake, or work for a script. */
const MOST_FILES = 10_000;

/** All files of a drop. Call it within the drop event: the browser empties the list afterwards. */
export async function filesOf(data: DataTransfer): Promise<File[]> {
  const entries = [...data.items].map((item) => item.webkitGetAsEntry?.()).filter((entry) => entry != null);
  if (entries.length === 0) return [...data.files];
  const files: File[] = [];
  for (const entry of entries) await collect(entry, files);
  return files;
}

async function collect(entry: FileSystemEntry, into: File[]): Promise<void> {
  if (into.length >= MOST_FILES) return;
  if (entry.isFile) {
    const file = await new Promise<File | undefined>((resolve) => {
      (entry as FileSystemFileEntry).file(resolve, () => resolve(undefined));
    });
    if (file && !file.name.startsWith(".")) into.push(file);
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  // A reader hands out a folder in portions and ends with an empty one.
  for (let portion = await readPortion(reader); portion.length > 0; portion = await readPortion(reader)) {
    for (const child of portion) await collect(child, into);
  }
}

function readPortion(reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> {
  return new Promise((resolve) => reader.readEntries(resolve, () => resolve([])));
}
