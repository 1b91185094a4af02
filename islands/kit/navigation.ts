// Moving between pages without leaving the document: what the frame around `#page` has to know of it.
import { htmx } from "./htmx.ts";
import { showToast } from "./toasts.ts";

const TYPING_MS = 250;

/** Keeps sidebar, search box and focus right while htmx swaps pages. */
export function startNavigation(): void {
  let abortLast = () => {};

  document.addEventListener("htmx:config:request", (event) => {
    const { request } = event.detail.ctx;
    if (request.method === "GET" && request.body instanceof FormData) dropEmpty(request.body);
  });
  // Of two clicks on links the later one counts, however the answers come in.
  document.addEventListener("htmx:before:request", (event) => {
    const { target, request } = event.detail.ctx as {
      target?: Element;
      request: { method: string; abort(): void };
    };
    if (request.method !== "GET" || target?.id !== "page") return;
    abortLast();
    abortLast = () => request.abort();
    document.documentElement.dataset.loading = "";
  });
  document.addEventListener("htmx:finally:request", (event) => {
    const target = event.detail.ctx.target as Element | undefined;
    if (target?.id === "page") delete document.documentElement.dataset.loading;
  });
  document.addEventListener("htmx:before:history:update", (event) => {
    const { sourceElement, response } = event.detail as unknown as HistoryUpdate;
    if (
      sourceElement instanceof HTMLFormElement && sourceElement.method === "post" && !leadsOn(response.raw)
    ) {
      event.preventDefault();
    }
  });
  document.addEventListener("htmx:after:swap", () => {
    markPlace();
    showCurrent();
    keepFocus();
  });
  document.addEventListener("htmx:error", (event) => {
    const error = (event as CustomEvent).detail.error;
    if (error instanceof TypeError) showToast("unreachable");
  });
  document.addEventListener("click", goBack);
  startSearch();
  showCurrent();
}

interface HistoryUpdate {
  sourceElement: Element;
  response: { raw: Response };
}

/** What a POST answers by itself is no place to come back to, and neither is the page that one is on already. */
function leadsOn(answer: Response): boolean {
  const { pathname, search } = new URL(answer.url);
  return answer.redirected && pathname + search !== location.pathname + location.search;
}

function dropEmpty(body: FormData): void {
  for (const [name, value] of [...body]) if (value === "") body.delete(name);
}

function markPlace(): void {
  for (const link of document.querySelectorAll<HTMLAnchorElement>(".rail a")) {
    const path = new URL(link.href).pathname;
    const here = path === "/"
      ? location.pathname === "/" || location.pathname.startsWith("/assets")
      : location.pathname.startsWith(path);
    if (here) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const search = document.getElementById("search") as HTMLInputElement | null;
  if (search && document.activeElement !== search) {
    search.value = new URLSearchParams(location.search).get("search") ?? "";
  }
}

/** Rows in which what is chosen was brought into view; from then on they stand where somebody left them. */
const shown = new WeakSet<Element>();

/** On a narrow page a row of choices scrolls: what is chosen comes into view. */
function showCurrent(): void {
  for (const current of document.querySelectorAll<HTMLElement>(".heading .segments > [aria-current]")) {
    const row = current.parentElement!;
    if (shown.has(row)) continue;
    shown.add(row);
    row.scrollLeft = current.offsetLeft - row.offsetLeft - (row.clientWidth - current.offsetWidth) / 2;
  }
}

/** Focus that was inside what a swap replaced goes to the page, so that Tab goes on from there and not from the top. */
function keepFocus(): void {
  if (document.activeElement && document.activeElement !== document.body) return;
  document.getElementById("page")?.focus({ preventScroll: true });
}

/** The way back to the library is the way one came, place and all, when one came from there. */
function goBack(event: MouseEvent): void {
  const link = (event.target as Element).closest?.("[data-back]");
  if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const entries = globalThis.navigation?.entries();
  const before = entries?.[globalThis.navigation.currentEntry!.index - 1];
  if (!before?.url || !before.sameDocument || new URL(before.url).pathname !== "/") return;
  event.preventDefault();
  event.stopImmediatePropagation();
  history.back();
}

/** In the library, typing narrows at once; elsewhere Enter goes there. */
function startSearch(): void {
  let timer: number | undefined;
  document.addEventListener("input", (event) => {
    const input = event.target as HTMLInputElement;
    if (input.id !== "search" || location.pathname !== "/") return;
    clearTimeout(timer);
    timer = setTimeout(() => narrow(input.value.trim()), TYPING_MS);
  });
  document.addEventListener("submit", () => clearTimeout(timer), { capture: true });
}

function narrow(search: string): void {
  if (location.pathname !== "/") return;
  const query = new URLSearchParams(location.search);
  for (const name of ["cursor", "show", "search"]) query.delete(name);
  if (search) query.set("search", search);
  const path = query.size > 0 ? `/?${query}` : "/";
  htmx.ajax("GET", path, { target: "#page", swap: "outerHTML", replace: path });
}
