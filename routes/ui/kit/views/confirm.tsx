import type { Ui } from "../ui.ts";

interface ConfirmProps {
  ui: Ui;
  id: string;
  /** Label of both the button that asks and the one that confirms. */
  label: string;
  /** What it acts on, for screen readers. */
  of?: string;
  title: string;
  text: string;
  action: string;
}

/** A button for an action that cannot be undone: it asks for confirmation first, without scripts. */
export function Confirm({ ui, id, label, of, title, text, action }: ConfirmProps) {
  return (
    <>
      <button class="button button--small button--bare" type="button" popovertarget={id}>
        {label} {of && <span class="sr-only">{of}</span>}
      </button>
      <div class="confirm" id={id} popover="auto" role="dialog" aria-labelledby={`${id}-title`}>
        <h2 id={`${id}-title`} dir="auto">{title}</h2>
        <p>{text}</p>
        <div class="form__row">
          <form method="post" action={action}>
            <button class="button button--danger" type="submit">{label}</button>
          </form>
          <button class="button" type="button" popovertarget={id} popovertargetaction="hide">
            {ui.t("app.cancel")}
          </button>
        </div>
      </div>
    </>
  );
}
