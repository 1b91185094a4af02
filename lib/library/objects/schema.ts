/** What a stored file of an asset is for. Part of its key in the store. */
export const PURPOSES = [
  "original",
  "proxy",
  "thumbnail",
  "sprite",
  "hls",
  "dash",
  "waveform",
  "preview",
] as const;
export type Purpose = typeof PURPOSES[number];
