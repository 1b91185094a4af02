// The library: filters, the grid of cards, and hints when it is empty.
import { ASSET_STATUSES, type AssetSummary } from "../../../../lib/library/assets/schema.ts";
import { ASSET_TYPES } from "../../../../lib/media/schema.ts";
import type { Page as AssetPage } from "../../../../lib/platform/page.ts";
import type { LibraryQuery } from "../library_query.ts";
import { cardsPath, libraryPath, SORT_NAMES } from "../library_query.ts";
import type { Ui } from "../../kit/ui.ts";
import { Card } from "./card.tsx";
import { Page } from "../../kit/views/frame.tsx";
import { Icon } from "../../kit/views/icons.tsx";
import { TYPE_ICONS } from "./asset_state.tsx";

interface LibraryProps {
  ui: Ui;
  query: LibraryQuery;
  assets: AssetPage<AssetSummary>;
}

export function LibraryPage({ ui, query, assets }: LibraryProps) {
  const trash = query.status === "deleted";
  return (
    <Page ui={ui} name="library">
      <div class="heading">
        <h1>{trash ? ui.t("library.trash") : ui.t("library.title")}</h1>
        <span class="heading__count" data-total={assets.total}>{countText(ui, assets)}</span>
        <div class="heading__end">
          <TypeFilter ui={ui} query={query} />
          <StatusFilter ui={ui} query={query} />
          <label class="sizer needs-script" title={ui.t("library.size")}>
            <Icon name="size" />
            <input
              class="range"
              type="range"
              min="1"
              max="5"
              step="1"
              value={String(ui.gridSize)}
              data-sizer
              aria-label={ui.t("library.size")}
            />
          </label>
        </div>
      </div>
      {query.search && <p class="heading quiet">{ui.t("library.results_for", { search: query.search })}</p>}
      {query.cursor && (
        <p class="heading">
          <a href={libraryPath({ ...query, cursor: undefined })}>{ui.t("library.first")}</a>
        </p>
      )}
      <ul
        id="grid"
        class="grid"
        data-size={ui.gridSize}
        data-cards={cardsPath({ ...query, show: undefined })}
        data-first={query.cursor ? undefined : ""}
        aria-label={ui.t("library.assets")}
        hidden={assets.items.length === 0}
      >
        <Cards ui={ui} query={{ ...query, from: query.cursor }} assets={assets} />
      </ul>
      {assets.items.length === 0 && <Empty ui={ui} query={query} />}
    </Page>
  );
}

interface CardsProps extends LibraryProps {
  /** Number of cards before these on the page, for an address that restores all of them. */
  before?: number;
}

/** The cards of one page, and a link that loads the next page when it scrolls into view. */
export function Cards({ ui, query, assets, before = 0 }: CardsProps) {
  const shown = before + assets.items.length;
  return (
    <>
      {!query.cursor && <li hidden data-count>{countText(ui, assets)}</li>}
      {assets.items.map((asset) => <Card ui={ui} asset={asset} />)}
      {assets.next_cursor && (
        <li
          class="more"
          hx-nonce={ui.nonce}
          hx-get={cardsPath({
            ...query,
            cursor: assets.next_cursor,

            show: shown,
          })}
          hx-trigger="revealed rootMargin:'900px 0px'"
          hx-swap="outerHTML"
        >
          <a class="button" href={libraryPath({ ...query, cursor: assets.next_cursor, show: undefined })}>
            {ui.t("library.more")}
          </a>
        </li>
      )}
    </>
  );
}

function TypeFilter({ ui, query }: { ui: Ui; query: LibraryQuery }) {
  const link = (asset_type: LibraryQuery["asset_type"]) =>
    libraryPath({ ...query, asset_type, cursor: undefined, show: undefined });
  const types = ASSET_TYPES.filter((type) => type !== "sequence" || query.asset_type === type);
  return (
    <nav class="segments" aria-label={ui.t("library.type")}>
      <a href={link(undefined)} aria-current={query.asset_type ? undefined : "true"}>
        {ui.t("library.all_types")}
      </a>
      {types.map((type) => (
        <a href={link(type)} aria-current={query.asset_type === type ? "true" : undefined}>
          <Icon name={TYPE_ICONS[type]} /> {ui.t(`type.${type}`)}
        </a>
      ))}
    </nav>
  );
}

function StatusFilter({ ui, query }: { ui: Ui; query: LibraryQuery }) {
  return (
    <form
      id="filter"
      class="form__row"
      action="/"
      method="get"
      hx-nonce={ui.nonce}
      hx-get="/"
      hx-target="#page"
      hx-swap="outerHTML"
      hx-push-url="true"
      hx-trigger="change, submit"
    >
      {query.asset_type && <input type="hidden" name="asset_type" value={query.asset_type} />}
      <select class="input select" id="sort" name="sort" aria-label={ui.t("library.sort")}>
        <option value="">{ui.t("library.sort_newest")}</option>
        {SORT_NAMES.map((sort) => (
          <option value={sort} selected={query.sort === sort}>{ui.t(`library.sort_${sort}`)}</option>
        ))}
      </select>
      {query.search && <input type="hidden" name="search" value={query.search} />}
      <select class="input select" id="status" name="status" aria-label={ui.t("library.status")}>
        <option value="">{ui.t("library.all_statuses")}</option>
        {ASSET_STATUSES.map((status) => (
          <option value={status} selected={query.status === status}>
            {status === "deleted" ? ui.t("library.trash") : ui.t(`status.${status}`)}
          </option>
        ))}
      </select>
      <noscript>
        <button class="button" type="submit">{ui.t("library.apply")}</button>
      </noscript>
    </form>
  );
}

function Empty({ ui, query }: { ui: Ui; query: LibraryQuery }) {
  const filtered = query.status || query.asset_type || query.search || query.cursor;
  if (query.status === "deleted" && !query.search && !query.asset_type) {
    return <EmptyNote title={ui.t("library.trash_empty_title")} text={ui.t("library.trash_empty_text")} />;
  }
  if (filtered) {
    return (
      <EmptyNote title={ui.t("library.nothing_title")} text={ui.t("library.nothing_text")}>
        <a class="button" href="/">{ui.t("library.nothing_clear")}</a>
      </EmptyNote>
    );
  }
  return (
    <EmptyNote title={ui.t("library.empty_title")} text={ui.t("library.empty_text")}>
      {ui.mayEdit && (
        <button class="button button--main needs-script" type="button" data-upload>
          <Icon name="upload" /> {ui.t("library.empty_upload")}
        </button>
      )}
    </EmptyNote>
  );
}

function EmptyNote({ title, text, children }: { title: string; text: string; children?: unknown }) {
  return (
    <div class="empty" data-empty>
      <svg class="empty__art" viewBox="0 0 168 96" aria-hidden="true">
        <rect x="6" y="22" width="66" height="40" rx="5" />
        <rect x="96" y="22" width="66" height="40" rx="5" />
        <rect class="is-front" x="42" y="10" width="84" height="52" rx="6" />
        <path
          class="is-accent"
          d="M84 50V26m-10 10 10-10 10 10"
          stroke-linecap="round"
          stroke-linejoin="round"
        />
        <path d="M52 76h64M66 86h36" stroke-linecap="round" />
      </svg>
      <h2>{title}</h2>
      <p>{text}</p>
      {children}
    </div>
  );
}

function countText(ui: Ui, { total, total_is_estimate }: AssetPage<AssetSummary>): string {
  if (total === 0) return "";
  return total_is_estimate
    ? ui.t("library.count_about", { count: ui.number(total) })
    : ui.plural("library.count", total);
}
