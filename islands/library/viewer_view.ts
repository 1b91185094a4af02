// What a zoomed image shows of itself. Pure; lengths are CSS pixels from the middle of the screen.

export interface Box {
  width: number;
  height: number;
}

/** 1 fits the screen; x and y are where the middle of the image is. */
export interface View {
  zoom: number;
  x: number;
  y: number;
}

/** The whole image. */
export function makeView(): View {
  return { zoom: 1, x: 0, y: 0 };
}

/** The size of a picture inside a box: reduced until it fits, never enlarged. */
export function fitInto(picture: Box, box: Box): Box {
  const scale = Math.min(1, box.width / picture.width, box.height / picture.height);
  return { width: picture.width * scale, height: picture.height * scale };
}

/** Zooms, at least to the whole image, so that the point at x and y stays under the pointer. */
export function zoomed(view: View, wanted: number, x: number, y: number): View {
  const zoom = Math.max(1, wanted);
  const by = zoom / view.zoom;
  return { zoom, x: x - (x - view.x) * by, y: y - (y - view.y) * by };
}

/** Moves the image, not further than to its edges. */
export function panned({ zoom, x, y }: View, dx: number, dy: number, fit: Box, box: Box): View {
  const within = (at: number, size: number, room: number) => {
    const most = Math.max(0, (size * zoom - room) / 2);
    return Math.max(-most, Math.min(most, at));
  };
  return { zoom, x: within(x + dx, fit.width, box.width), y: within(y + dy, fit.height, box.height) };
}
