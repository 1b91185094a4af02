// Keyboard shortcuts of all pages and the library. Those of the player are in player_keys.ts.
import { htmx } from "./htmx.ts";
import { isTyping } from "./typing.ts";

const SEQUENCE_MS = 1_000;
const MOVES: Record<string, (columns: number) => number> = {
  ArrowLeft: () => -1,
  ArrowRight: () => 1,
  ArrowUp: (columns) => -columns,
  ArrowDown: (columns) => columns,
};

/** Starts listening for keyboard shortcuts. */
export function startShortcuts(): void {
  let wentAt = -Infinity;
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      return focusSearch();
    }
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
    const going = event.timeStamp - wentAt < SEQUENCE_MS;
    wentAt = event.key === "g" ? event.timeStamp : -Infinity;
    if (going ? go(event.key) : press(event)) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    if ((event.target as Element).closest("[data-shortcuts]")) showShortcuts();
  });
}

/** Runs the shortcut of the key. False when it has none. */
function press(event: KeyboardEvent): boolean {
  switch (event.key) {
    case "?":
      showShortcuts();
      return true;
    case "/":
      focusSearch();
      return true;
    case "u":
      document.querySelector<HTMLElement>("[data-upload]")?.click();
      return true;
    case "d":
      return togglePanel();
    case "[":
      return follow("#beside-previous[href]");
    case "]":
      return follow("#beside-next[href]");
    case "D":
      return follow(".asset a[download]");
    case "Delete":
      return moveToTrash();
    default:
      return event.key in MOVES && moveCard(event.key);
  }
}

function go(key: string): boolean {
  const path = { l: "/", j: "/jobs" }[key];
  if (path) document.querySelector<HTMLAnchorElement>(`.rail a[href="${path}"]`)?.click();
  return path !== undefined;
}

function focusSearch(): void {
  const search = document.getElementById("search") as HTMLInputElement | null;
  search?.focus();
  search?.select();
}

function showShortcuts(): void {
  const dialog = document.getElementById("shortcuts") as HTMLDialogElement;
  for (const section of dialog.querySelectorAll<HTMLElement>("[data-only]")) {
    section.hidden = !document.querySelector(section.dataset.only!);
  }
  if (!dialog.open) dialog.showModal();
}

function follow(link: string): boolean {
  const found = document.querySelector<HTMLAnchorElement>(link);
  found?.click();
  return found !== null;
}

function togglePanel(): boolean {
  const panel = document.getElementById("panel");
  if (!panel) return false;
  panel.closest(".asset")?.classList.toggle("is-wide");
  return true;
}

function moveToTrash(): boolean {
  const form = document.querySelector<HTMLFormElement>("form[data-trash]");
  if (form) {
    form.requestSubmit();
    return true;
  }
  const card = document.activeElement?.closest<HTMLElement>("[data-asset-id]");
  if (!card || card.dataset.status === "deleted" || !document.querySelector("upload-tray")) return false;
  const next = (card.nextElementSibling ?? card.previousElementSibling)?.id;
  const done = htmx.ajax("POST", `/assets/${card.dataset.assetId}/trash`, {
    target: "#page",
    swap: "outerHTML",
  });
  Promise.resolve(done).then(() => next && focusCard(document.getElementById(next)));
  return true;
}

function moveCard(key: string): boolean {
  const cards = [...document.querySelectorAll<HTMLElement>("#grid > .card")];
  if (cards.length === 0 || document.activeElement?.matches("input[type=range]")) return false;
  const at = cards.findIndex((card) => card.contains(document.activeElement));
  const top = cards[0]!.offsetTop;
  const columns = cards.findIndex((card) => card.offsetTop !== top);
  const to = at < 0 ? 0 : at + MOVES[key]!(columns < 0 ? cards.length : columns);
  if (to < 0 || to >= cards.length) return at >= 0;
  focusCard(cards[to]!);
  return true;
}

function focusCard(card: HTMLElement | null): void {
  card?.querySelector<HTMLElement>(".card__title")?.focus({ preventScroll: true });
  card?.scrollIntoView({ block: "nearest" });
}
