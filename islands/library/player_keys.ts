import { isTyping } from "../kit/typing.ts";

const KEYS: Record<string, string> = {
  " ": "play",
  k: "stop",
  l: "faster",
  j: "backwards",
  ArrowLeft: "frame_back",
  ArrowRight: "frame_forward",
  "Shift+ArrowLeft": "second_back",
  "Shift+ArrowRight": "second_forward",
  Home: "start",
  End: "end",
  r: "loop",
  m: "mute",
  c: "copy",
  "Shift+f": "full",
};

/** What a press of Space activates by itself. */
const PRESSABLE = "button, a, summary";

/** The control that was last clicked by a pointer: Space after it is meant for the player and not for the control. */
export function followClicks(gone: AbortSignal): () => Element | null {
  let clicked: Element | null = null;
  document.addEventListener("click", (event) => {
    clicked = event.detail > 0 ? (event.target as Element).closest(PRESSABLE) : null;
  }, { signal: gone, capture: true });
  document.addEventListener("focusin", (event) => {
    if (event.target !== clicked) clicked = null;
  }, { signal: gone });
  return () => clicked;
}

/** The player action of a key; undefined while the key belongs to a field, a button or the volume slider. */
export function keyAction(event: KeyboardEvent, clicked: Element | null): string | undefined {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) {
    return undefined;
  }
  const target = event.target as Element;
  if (target.closest("[data-volume], .menu, .tray")) return undefined;
  const control = target.closest(PRESSABLE);
  if (event.key === " " && control && control !== clicked) return undefined;
  const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return KEYS[event.shiftKey ? `Shift+${name}` : name];
}
