// A SHA-256 whose state can be saved between requests, which node:crypto cannot do.
import { createSHA256, type IHasher } from "hash-wasm";

export type Checksum = IHasher;

/** Resumes a checksum from its saved state, or starts one. */
export async function resumeChecksum(state: Uint8Array | null): Promise<Checksum> {
  const hasher = await createSHA256();
  return state ? hasher.load(state) : hasher.init();
}
