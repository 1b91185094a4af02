// Buttons that copy a text: `data-copy` is the id of the field or element that holds it, `data-copied` the confirmation.

/** Starts listening for clicks on copy buttons. */
export function startCopying(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-copy]");
    const holder = button && document.getElementById(button.dataset.copy!);
    if (holder) copy(holder, button!.dataset.copied ?? "");
  });
}

/** Without clipboard permission (plain http) the text is selected, ready for Ctrl+C. */
async function copy(holder: HTMLElement, saying: string): Promise<void> {
  const field = holder instanceof HTMLInputElement || holder instanceof HTMLTextAreaElement ? holder : null;
  field?.select();
  try {
    await navigator.clipboard.writeText(field?.value ?? holder.textContent ?? "");
    document.dispatchEvent(new CustomEvent("akashi:toast", { detail: saying }));
  } catch {
    if (field) field.focus();
    else getSelection()?.selectAllChildren(holder);
  }
}
