import type { Ui } from "../ui.ts";
import type { TextKey } from "../words.ts";

interface SectionsProps {
  ui: Ui;
  label: TextKey;
  here: string;
  sections: [path: string, text: TextKey][];
}

/** Links between the parts of one page. */
export function Sections({ ui, label, here, sections }: SectionsProps) {
  return (
    <nav class="segments" aria-label={ui.t(label)}>
      {sections.map(([path, text]) => (
        <a href={path} aria-current={path === here ? "page" : undefined}>{ui.t(text)}</a>
      ))}
    </nav>
  );
}
