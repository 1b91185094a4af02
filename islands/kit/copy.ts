// Buttons that copy the value of a field: `data-copy` is the field's id, `data-copied` the confirmation to show.

/** Starts listening for clicks on copy buttons. */
export function startCopying(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-copy]");
    const field = button && document.getElementById(button.dataset.copy!);
    if (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) {
      copy(field, button!.dataset.copied ?? "");
    }
  });
}

/** Without clipboard permission (plain http) the text is selected, ready for Ctrl+C. */
async function copy(field: HTMLInputElement | HTMLTextAreaElement, saying: string): Promise<void> {
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    document.dispatchEvent(new CustomEvent("akashi:toast", { detail: saying }));
  } catch {
    field.focus();
  }
}
