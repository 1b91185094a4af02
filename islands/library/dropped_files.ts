// Reads dropped files and, recursively, dropped folders.

/** A larger drop is a mistake, or a case for a script. */
const MAX_FILES = 10_000;

/** All files of a drop. Must be called within the drop event, because the browser clears the list afterwards. */
export async function filesOf(data: DataTransfer): Promise<File[]> {
  const entries = [...data.items].map((item) => item.webkitGetAsEntry?.()).filter((entry) => entry != null);
  if (entries.length === 0) return [...data.files];
  const files: File[] = [];
  for (const entry of entries) await collect(entry, files);
  return files;
}

async function collect(entry: FileSystemEntry, into: File[]): Promise<void> {
  if (into.length >= MAX_FILES) return;
  if (entry.isFile) {
    const file = await new Promise<File | undefined>((resolve) => {
      (entry as FileSystemFileEntry).file(resolve, () => resolve(undefined));
    });
    if (file && !file.name.startsWith(".")) into.push(file);
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  // A reader returns a folder in batches, the last one empty.
  for (let portion = await readPortion(reader); portion.length > 0; portion = await readPortion(reader)) {
    for (const child of portion) await collect(child, into);
  }
}

function readPortion(reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> {
  return new Promise((resolve) => reader.readEntries(resolve, () => resolve([])));
}
