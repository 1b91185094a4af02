import type { Child } from "hono/jsx";

interface BesideProps {
  /** The heading of the form. */
  title: string;
  /** Nothing for those who may not add. */
  form: Child;
  /** The list. */
  children?: Child;
}

/** A list with the form that adds to it in a column of its own; on a phone below the list. */
export function Beside({ title, form, children }: BesideProps) {
  return (
    <div class="beside">
      <div class="stack">{children}</div>
      {form && (
        <section class="beside__form">
          <h2>{title}</h2>
          {form}
        </section>
      )}
    </div>
  );
}
