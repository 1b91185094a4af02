// Names that are cut in the middle when there is no room: their ends hold take and reel numbers.

const TAIL = { least: 6, usual: 10, most: 16 };
const letters = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/**
 * A name in two parts, of which the style sheet cuts the first (`.cut`). Readers of the page's text find both; the
 * element around it needs the whole name as its title and accessible name.
 */
export function Cut({ text }: { text: string }) {
  const [head, tail] = splitName(text);
  return (
    <span class="cut" dir="auto">
      <span>{head}</span>
      {tail && <span>{tail}</span>}
    </span>
  );
}

/** Splits a name before its last part, which begins with a separator where one is near; short names stay whole. */
export function splitName(text: string): [head: string, tail: string] {
  const all = [...letters.segment(text)].map(({ segment }) => segment);
  if (all.length <= TAIL.most) return [text, ""];
  const near = all.slice(-TAIL.most, -TAIL.least).findLastIndex((letter) => /[\s_.\-–]/u.test(letter));
  const at = near >= 0 ? all.length - TAIL.most + near : all.length - TAIL.usual;
  return [all.slice(0, at).join(""), all.slice(at).join("")];
}
