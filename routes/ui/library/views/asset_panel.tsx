import type { Child } from "hono/jsx";
import type { AssetDetail } from "../../../../lib/library/assets/schema.ts";
import type { Ui, UiContext } from "../../kit/ui.ts";
import type { TextKey } from "../../kit/words.ts";

/** A tab of an asset's panel, declared once. */
export interface PanelTab {
  /** In the address: `?tab=name`. */
  name: string;
  label: TextKey;
  /** Whether this asset has the tab; all have it when left out. */
  isOffered?(asset: AssetDetail): boolean;
  /** Reads and renders what the open tab shows. */
  render(c: UiContext, asset: AssetDetail): Child | Promise<Child>;
}

/** The tabs that an asset offers, and the open one with its content. */
export interface PanelView {
  tab: PanelTab;
  tabs: readonly PanelTab[];
  content: Child;
}

interface PanelProps {
  ui: Ui;
  asset: AssetDetail;
  panel: PanelView;
}

/** The details of an asset: beside the preview on wide screens, below it on phones. */
export function AssetPanel(props: PanelProps) {
  return (
    <aside class="panel" id="panel" aria-label={props.ui.t("asset.info")}>
      <PanelBody {...props} />
    </aside>
  );
}

/** The tabs and the open tab; navigation in the panel replaces this part. */
export function PanelBody({ ui, asset, panel: { tab, tabs, content } }: PanelProps) {
  return (
    <div id="panel-body" data-tab={tab.name}>
      <nav class="tabs" aria-label={ui.t("asset.info")}>
        {tabs.map(({ name, label }) => (
          <a
            id={`tab-${name}`}
            href={`/assets/${asset.id}?tab=${name}`}
            hx-nonce={ui.nonce}
            hx-get={`/assets/${asset.id}/panel?tab=${name}`}
            hx-target="#panel-body"
            hx-swap="outerHTML"
            hx-boost="false"
            aria-current={name === tab.name ? "true" : undefined}
          >
            {ui.t(label)}
          </a>
        ))}
      </nav>
      {content}
    </div>
  );
}
