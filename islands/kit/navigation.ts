// Keeps the frame around `#page` in step while htmx navigates without a page load.
import { htmx } from "./htmx.ts";
import { showToast } from "./toasts.ts";

const TYPING_MS = 250;

/** Updates sidebar, search box, focus and scroll position while htmx swaps pages. */
export function startNavigation(): void {
  let abortLast = () => {};

  document.addEventListener("htmx:config:request", (event) => {
    const { request } = event.detail.ctx;
    if (request.method === "GET" && request.body instanceof FormData) dropEmpty(request.body);
  });
  // Aborts the previous navigation, so that the last click wins whatever the order of responses.
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
      sourceElement instanceof HTMLFormElement && sourceElement.method === "post" &&
      !isRedirectElsewhere(response.raw)
    ) {
      event.preventDefault();
    }
  });
  document.addEventListener("htmx:after:swap", () => {
    markCurrentLink();
    scrollToCurrent();
    restoreFocus();
  });
  document.addEventListener("htmx:error", (event) => {
    const error = (event as CustomEvent).detail.error;
    if (error instanceof TypeError) showToast("unreachable");
  });
  document.addEventListener("click", leaveToBrowser, { capture: true });
  document.addEventListener("click", goBack);
  startSearch();
  scrollToCurrent();
}

interface HistoryUpdate {
  sourceElement: Element;
  response: { raw: Response };
}

/** History gets no entry for the response of a POST itself, nor for the page that is already shown. */
function isRedirectElsewhere(answer: Response): boolean {
  const { pathname, search } = new URL(answer.url);
  return answer.redirected && pathname + search !== location.pathname + location.search;
}

function dropEmpty(body: FormData): void {
  for (const [name, value] of [...body]) if (value === "") body.delete(name);
}

function markCurrentLink(): void {
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

/** Rows that have been scrolled to their current item; after that the user's own scroll position is kept. */
const scrolled = new WeakSet<Element>();

/** On narrow screens a row of choices scrolls horizontally: brings the current one into view once. */
function scrollToCurrent(): void {
  for (const current of document.querySelectorAll<HTMLElement>(".heading .segments > [aria-current]")) {
    const row = current.parentElement!;
    if (scrolled.has(row)) continue;
    scrolled.add(row);
    row.scrollLeft = current.offsetLeft - row.offsetLeft - (row.clientWidth - current.offsetWidth) / 2;
  }
}

/** When the swap removed the focused element, focuses the page, so that Tab does not start from the top. */
function restoreFocus(): void {
  if (document.activeElement && document.activeElement !== document.body) return;
  document.getElementById("page")?.focus({ preventScroll: true });
}

/** Ctrl, Cmd, Shift and Alt clicks on links are the browser's: htmx would cancel them, and then do nothing. */
function leaveToBrowser(event: MouseEvent): void {
  const isModified = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
  if (isModified && (event.target as Element).closest?.("a[href]")) event.stopPropagation();
}

/**
 * A back link to the library uses the history when the library is the previous page, which restores its scroll
 * position.
 */
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

/** In the library, typing filters at once; elsewhere Enter opens the library with the search. */
function startSearch(): void {
  let timer: number | undefined;
  document.addEventListener("input", (event) => {
    const input = event.target as HTMLInputElement;
    if (input.id !== "search" || location.pathname !== "/") return;
    clearTimeout(timer);
    timer = setTimeout(() => filterBy(input.value.trim()), TYPING_MS);
  });
  document.addEventListener("submit", () => clearTimeout(timer), { capture: true });
}

function filterBy(search: string): void {
  if (location.pathname !== "/") return;
  const query = new URLSearchParams(location.search);
  for (const name of ["cursor", "show", "search"]) query.delete(name);
  if (search) query.set("search", search);
  const path = query.size > 0 ? `/?${query}` : "/";
  htmx.ajax("GET", path, { target: "#page", swap: "outerHTML", replace: path });
}
