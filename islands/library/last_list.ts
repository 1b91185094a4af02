// The list that a person came from, with its filters and scroll position, kept for each tab: an asset's page leads
// back to it, and so does moving the asset to the trash.
import { fetchPart, parsePart } from "../kit/fragments.ts";
import { htmx } from "../kit/htmx.ts";

const KEY = "akashi_list";

interface List {
  /** Path and query. */
  path: string;
  /** Pixels. */
  scrolled: number;
  /** An asset of the list is being moved to the trash. */
  isComingBack: boolean;
}

/** Starts remembering the list when it is left, and leading back to it. */
export function startLastList(): void {
  document.addEventListener("htmx:before:request", remember);
  addEventListener("pagehide", remember);
  document.addEventListener("submit", (event) => {
    if ((event.target as Element).matches("[data-trash]")) keep({ isComingBack: true });
  });
  document.addEventListener("htmx:after:swap", arrive);
  arrive();
}

function remember(): void {
  if (shownPage() !== "library") return;
  keep({ path: location.pathname + location.search, scrolled: scrollY, isComingBack: false });
}

function arrive(): void {
  if (shownPage() === "asset") pointBack();
  if (shownPage() === "library") returnToPlace();
}

function pointBack(): void {
  const list = recall();
  if (!list?.path) return;
  for (const link of document.querySelectorAll<HTMLAnchorElement>("a[data-back]")) link.href = list.path;
  for (const field of document.querySelectorAll<HTMLInputElement>("[data-trash] [name=back]")) {
    field.value = list.path;
  }
  readNeighbours(list.path);
}

/** The server took the previous page for the list; neighbours are those of the list that is remembered. */
async function readNeighbours(list: string): Promise<void> {
  const shown = document.getElementById("beside");
  if (!shown || shown.dataset.list === list) return;
  shown.dataset.list = list;
  const html = await fetchPart(`${location.pathname}/beside?${new URLSearchParams({ list })}`);
  const arrived = html && parsePart(html).querySelector<HTMLElement>("#beside");
  if (!arrived || !shown.isConnected) return;
  // As it is remembered here, lest another spelling by the server is asked for again and again.
  arrived.dataset.list = list;
  shown.replaceWith(arrived);
  htmx.process(arrived);
}

/** After an asset of the list went to the trash. */
function returnToPlace(): void {
  const list = recall();
  if (!list?.isComingBack) return;
  keep({ isComingBack: false });
  if (list.path === location.pathname + location.search) scrollTo(0, list.scrolled);
}

function recall(): List | undefined {
  return JSON.parse(sessionStorage.getItem(KEY) ?? "null") ?? undefined;
}

function keep(change: Partial<List>): void {
  sessionStorage.setItem(KEY, JSON.stringify({ ...recall(), ...change }));
}

function shownPage(): string | undefined {
  return document.getElementById("page")?.dataset.page;
}
