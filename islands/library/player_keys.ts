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

/** The player action of a key; undefined while the key belongs to a field, a button or the volume slider. */
export function keyAction(event: KeyboardEvent): string | undefined {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) {
    return undefined;
  }
  const target = event.target as Element;
  if (target.closest("[data-volume], .menu, .tray")) return undefined;
  if (event.key === " " && target.closest("button, a, summary")) return undefined;
  const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return KEYS[event.shiftKey ? `Shift+${name}` : name];
}
