// A SHA-256 whose state outlives the request: node:crypto cannot save it, hash-wasm can.
import { createSHA256, type IHasher } from "hash-wasm";

/** Goes on with a running checksum, or begins one. */
export async function resumeChecksum(state: Uint8Array | null): Promise<IHasher> {
  const hasher = await createSHA256();
  return state ? hasher.load(state) : hasher.init();
}
