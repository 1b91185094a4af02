// Notices that disappear after a while, unless hovered, focused or an error.
import { dropUndo, offerUndo } from "./undo.ts";

const SHOWN_MS = 8_000;
/** With a button to press. Ctrl+Z undoes also later. */
const OFFERED_MS = 20_000;
const MAX_TOASTS = 4;

/** Starts removing toasts after a while, and showing those of `akashi:toast` events. */
export function startToasts(): void {
  const list = document.getElementById("toasts");
  if (!list) return;
  for (const toast of list.querySelectorAll<HTMLElement>("[data-toast]")) take(toast);
  new MutationObserver((changes) => {
    for (const change of changes) for (const node of change.addedNodes) take(node);
    for (const old of [...list.children].slice(0, -MAX_TOASTS)) old.remove();
  }).observe(list, { childList: true });
  list.addEventListener("click", (event) => {
    const dismissed = (event.target as Element).closest("[data-dismiss]");
    if (dismissed) dismissed.closest("[data-toast]")?.remove();
  });
  // Hides the toast once its undo button was used. Hidden, not removed, because htmx still reads the form.
  list.addEventListener("submit", (event) => {
    const toast = (event.target as Element).closest<HTMLElement>("[data-toast]");
    if (toast) toast.hidden = true;
    dropUndo(event.target);
  });
  document.addEventListener("akashi:toast", (event) => say((event as CustomEvent<string>).detail));
}

/** Shows one of the texts that the page provides. */
export function showToast(name: "offline" | "unreachable"): void {
  say(texts()[name] ?? "", true);
}

function say(text: string, bad = false): void {
  const list = document.getElementById("toasts");
  if ([...list?.children ?? []].some((shown) => shown.textContent === text)) return;
  const toast = document.createElement("div");
  toast.className = bad ? "toast toast--bad" : "toast";
  toast.dataset.toast = "";
  toast.setAttribute("role", bad ? "alert" : "status");
  const paragraph = document.createElement("p");
  paragraph.textContent = text;
  toast.append(paragraph);
  list?.append(toast);
}

function texts(): Record<string, string> {
  return JSON.parse(document.getElementById("toasts")?.dataset.texts ?? "{}");
}

function take(node: Node): void {
  if (!(node instanceof HTMLElement) || node.hidden) return;
  offerUndo(node);
  if (node.dataset.toast === "stay") return;
  const remove = () => {
    if (document.hidden || node.matches(":hover, :focus-within")) setTimeout(remove, 1_000);
    else node.remove();
  };
  setTimeout(remove, node.querySelector("form") ? OFFERED_MS : SHOWN_MS);
}
