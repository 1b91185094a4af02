// Menus that close on a click elsewhere, the theme switch, and the collapsible sidebar.
import { keepChoice } from "./choices.ts";

/** Starts closing menus, switching themes and folding the sidebar. */
export function startMenus(): void {
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    for (const menu of openMenus()) {
      const left = !menu.contains(target) || target.closest(".menu__item");
      if (left) menu.open = false;
    }
    if (target.closest("[data-fold]")) foldRail();
  });
  document.addEventListener("submit", (event) => {
    const choice = event.submitter as HTMLButtonElement | null;
    if (choice?.name === "theme") showTheme(choice.value);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of openMenus()) {
      menu.open = false;
      menu.querySelector("summary")?.focus();
    }
  });
}

function openMenus(): NodeListOf<HTMLDetailsElement> {
  return document.querySelectorAll<HTMLDetailsElement>("[data-menu][open]");
}

/** Switches the colours at once, without reloading the page. */
function showTheme(theme: string): void {
  document.documentElement.dataset.theme = theme;
  for (const button of document.querySelectorAll<HTMLButtonElement>("button[name='theme']")) {
    button.setAttribute("aria-pressed", String(button.value === theme));
  }
}

function foldRail(): void {
  const root = document.documentElement;
  const folded = root.dataset.rail !== "folded";
  if (folded) root.dataset.rail = "folded";
  else delete root.dataset.rail;
  keepChoice("akashi_rail", folded ? "folded" : "open");
}
