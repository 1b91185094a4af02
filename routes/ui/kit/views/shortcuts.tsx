import type { Ui } from "../ui.ts";
import type { TextKey } from "../words.ts";
import { Icon } from "./icons.tsx";

type Keys = [keys: string[], text: TextKey][];

const EVERYWHERE: Keys = [
  [["?"], "keys.help"],
  [["/", "Ctrl K"], "keys.search"],
  [["g", "l"], "keys.go_library"],
  [["g", "j"], "keys.go_jobs"],
  [["u"], "keys.upload"],
  [["Ctrl Z"], "keys.undo"],
];
const LIBRARY: Keys = [
  [["←", "↑", "↓", "→"], "keys.move"],
  [["Enter"], "keys.open"],
  [["Del"], "keys.trash"],
];
const ASSET: Keys = [
  [["[", "]"], "keys.beside"],
  [["d"], "keys.info"],
  [["Shift D"], "keys.download"],
  [["Del"], "keys.trash"],
];
const IMAGE: Keys = [
  [["+", "−"], "keys.zoom"],
  [["0"], "keys.fit"],
  [["1"], "keys.actual"],
  [["←", "↑", "↓", "→"], "keys.pan"],
  [["Shift F"], "keys.full"],
];
const PLAYER: Keys = [
  [["Space"], "keys.play"],
  [["J", "K", "L"], "keys.shuttle"],
  [["←", "→"], "keys.frame"],
  [["Shift ←", "Shift →"], "keys.second"],
  [["Home", "End"], "keys.ends"],
  [["r"], "keys.loop"],
  [["m"], "keys.mute"],
  [["Shift F"], "keys.full"],
  [["c"], "keys.copy"],
];

/** The list of shortcuts that `?` opens; the groups of what the page does not have are hidden then. */
export function Shortcuts({ ui }: { ui: Ui }) {
  return (
    <dialog id="shortcuts" aria-labelledby="shortcuts-title">
      <div class="dialog__head">
        <h2 id="shortcuts-title">{ui.t("keys.title")}</h2>
        <form method="dialog">
          <button class="button button--bare button--icon" type="submit" aria-label={ui.t("app.close")}>
            <Icon name="close" />
          </button>
        </form>
      </div>
      <div class="dialog__body">
        <KeyGroup ui={ui} title="keys.everywhere" keys={EVERYWHERE} />
        <KeyGroup ui={ui} title="keys.library" keys={LIBRARY} only="[data-page=library]" />
        <KeyGroup ui={ui} title="keys.player" keys={PLAYER} only="media-player" />
        <KeyGroup ui={ui} title="keys.image" keys={IMAGE} only="image-viewer" />
        <KeyGroup ui={ui} title="keys.asset" keys={ASSET} only="[data-page=asset]" />
      </div>
    </dialog>
  );
}

interface KeyGroupProps {
  ui: Ui;
  title: TextKey;
  keys: Keys;
  /** A selector of what the page must have for these keys to work. */
  only?: string;
}

function KeyGroup({ ui, title, keys, only }: KeyGroupProps) {
  return (
    <section data-only={only}>
      <h3 class="keys__group">{ui.t(title)}</h3>
      <dl class="keys">
        {keys.map(([names, text]) => (
          <div>
            <dt>{ui.t(text)}</dt>
            <dd>{names.map((name) => <kbd>{name}</kbd>)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
