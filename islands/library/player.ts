// The player: frame-accurate seeking, shuttle, timecode. Positions are frame numbers; only the media element uses
// seconds.
import { readable } from "../kit/address.ts";
import { linkRenewal } from "./link_renewal.ts";
import { type Clock, makeClock, type Mode } from "./player_clock.ts";
import { followFrames } from "./player_frames.ts";
import { followClicks, keyAction } from "./player_keys.ts";
import { createShuttle, type Shuttle } from "./player_shuttle.ts";

const VOLUME_KEY = "akashi.volume";
const ADDRESS_MS = 500;

class MediaPlayer extends HTMLElement {
  #media!: HTMLMediaElement;
  #clock!: Clock;
  #shuttle!: Shuttle;
  #texts: Record<string, string> = {};
  #disconnected = new AbortController();
  #frame = 0;
  /** The frame, and the part of its time that has passed, where a time was asked for. */
  #position = 0;
  #clicked: () => Element | null = () => null;
  /** The frame of the last requested seek; the next seek starts when the running one has ended. */
  #target: number | undefined;
  /** The frame that the media element was sent to last. */
  #sent: number | undefined;
  /** The frame was set by a seek, and nothing has played since. */
  #atSeekTarget = false;
  #mode = 0;
  #address: number | undefined;

  connectedCallback(): void {
    this.#disconnected = new AbortController();
    this.#texts = JSON.parse(this.dataset.texts!);
    this.#media = this.querySelector("video, audio")!;
    this.#clock = makeClock(this.dataset);
    this.#shuttle = createShuttle({
      play: (rate) => this.#play(rate),
      pause: () => this.#media.pause(),
      seek: (frame) => this.seek(Math.round(frame)),
      frame: () => this.#frame,
      atEnd: () => this.#frame >= this.#clock.frames - 1,
      rate: this.#clock.rate,
      changed: () => this.#draw(),
    });
    this.#media.controls = false;
    this.#media.volume = Number(localStorage.getItem(VOLUME_KEY) ?? 1);
    this.#part<HTMLInputElement>("[data-volume]").value = String(this.#media.volume);
    this.#listen();
    followFrames(this.#media, this.#clock.rate, this.#disconnected.signal, (frame) => this.#follow(frame));
    this.#openAtLink();
    this.#draw();
  }

  disconnectedCallback(): void {
    this.#disconnected.abort();
    this.#shuttle?.stop();
    clearTimeout(this.#address);
    this.#media?.pause();
  }

  /** Seeks to the middle of the frame's display time, where rounding cannot reach a neighbouring frame. */
  seek(position: number): void {
    this.#moveTo(position);
    this.#target = this.#frame;
    this.#atSeekTarget = this.#media.paused;
    if (!this.#media.seeking) this.#goToTarget();
    this.#draw();
  }

  #moveTo(position: number): void {
    this.#position = Math.max(0, Math.min(this.#clock.frames - 1, position));
    this.#frame = Math.floor(this.#position);
  }

  #goToTarget(): void {
    if (this.#target === undefined) return;
    this.#sent = this.#target;
    const { num, den } = this.#clock.rate;
    this.#media.currentTime = (this.#target + 0.5) * den / num;
  }

  #seeked(): void {
    // A file may end before the length that was measured, so where the seek led to is not compared.
    if (this.#sent !== this.#target) return this.#goToTarget();
    this.#target = undefined;
    this.#addressSoon();
  }

  #listen(): void {
    const { signal } = this.#disconnected;
    const media = this.#media;
    const on = (target: EventTarget, type: string, listener: (event: any) => void) =>
      target.addEventListener(type, listener, { signal });
    on(media, "seeked", () => this.#seeked());
    for (const type of ["play", "pause", "ended", "ratechange", "volumechange"]) {
      on(media, type, () => this.#draw());
    }
    on(media, "ended", () => this.#shuttle.stop());
    on(media, "pause", () => this.#addressSoon());
    const renew = linkRenewal(media);
    on(media, "error", () => this.#part("[data-broken]").hidden = renew());
    on(this.#part(".player__screen"), "click", () => this.#shuttle.toggle());
    on(
      this,
      "click",
      (event) => this.#do((event.target as Element).closest<HTMLElement>("[data-do]")?.dataset.do),
    );
    on(document, "keydown", (event) => this.#press(event));
    this.#clicked = followClicks(signal);
    this.#listenToScrub(on);
    this.#listenToTime(on);
    const volume = this.#part<HTMLInputElement>("[data-volume]");
    on(volume, "input", () => {
      media.volume = Number(volume.value);
      media.muted = media.volume === 0;
      localStorage.setItem(VOLUME_KEY, volume.value);
    });
  }

  #listenToScrub(on: (target: EventTarget, type: string, listener: (event: any) => void) => void): void {
    const scrub = this.#part<HTMLInputElement>("[data-scrub]");
    const tip = this.#part("[data-tip]");
    on(scrub, "input", () => {
      this.#shuttle.stop();
      this.seek(Number(scrub.value));
    });
    on(scrub, "pointermove", (event: PointerEvent) => {
      const box = scrub.getBoundingClientRect();
      const part = Math.max(0, Math.min(1, (event.clientX - box.left) / box.width));
      tip.hidden = false;
      tip.textContent = this.#clock.write(Math.round(part * (this.#clock.frames - 1)), this.#shownMode());
      const left = Math.max(0, Math.min(box.width - tip.offsetWidth, part * box.width - tip.offsetWidth / 2));
      tip.style.transform = `translateX(${left + scrub.offsetLeft}px)`;
    });
    on(scrub, "pointerleave", () => tip.hidden = true);
  }

  #listenToTime(on: (target: EventTarget, type: string, listener: (event: any) => void) => void): void {
    const time = this.#part<HTMLInputElement>("[data-time]");
    on(time, "focus", () => {
      this.#shuttle.stop();
      time.select();
    });
    on(time, "input", () => this.#refuse(false));
    on(time, "blur", () => {
      this.#refuse(false);
      this.#draw();
    });
    on(time, "keydown", (event: KeyboardEvent) => {
      if (event.key === "Escape") time.blur();
      if (event.key !== "Enter") return;
      event.preventDefault();
      const position = this.#clock.read(time.value, this.#shownMode(), this.#position);
      if (position === undefined) return this.#refuse(true);
      time.blur();
      this.seek(position);
      this.focus({ preventScroll: true });
    });
  }

  /** Says what may be typed when that was something else. */
  #refuse(refused: boolean): void {
    const time = this.#part("[data-time]");
    if (refused) time.setAttribute("aria-invalid", "true");
    else time.removeAttribute("aria-invalid");
    const note = this.#part("[data-refused]");
    note.textContent = refused ? this.#texts[`refused_${this.#shownMode()}`] ?? "" : "";
    note.hidden = !refused;
  }

  /** Follows the displayed frame during playback. After a seek it is ignored, because frames may be reported late. */
  #follow(frame: number): void {
    if (this.#target !== undefined || this.#media.seeking || this.#atSeekTarget) return;
    this.#moveTo(frame);
    this.#draw();
  }

  #play(rate: number): void {
    this.#atSeekTarget = false;
    this.#media.playbackRate = rate;
    this.#media.play().catch(() => {});
  }

  #press(event: KeyboardEvent): void {
    const action = keyAction(event, this.#clicked());
    if (!action) return;
    event.preventDefault();
    // A button that keeps the focus would be pressed when Space is released.
    if (event.key === " ") this.focus({ preventScroll: true });
    const { second } = this.#clock;
    switch (action) {
      case "frame_back":
        return this.#go(this.#frame - 1);
      case "frame_forward":
        return this.#go(this.#frame + 1);
      case "second_back":
        return this.#go(this.#position - second);
      case "second_forward":
        return this.#go(this.#position + second);
      case "start":
        return this.#go(0);
      case "end":
        return this.#go(Infinity);
      default:
        return this.#do(action);
    }
  }

  #go(position: number): void {
    this.#shuttle.stop();
    this.seek(position);
  }

  #do(action: string | undefined): void {
    switch (action) {
      case "play":
        return this.#shuttle.toggle();
      case "faster":
        return this.#shuttle.forward();
      case "stop":
        return this.#shuttle.stop();
      case "backwards":
        return this.#shuttle.backward();
      case "back":
        return this.#go(this.#frame - 1);
      case "forward":
        return this.#go(this.#frame + 1);
      case "mute":
        this.#media.muted = !this.#media.muted;
        return;
      case "loop":
        this.#media.loop = !this.#media.loop;
        return this.#draw();
      case "mode":
        this.#mode = (this.#mode + 1) % this.#clock.modes.length;
        return this.#draw();
      case "copy":
        return void this.#copyLink();
      case "full":
        return void (document.fullscreenElement ? document.exitFullscreen() : this.requestFullscreen());
    }
  }

  #draw(): void {
    const speed = this.#shuttle.speed();
    const playing = !this.#media.paused || speed < 0;
    const mode = this.#shownMode();
    this.toggleAttribute("data-playing", playing);
    this.dataset.frame = String(this.#frame);
    this.#label("play", playing ? "pause" : "play");
    this.#label("mute", this.#media.muted ? "unmute" : "mute");
    this.#part("[data-do='mute']").setAttribute("aria-pressed", String(this.#media.muted));
    this.#part("[data-do='loop']").setAttribute("aria-pressed", String(this.#media.loop));
    const cycle = this.querySelector("[data-do='mode']");
    if (cycle) cycle.textContent = this.#texts[`mode_${mode}`] ?? mode;
    const badge = this.#part("[data-speed]");
    badge.hidden = speed === 0 || speed === 1;
    badge.textContent = `${speed}×`.replace("-", "−");
    const time = this.#part<HTMLInputElement>("[data-time]");
    const text = this.#clock.write(this.#position, mode);
    if (document.activeElement !== time) time.value = text;
    this.#part("[data-length]").textContent = this.#clock.writeLength(mode);
    const scrub = this.#part<HTMLInputElement>("[data-scrub]");
    scrub.value = String(this.#frame);
    scrub.setAttribute("aria-valuetext", text);
    scrub.style.setProperty("--played", `${100 * this.#frame / Math.max(1, this.#clock.frames - 1)}%`);
  }

  #shownMode(): Mode {
    return this.#clock.modes[this.#mode]!;
  }

  #label(control: string, text: string): void {
    const button = this.#part(`[data-do='${control}']`);
    const label = this.#texts[text] ?? "";
    if (button.title !== label) {
      button.title = label;
      button.setAttribute("aria-label", label);
    }
  }

  #openAtLink(): void {
    const asked = new URLSearchParams(location.search).get("t");
    if (asked === null) return;
    // Links that were written before a file was known to have no timecode still lead to their frame.
    const position = this.#clock.read(asked, this.#clock.modes[0], 0) ?? this.#clock.read(asked, "source", 0);
    if (position === undefined) return;
    const go = () => this.seek(position);
    if (this.#media.readyState > 0) go();
    else {this.#media.addEventListener("loadedmetadata", go, {
        once: true,
        signal: this.#disconnected.signal,
      });}
  }

  /** Keeps the URL pointing at the displayed frame while playback is paused. */
  #addressSoon(): void {
    clearTimeout(this.#address);
    this.#address = setTimeout(() => {
      if (this.#media.paused && this.isConnected) history.replaceState(history.state, "", this.#link());
    }, ADDRESS_MS);
  }

  #link(): string {
    const url = new URL(location.href);
    if (this.#frame === 0) url.searchParams.delete("t");
    else url.searchParams.set("t", this.#clock.write(this.#position, this.#clock.modes[0]));
    return readable(url);
  }

  async #copyLink(): Promise<void> {
    await navigator.clipboard.writeText(this.#link());
    document.dispatchEvent(new CustomEvent("akashi:toast", { detail: this.#texts.copied }));
  }

  #part<T extends HTMLElement = HTMLElement>(selector: string): T {
    return this.querySelector<T>(selector)!;
  }
}

customElements.define("media-player", MediaPlayer);
