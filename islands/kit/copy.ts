// Buttons that copy what a field holds: `data-copy` names the field, `data-copied` is what to say then.

export function startCopying(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-copy]");
    const field = button && document.getElementById(button.dataset.copy!);
    if (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) {
      copy(field, button!.dataset.copied ?? "");
    }
  });
}

/** Without leave to write the clipboard (plain http) the text is selected, ready for Ctrl+C. */
async function copy(field: HTMLInputElement | HTMLTextAreaElement, saying: string): Promise<void> {
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    document.dispatchEvent(new CustomEvent("akashi:toast", { detail: saying }));
  } catch {
    field.focus();
  }
}
