// Icons in one sprite per page: 16 × 16, strokes of 1.5, in the colour of the text.
import { raw } from "hono/html";

const PATHS = {
  archive: "M2.5 3h11v3h-11zM3.5 6v7h9V6M6.5 9h3",
  audio: "M2 8h1.5M5 5v6M8 2.5v11M11 5v6M12.5 8H14",
  back: "M10 3 5 8l5 5",
  cancel: "M8 1.75a6.25 6.25 0 1 0 0 12.5 6.25 6.25 0 0 0 0-12.5ZM3.6 3.6l8.8 8.8",
  check: "m3 8.5 3.2 3.2L13 5",
  chevron: "m4 6 4 4 4-4",
  up: "m4 10 4-4 4 4",
  clock: "M8 1.75a6.25 6.25 0 1 0 0 12.5 6.25 6.25 0 0 0 0-12.5ZM8 4.5V8l2.4 1.6",
  plus: "M8 3v10M3 8h10",
  minus: "M3 8h10",
  clipboard: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
  close: "m3.75 3.75 8.5 8.5m0-8.5-8.5 8.5",
  copy:
    "M6.6 9.4a2.6 2.6 0 0 0 3.7 0l2.6-2.6a2.6 2.6 0 0 0-3.7-3.7L8 4.3M9.4 6.6a2.6 2.6 0 0 0-3.7 0L3.1 9.2a2.6 2.6 0 0 0 3.7 3.7L8 11.7",
  document: "M9.5 1.75h-5a1 1 0 0 0-1 1v10.5a1 1 0 0 0 1 1h7a1 1 0 0 0 1-1v-8.5zM9.5 1.75v3h3M6 8.5h4M6 11h4",
  download: "M8 2v8m-3.2-3L8 10.2 11.2 7M2.5 13.5h11",
  edit: "m10.8 2.7 2.5 2.5-7.8 7.8-3.2.7.7-3.2z",
  fold: "M2.5 3h11v10h-11zM6.5 3v10M11 6.5 9.5 8l1.5 1.5",
  full: "M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10",
  image: "M2 3h12v10H2zM2 11l3.5-3.5L9 11l2-2 3 3M10.5 6.4v.1",
  info: "M8 1.75a6.25 6.25 0 1 0 0 12.5 6.25 6.25 0 0 0 0-12.5ZM8 7.4v3.8M8 5v.1",
  jobs: "M2.5 4h2M2.5 8h2M2.5 12h2M7 4h6.5M7 8h6.5M7 12h6.5",
  key: "M5.5 13.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM7.7 8.3l5.8-5.8M10.8 5.2l2 2M12.4 3.6l1.3 1.3",
  keyboard: "M1.75 4h12.5v8H1.75zM4 6.5h.1M6.6 6.5h.1M9.3 6.5h.1M12 6.5h.1M5 9.5h6",
  library:
    "M2.5 2.5h4.75v4.75H2.5zM8.75 2.5h4.75v4.75H8.75zM2.5 8.75h4.75v4.75H2.5zM8.75 8.75h4.75v4.75H8.75z",
  lock: "M3.5 7.25h9v6.5h-9zM5.25 7.25V5a2.75 2.75 0 0 1 5.5 0v2.25",
  loop: "M3 7.5V6.2A2.2 2.2 0 0 1 5.2 4H13m-2-2 2 2-2 2M13 8.5v1.3A2.2 2.2 0 0 1 10.8 12H3m2 2-2-2 2-2",
  muted: "M2.5 6v4h2.6L8.5 13V3L5.1 6zM11 6.2l3 3.6m0-3.6-3 3.6",
  pause: "M5 3v10M11 3v10",
  people:
    "M6 3a2.25 2.25 0 1 0 0 4.5A2.25 2.25 0 0 0 6 3ZM1.75 13c.3-2.3 1.9-3.6 4.25-3.6s3.95 1.3 4.25 3.6M10.6 3.2a2.25 2.25 0 0 1 0 4.1M12.2 9.8c1.2.6 1.9 1.7 2.05 3.2",
  retry: "M13 8a5 5 0 1 1-1.6-3.7L13 5.8M13 2.5v3.3H9.7",
  running:
    "M8 1.75v2.5M8 11.75v2.5M1.75 8h2.5M11.75 8h2.5M3.6 3.6l1.8 1.8M10.6 10.6l1.8 1.8M3.6 12.4l1.8-1.8M10.6 5.4l1.8-1.8",
  search: "M7 2.25a4.75 4.75 0 1 0 0 9.5 4.75 4.75 0 0 0 0-9.5ZM10.5 10.5l3.5 3.5",
  settings: "M2.5 4.5h6M12 4.5h1.5M2.5 11.5H4M7.5 11.5h6M10.2 2.9v3.2M5.8 9.9v3.2",
  sign_out: "M6.5 2.5h-4v11h4M6.5 8H14m-2.8-2.8L14 8l-2.8 2.8",
  size: "M2.5 9.5h4v4h-4zM9 2.5h4.5v4.5M13.5 2.5 8 8",
  sound: "M2.5 6v4h2.6L8.5 13V3L5.1 6zM11 5.8a3.2 3.2 0 0 1 0 4.4M12.9 4a5.8 5.8 0 0 1 0 8",
  trash: "M2.5 4.25h11M6 4V2.25h4V4M4 4.25l.6 9.5h6.8l.6-9.5M6.7 7v4M9.3 7v4",
  upload: "M8 10.5v-8M4.8 5.7 8 2.5l3.2 3.2M2.5 13.5h11",
  user:
    "M8 2.25a2.75 2.75 0 1 0 0 5.5 2.75 2.75 0 0 0 0-5.5ZM2.75 14c.4-2.7 2.4-4.25 5.25-4.25S12.85 11.3 13.25 14",
  video: "M2 3.5h12v9H2zM6.5 6v4l3.5-2z",
  warning: "M8 2.25 1.75 13.5h12.5zM8 6.5v3.3M8 11.6v.1",
} as const;
const SOLID = {
  play: "M4.5 2.6v10.8L13 8z",
  frame_back: "M4 3h1.6v10H4zM12.5 3v10L6.5 8z",
  frame_forward: "M10.4 3H12v10h-1.6zM3.5 3v10l6-5z",
} as const;

export type IconName = keyof typeof PATHS | keyof typeof SOLID;

/** One icon. Decorative: adjacent text or the label of its button carries the meaning. */
export function Icon({ name, class: extra }: { name: IconName; class?: string }) {
  const solid = name in SOLID ? " icon--solid" : "";
  return (
    <svg class={`icon${solid}${extra ? ` ${extra}` : ""}`} viewBox="0 0 16 16" aria-hidden="true">
      <use href={`#i-${name}`} />
    </svg>
  );
}

/** The shapes that `Icon` refers to; once per document. */
export function IconSprite() {
  const symbols = Object.entries({ ...PATHS, ...SOLID }).map(([name, path]) =>
    `<symbol id="i-${name}" viewBox="0 0 16 16"><path d="${path}"/></symbol>`
  );
  return <svg width="0" height="0" class="sr-only" aria-hidden="true">{raw(symbols.join(""))}</svg>;
}

/** Akashi's mark: a frame with its light. */
export function Mark() {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true">
      <path fill="currentColor" d="M12 2 2.2 20.5h4.6L12 10.4l2.2 4.3h4.4z" />
      <circle class="mark__light" cx="18.6" cy="18" r="2.9" />
    </svg>
  );
}
