// The library grid: card size, live updates of cards, and new cards on top.
import { keepChoice } from "../kit/choices.ts";
import { coalesce, fetchPart, morph, parsePart } from "../kit/fragments.ts";
import { htmx } from "../kit/htmx.ts";
import { type Follower, on } from "../kit/live.ts";
import type { AssetEvent } from "../../lib/library/assets/events.ts";
import type { JobEvent } from "../../lib/work/jobs/events.ts";

const CARDS_AT_ONCE = 4;

/** Follows assets on any page with cards. */
export function startGrid(): Follower {
  const stale = new Set<string>();
  const readStale = coalesce(1_000, async () => {
    const ids = [...stale].filter((id) => findCard(id));
    stale.clear();
    while (ids.length > 0) await Promise.all(ids.splice(0, CARDS_AT_ONCE).map(refresh));
  });
  const readNewest = coalesce(1_000, mergeNewest);

  function refreshAll(ids: string[]): void {
    for (const id of ids) stale.add(id);
    if (ids.length > 0) readStale();
  }

  function followAssets(hints: AssetEvent[]): void {
    if (!grid()) return;
    const [known, unknown] = divide(hints);
    for (const hint of known) if (!belongs(hint)) findCard(hint.id)?.remove();
    refreshAll(known.filter(belongs).map((hint) => hint.id));
    if (unknown.length > 0 || known.some((hint) => !belongs(hint))) readNewest();
  }

  document.addEventListener("input", resize);
  return {
    subscriptions: [
      on<AssetEvent>("asset", followAssets),
      on<JobEvent>("job", (hints) => refreshAll(hints.map(({ asset_id }) => asset_id).filter(hasCard))),
    ],
    missed() {
      if (!grid()) return;
      refreshAll(
        [...document.querySelectorAll<HTMLElement>("[data-asset-id]")].map((card) => card.dataset.assetId!),
      );
      readNewest();
    },
  };
}

function grid(): HTMLElement | null {
  return document.getElementById("grid");
}

function findCard(id: string): HTMLElement | null {
  return document.getElementById(`asset-${id}`);
}

function hasCard(id: string | null): id is string {
  return id !== null && findCard(id) !== null;
}

function divide(hints: AssetEvent[]): [AssetEvent[], AssetEvent[]] {
  const known = hints.filter((hint) => findCard(hint.id));
  return [known, hints.filter((hint) => !known.includes(hint))];
}

/** Whether an asset with this status matches the current filter. */
function belongs({ status }: AssetEvent): boolean {
  const wanted = new URLSearchParams(location.search).get("status");
  return wanted ? wanted === status : status !== "deleted";
}

async function refresh(id: string): Promise<void> {
  const html = await fetchPart(`/assets/${id}/card`);
  const card = findCard(id);
  if (!card || html === undefined) return;
  if (html === null) card.remove();
  else await morph(card, html);
}

/** Inserts missing cards of the first page at their position. */
async function mergeNewest(): Promise<void> {
  const list = grid();
  if (!list || list.dataset.first === undefined) return;
  const html = await fetchPart(list.dataset.cards!);
  if (!html || !list.isConnected) return;
  const part = parsePart(html);
  const count = part.querySelector("[data-count]")?.textContent;
  if (count) document.querySelector(".heading__count")!.textContent = count;
  const arrived = [...part.querySelectorAll<HTMLElement>(".card")];
  const wasEmpty = !list.querySelector(".card");
  for (const [index, card] of arrived.entries()) {
    if (document.getElementById(card.id)) continue;
    const after = arrived.slice(index + 1).map((next) => document.getElementById(next.id)).find(Boolean);
    if (!after && !wasEmpty) continue;
    list.insertBefore(card, after ?? null);
    htmx.process(card);
  }
  list.hidden = !list.querySelector(".card");
  const empty = document.querySelector<HTMLElement>("[data-empty]");
  if (empty) empty.hidden = !list.hidden;
}

function resize(event: Event): void {
  const slider = event.target as HTMLInputElement;
  if (!slider.matches("[data-sizer]")) return;
  grid()!.dataset.size = slider.value;
  keepChoice("akashi_grid", slider.value);
}
