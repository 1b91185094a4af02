// Undoing by Ctrl+Z what toasts offer to undo, the latest first, also after they have disappeared.
import { isTyping } from "./typing.ts";

const MOST_UNDOS = 20;
const offered: HTMLFormElement[] = [];

/** Starts listening for Ctrl+Z. */
export function startUndo(): void {
  document.addEventListener("keydown", (event) => {
    const isUndo = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key === "z";
    if (isUndo && !event.defaultPrevented && !isTyping(event) && undoLast()) event.preventDefault();
  });
}

/** Remembers the undo form of a toast that is shown. */
export function offerUndo(toast: HTMLElement): void {
  const form = toast.querySelector<HTMLFormElement>("form");
  if (form) offered.push(form);
  offered.splice(0, offered.length - MOST_UNDOS);
}

/** Forgets an undo form that is used. */
export function dropUndo(form: EventTarget | null): void {
  const at = offered.indexOf(form as HTMLFormElement);
  if (at >= 0) offered.splice(at, 1);
}

/** Submits the latest form. False when nothing can be undone. */
function undoLast(): boolean {
  const form = offered.at(-1);
  if (!form) return false;
  const toast = form.closest<HTMLElement>("[data-toast]")!;
  if (!toast.isConnected) {
    toast.hidden = true;
    document.getElementById("toasts")?.append(toast);
  }
  form.requestSubmit();
  return true;
}
