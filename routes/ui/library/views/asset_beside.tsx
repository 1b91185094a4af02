import type { Beside } from "../../../../lib/library/assets/beside.ts";
import type { Ui } from "../../kit/ui.ts";
import { Icon } from "../../kit/views/icons.tsx";

interface BesideProps {
  ui: Ui;
  beside: Beside;
  /** The list whose neighbours these are. */
  list: string;
}

/** Links to the neighbours of an asset in the list that it was opened from. */
export function AssetBeside({ ui, beside, list }: BesideProps) {
  return (
    <nav class="neighbours" id="beside" data-list={list} aria-label={ui.t("asset.beside")}>
      <Neighbour ui={ui} name="previous" id={beside.previous} />
      <Neighbour ui={ui} name="next" id={beside.next} />
    </nav>
  );
}

function Neighbour({ ui, name, id }: { ui: Ui; name: keyof Beside; id: string | null }) {
  const label = ui.t(`asset.${name}`);
  return (
    <a
      class="button button--bare button--icon"
      id={`beside-${name}`}
      href={id ? `/assets/${id}` : undefined}
      role={id ? undefined : "link"}
      aria-disabled={id ? undefined : "true"}
      title={`${label} (${name === "next" ? "]" : "["})`}
      aria-label={label}
    >
      <Icon name={name === "next" ? "chevron" : "up"} />
    </a>
  );
}
