// An image that is zoomed and moved by mouse, touch and keys. Lengths are CSS pixels from the middle of the screen.
import { isTyping } from "../kit/typing.ts";
import { type Box, fitInto, makeView, panned, type View, zoomed } from "./viewer_view.ts";

const STEP = 1.25;
const PAN = 80;
const KEYS: Record<string, string> = {
  "+": "in",
  "=": "in",
  "-": "out",
  "0": "fit",
  "1": "actual",
  F: "full",
};
const MOVES: Record<string, [number, number]> = {
  ArrowLeft: [PAN, 0],
  ArrowRight: [-PAN, 0],
  ArrowUp: [0, PAN],
  ArrowDown: [0, -PAN],
};

class ImageViewer extends HTMLElement {
  #screen!: HTMLElement;
  #image!: HTMLImageElement;
  #view: View = makeView();
  #disconnected = new AbortController();
  /** Pointers that are down, by id. */
  #pointers = new Map<number, PointerEvent>();

  connectedCallback(): void {
    this.#disconnected = new AbortController();
    const { signal } = this.#disconnected;
    this.#screen = this.querySelector(".viewer__screen")!;
    this.#image = this.querySelector("img")!;
    const on = (target: EventTarget, type: string, listener: (event: any) => void) =>
      target.addEventListener(type, listener, { signal, passive: false });
    on(this.#image, "load", () => this.#draw());
    on(this, "click", (event) => this.#do(event.target.closest("[data-do]")?.dataset.do));
    on(document, "keydown", (event) => this.#press(event));
    on(this.#screen, "wheel", (event) => this.#wheel(event));
    on(this.#screen, "dblclick", (event) => this.#toggle(event));
    on(this.#screen, "pointerdown", (event) => this.#pointers.set(event.pointerId, event));
    on(document, "pointermove", (event) => this.#drag(event));
    for (const type of ["pointerup", "pointercancel"]) {
      on(document, type, (event) => this.#pointers.delete(event.pointerId));
    }
    const sized = new ResizeObserver(() => this.#draw());
    sized.observe(this.#screen);
    signal.addEventListener("abort", () => sized.disconnect());
    this.#draw();
  }

  disconnectedCallback(): void {
    this.#disconnected.abort();
  }

  /** The zoom at which one pixel of the picture is one of the screen. */
  #actual(): number {
    return this.#picture().width / devicePixelRatio / Math.max(1, this.#fit().width);
  }

  /** The pixels of the picture: those of the original where it can be shown, else of the preview. */
  #picture(): Box {
    const { width, height } = this.dataset;
    if (width && height) return { width: Number(width), height: Number(height) };
    return { width: this.#image.naturalWidth || 1, height: this.#image.naturalHeight || 1 };
  }

  #fit(): Box {
    return fitInto(this.#picture(), this.#box());
  }

  #box(): Box {
    return { width: this.#screen.clientWidth, height: this.#screen.clientHeight };
  }

  #zoom(zoom: number, x = 0, y = 0): void {
    this.#show(zoomed(this.#view, Math.min(zoom, Math.max(8, 4 * this.#actual())), x, y));
  }

  #show(view: View): void {
    this.#view = panned(view, 0, 0, this.#fit(), this.#box());
    this.#draw();
  }

  #do(action: string | undefined): boolean {
    switch (action) {
      case "in":
        this.#zoom(this.#view.zoom * STEP);
        return true;
      case "out":
        this.#zoom(this.#view.zoom / STEP);
        return true;
      case "fit":
        this.#show(makeView());
        return true;
      case "actual":
        this.#zoom(this.#actual());
        return true;
      case "full":
        document.fullscreenElement ? document.exitFullscreen() : this.requestFullscreen();
        return true;
      default:
        return false;
    }
  }

  #press(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
    const move = this.#view.zoom > 1 ? MOVES[event.key] : undefined;
    if (move) this.#show(panned(this.#view, ...move, this.#fit(), this.#box()));
    if (move || this.#do(KEYS[event.key])) event.preventDefault();
  }

  /** With Ctrl, as pinching a trackpad sends it, the wheel zooms; without, it moves what is zoomed. */
  #wheel(event: WheelEvent): void {
    if (event.ctrlKey || event.metaKey) {
      this.#zoom(this.#view.zoom * Math.exp(-event.deltaY / 200), ...this.#from(event));
    } else if (this.#view.zoom > 1) {
      this.#show(panned(this.#view, -event.deltaX, -event.deltaY, this.#fit(), this.#box()));
    } else return;
    event.preventDefault();
  }

  #toggle(event: MouseEvent): void {
    if (this.#view.zoom > 1) this.#show(makeView());
    else this.#zoom(Math.max(2, this.#actual()), ...this.#from(event));
  }

  #drag(event: PointerEvent): void {
    const before = this.#pointers.get(event.pointerId);
    if (!before) return;
    const other = [...this.#pointers.values()].find(({ pointerId }) => pointerId !== event.pointerId);
    this.#pointers.set(event.pointerId, event);
    if (other) {
      const apart = (one: PointerEvent) =>
        Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
      this.#zoom(this.#view.zoom * apart(event) / Math.max(1, apart(before)), ...this.#from(other));
    } else if (this.#view.zoom > 1) {
      const [x, y] = [event.clientX - before.clientX, event.clientY - before.clientY];
      this.#show(panned(this.#view, x, y, this.#fit(), this.#box()));
    }
  }

  #from({ clientX, clientY }: MouseEvent): [number, number] {
    const box = this.#screen.getBoundingClientRect();
    return [clientX - box.left - box.width / 2, clientY - box.top - box.height / 2];
  }

  #draw(): void {
    const { zoom, x, y } = this.#view;
    const { width, height } = this.#fit();
    const actual = this.#actual();
    const lengths = { "--width": width, "--height": height, "--x": x, "--y": y };
    for (const [name, length] of Object.entries(lengths)) this.#image.style.setProperty(name, `${length}px`);
    this.#image.style.setProperty("--zoom", String(zoom));
    this.toggleAttribute("data-zoomed", zoom > 1);
    const percent = new Intl.NumberFormat(document.documentElement.lang, { style: "percent" });
    this.querySelector("[data-zoom]")!.textContent = percent.format(zoom / actual);
    this.#sharpen(width * zoom * devicePixelRatio);
  }

  /** Loads the original once more pixels are shown than the preview has. */
  #sharpen(shown: number): void {
    const { full } = this.dataset;
    const { naturalWidth } = this.#image;
    if (!full || naturalWidth === 0 || shown <= naturalWidth) return;
    delete this.dataset.full;
    const original = new Image();
    original.src = full;
    original.decode().then(() => this.#image.src = full).catch(() => {});
  }
}

customElements.define("image-viewer", ImageViewer);
