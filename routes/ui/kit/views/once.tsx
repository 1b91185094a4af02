interface OnceProps {
  id: string;
  label: string;
  text: string;
  value: string;
  copy: string;
  copied: string;
}

/** A secret or link that is shown only once, with a button to copy it. */
export function Once({ id, label, text, value, copy, copied }: OnceProps) {
  return (
    <div class="notice once" role="status">
      <p>{text}</p>
      <div class="form__row">
        <input class="input" id={id} aria-label={label} value={value} readonly />
        <button class="button needs-script" type="button" data-copy={id} data-copied={copied}>{copy}</button>
      </div>
    </div>
  );
}
