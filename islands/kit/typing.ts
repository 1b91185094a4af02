/** True while key presses belong to a text field or a dialog instead of shortcuts. */
export function isTyping(event: KeyboardEvent): boolean {
  const target = event.composedPath()[0];
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.matches("textarea, select")) return true;
  if (
    target.matches("input") &&
    !["range", "checkbox", "radio", "button"].includes((target as HTMLInputElement).type)
  ) {
    return true;
  }
  return document.querySelector("dialog[open]") !== null;
}
