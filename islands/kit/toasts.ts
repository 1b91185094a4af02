// Notices that leave by themselves, unless one reads them or they say what went wrong.

const SHOWN_MS = 8_000;
const MOST = 4;

export function startToasts(): void {
  const list = document.getElementById("toasts");
  if (!list) return;
  for (const toast of list.querySelectorAll<HTMLElement>("[data-toast]")) leaveLater(toast);
  new MutationObserver((changes) => {
    for (const change of changes) for (const node of change.addedNodes) leaveLater(node);
    for (const old of [...list.children].slice(0, -MOST)) old.remove();
  }).observe(list, { childList: true });
  list.addEventListener("click", (event) => {
    const dismissed = (event.target as Element).closest("[data-dismiss]");
    if (dismissed) dismissed.closest("[data-toast]")?.remove();
  });
  // What was undone needs no second button; htmx has read the form by then.
  list.addEventListener("submit", (event) => {
    const toast = (event.target as Element).closest<HTMLElement>("[data-toast]");
    if (toast) toast.hidden = true;
  });
  document.addEventListener("akashi:toast", (event) => say((event as CustomEvent<string>).detail));
}

/** Says one of the sentences that the page brought along. */
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
  const words = document.createElement("p");
  words.textContent = text;
  toast.append(words);
  list?.append(toast);
}

function texts(): Record<string, string> {
  return JSON.parse(document.getElementById("toasts")?.dataset.texts ?? "{}");
}

function leaveLater(node: Node): void {
  if (!(node instanceof HTMLElement) || node.dataset.toast === "stay") return;
  const leave = () => {
    if (node.matches(":hover, :focus-within")) setTimeout(leave, 1_000);
    else node.remove();
  };
  setTimeout(leave, SHOWN_MS);
}
