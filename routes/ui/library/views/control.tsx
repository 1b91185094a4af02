import { Icon, type IconName } from "../../kit/views/icons.tsx";

/** A button of the player or the viewer, by its icon; the island finds it by `data-do`. */
export function Control(
  { name, icon, label, pressed }: { name: string; icon: IconName; label: string; pressed?: boolean },
) {
  return (
    <button
      class="button button--bare button--icon"
      type="button"
      data-do={name}
      title={label}
      aria-label={label}
      aria-pressed={pressed === undefined ? undefined : String(pressed)}
    >
      <Icon name={icon} />
    </button>
  );
}
