import type { Ui } from "../ui.ts";
import { Icon } from "./icons.tsx";

interface FieldProps {
  ui: Ui;
  name: string;
  label: string;
  value?: string;
  hint?: string;
  error?: string;
  /** Multi-line. */
  long?: boolean;
  type?: "text" | "email" | "password";
  autocomplete?: string;
  inputmode?: "numeric";
  autofocus?: boolean;
  required?: boolean;
  maxlength?: number;
}

/** A labelled input with its hint and its error. */
export function Field({ name, label, value, hint, error, long, type = "text", ...rest }: FieldProps) {
  const id = `field-${name}`;
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ") || undefined;
  const { ui: _, ...attributes } = rest;
  const shared = {
    id,
    name,
    class: "input",
    "aria-describedby": described,
    "aria-invalid": error ? "true" : undefined,
  };
  return (
    <div class="field">
      <label class="field__label" for={id}>{label}</label>
      {long ? <textarea {...shared} {...attributes} rows={5} dir="auto">{value ?? ""}</textarea> : (
        <input
          {...shared}
          {...attributes}
          type={type}
          value={type === "password" ? undefined : value}
          dir="auto"
        />
      )}
      {hint && <p class="field__hint" id={`${id}-hint`}>{hint}</p>}
      {error && (
        <p class="field__error" id={`${id}-error`} role="alert">
          <Icon name="warning" /> {error}
        </p>
      )}
    </div>
  );
}
