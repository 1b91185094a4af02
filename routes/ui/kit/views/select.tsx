import type { Child } from "hono/jsx";
import { Icon } from "./icons.tsx";

interface SelectProps {
  name: string;
  label: string;
  error?: string;
  /** The options. */
  children?: Child;
}

/** A labelled choice with its error. */
export function Select({ name, label, error, children }: SelectProps) {
  const id = `field-${name}`;
  return (
    <div class="field">
      <label class="field__label" for={id}>{label}</label>
      <select
        class="input select"
        id={id}
        name={name}
        aria-describedby={error && `${id}-error`}
        aria-invalid={error ? "true" : undefined}
      >
        {children}
      </select>
      {error && (
        <p class="field__error" id={`${id}-error`} role="alert">
          <Icon name="warning" /> {error}
        </p>
      )}
    </div>
  );
}
