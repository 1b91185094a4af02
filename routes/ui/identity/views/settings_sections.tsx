import type { Ui } from "../../kit/ui.ts";
import { Sections } from "../../kit/views/sections.tsx";
import type { TextKey } from "../../kit/words.ts";

const SECTIONS: [path: string, text: TextKey][] = [
  ["/settings", "settings.profile"],
  ["/settings/security", "security.title"],
  ["/settings/sessions", "access.sessions"],
  ["/settings/keys", "access.keys"],
];

/** Links between the settings pages. */
export function SettingsSections({ ui, here }: { ui: Ui; here: string }) {
  return <Sections ui={ui} label="access.sections" here={here} sections={SECTIONS} />;
}
