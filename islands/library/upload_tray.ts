// The upload tray: shows the queue, accepts selected and dropped files, stays while pages are swapped.
import { filesOf } from "./dropped_files.ts";
import { openUnfinishedList } from "./unfinished_uploads.ts";
import { openUploads, type Upload, type Uploads } from "./uploads.ts";
import { averageSpeed, type Speedometer } from "./speed.ts";

const REDRAW_MS = 200;
const OPEN_STATES = ["waiting", "sending", "retrying", "paused"];
const ENDED: Upload["state"][] = ["done", "duplicate", "present", "skipped"];
const SHOWN_BUTTONS: Record<string, Upload["state"][]> = {
  pause: ["sending", "retrying", "waiting"],
  resume: ["paused"],
  retry: ["failed"],
  keep: ["duplicate"],
  skip: ["duplicate"],
  other: ["duplicate", "present", "skipped"],
};

const ICONS: Record<Upload["state"], string> = {
  waiting: "clock",
  sending: "upload",
  retrying: "retry",
  paused: "pause",
  interrupted: "pause",
  done: "check",
  duplicate: "copy",
  present: "copy",
  skipped: "close",
  failed: "warning",
};

class UploadTray extends HTMLElement {
  #uploads!: Uploads;
  #texts: Record<string, string> = {};
  #rows = new Map<Upload, HTMLElement>();
  #speeds = new Map<Upload | "all", Speedometer>();
  #redraw: number | undefined;
  #dragDepth = 0;
  /** All uploads since the tray was last idle; the total progress refers to them. */
  #batch = new Set<Upload>();

  connectedCallback(): void {
    this.#texts = JSON.parse(this.dataset.texts!);
    this.#uploads = openUploads(openUnfinishedList(this.dataset.user!), () => this.#drawSoon());
    const input = this.#part<HTMLInputElement>("[data-files]");
    input.addEventListener("change", () => {
      this.#uploads.add([...input.files ?? []]);
      input.value = "";
    });
    document.addEventListener("click", (event) => {
      if ((event.target as Element).closest("[data-upload]")) input.click();
    });
    this.addEventListener("click", (event) => this.#act(event));
    this.#takeDrops();
    addEventListener("beforeunload", (event) => {
      if (this.#busy().length > 0) event.preventDefault();
    });
    if (this.#uploads.list.length > 0) this.#drawSoon();
  }

  #takeDrops(): void {
    const drop = this.#part("[data-drop]");
    const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    const show = (depth: number) => {
      this.#dragDepth = Math.max(0, depth);
      drop.hidden = this.#dragDepth === 0;
    };
    document.addEventListener("dragenter", (event) => carriesFiles(event) && show(this.#dragDepth + 1));
    document.addEventListener("dragleave", (event) => carriesFiles(event) && show(this.#dragDepth - 1));
    document.addEventListener("dragover", (event) => carriesFiles(event) && event.preventDefault());
    document.addEventListener("drop", async (event) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      show(0);
      this.#uploads.add(await filesOf(event.dataTransfer!));
    });
  }

  #act(event: MouseEvent): void {
    const button = (event.target as Element).closest<HTMLElement>("[data-act]");
    const row = button?.closest<HTMLElement>(".tray__row");
    const upload = [...this.#rows].find(([, shown]) => shown === row)?.[0];
    const list = this.#uploads.list;
    switch (button?.dataset.act) {
      case "pause":
        return this.#uploads.pause(upload!);
      case "resume":
      case "retry":
        return this.#uploads.resume(upload!);
      case "keep":
        return this.#uploads.keepBoth(upload!);
      case "skip":
        return this.#uploads.skip(upload!);
      case "remove":
        return this.#uploads.remove(upload!);
      case "keep-all":
        return this.#duplicates().forEach((each) => this.#uploads.keepBoth(each));
      case "skip-all":
        return this.#duplicates().forEach((each) => this.#uploads.skip(each));
      case "pause-all":
        return this.#busy().forEach((each) => this.#uploads.pause(each));
      case "resume-all":
        return list.filter((each) => each.state === "paused").forEach((each) => this.#uploads.resume(each));
      case "fold":
        return void this.#part("[data-tray]").toggleAttribute("data-folded");
      case "close":
        return [...list].filter((each) => !OPEN_STATES.includes(each.state)).forEach((each) =>
          this.#uploads.remove(each)
        );
    }
  }

  #drawSoon(): void {
    this.#redraw ??= setTimeout(() => {
      this.#redraw = undefined;
      this.#draw();
    }, REDRAW_MS);
  }

  #draw(): void {
    const list = this.#uploads.list;
    this.#part("[data-tray]").hidden = list.length === 0;
    for (const [upload, row] of this.#rows) {
      if (list.includes(upload)) continue;
      row.remove();
      this.#rows.delete(upload);
    }
    for (const upload of list) this.#drawRow(upload);
    this.#drawTotal();
    if (this.#busy().length > 0) this.#drawSoon();
  }

  #drawRow(upload: Upload): void {
    const row = this.#rows.get(upload) ?? this.#addRow(upload);
    if (
      ENDED.includes(upload.state) && row.dataset.state !== upload.state &&
      !row.contains(document.activeElement)
    ) {
      row.parentElement!.append(row);
    }
    row.dataset.state = upload.state;
    row.querySelector("use")!.setAttribute("href", `#i-${ICONS[upload.state]}`);
    const name = row.querySelector<HTMLAnchorElement>("[data-name]")!;
    name.textContent = name.title = upload.name;
    if (upload.state === "done") name.href = `/assets/${upload.assetId}`;
    const other = row.querySelector<HTMLAnchorElement>("[data-act=other]")!;
    if (upload.duplicateOf) other.href = `/assets/${upload.duplicateOf}`;
    setText(row.querySelector("[data-state-text]")!, this.#stateText(upload));
    const bar = row.querySelector("progress")!;
    bar.value = percentOf(upload.sent, upload.size);
    bar.hidden = !["sending", "retrying", "paused", "interrupted", "waiting"].includes(upload.state);
    for (const button of row.querySelectorAll<HTMLElement>("[data-act]")) {
      const states = SHOWN_BUTTONS[button.dataset.act!];
      const needsFile = button.dataset.act === "retry" && (upload.reason === "empty" || !upload.file);
      button.hidden = states !== undefined && (!states.includes(upload.state) || needsFile);
    }
  }

  #addRow(upload: Upload): HTMLElement {
    const template = this.#part<HTMLTemplateElement>("template");
    const row = (template.content.cloneNode(true) as DocumentFragment).querySelector<HTMLElement>("li")!;
    row.querySelector("progress")!.setAttribute("aria-label", upload.name);
    this.#part("[data-rows]").append(row);
    this.#rows.set(upload, row);
    return row;
  }

  #stateText(upload: Upload): string {
    const percent = this.#percent(percentOf(upload.sent, upload.size));
    switch (upload.state) {
      case "sending":
        if (upload.sent >= upload.size) return this.#t("finishing");
        return this.#t("uploading", {
          sent: this.#bytes(upload.sent),
          size: this.#bytes(upload.size),
          speed: this.#bytes(this.#speed(upload, upload.sent)),
        });
      case "retrying":
        return this.#t(upload.isOffline ? "again" : "again_later");
      case "done":
        return this.#t(upload.duplicateOf ? "done_twice" : "done");
      case "failed": {
        const reason = this.#t(`reason_${upload.reason}`, { status: upload.status ?? 0 });
        return this.#t("failed", { reason });
      }
      default:
        return this.#t(upload.state, { percent });
    }
  }

  #drawTotal(): void {
    const list = this.#uploads.list;
    const open = list.filter((each) => OPEN_STATES.includes(each.state));
    if (open.length === 0) this.#batch.clear();
    for (const upload of open) this.#batch.add(upload);
    const batch = list.filter((each) => this.#batch.has(each) && each.state !== "failed");
    const [sent, size] = [sum(batch, "sent"), sum(batch, "size")];
    const busy = this.#busy();
    const paused = open.length > 0 && busy.length === 0;
    setText(this.#part("[data-headline]"), this.#headline(open.length, paused));
    const speed = this.#bytes(this.#speed("all", sum(list, "sent")));
    const texts = { sent: this.#bytes(sent), size: this.#bytes(size), speed };
    setText(this.#part("[data-summary]"), busy.length > 0 ? this.#t("summary", texts) : "");
    this.#part("[data-summary]").hidden = busy.length === 0;
    const total = this.#part<HTMLProgressElement>("[data-total]");
    total.hidden = open.length === 0;
    total.value = percentOf(sent, size);
    this.#part("[data-act='pause-all']").hidden = busy.length === 0;
    this.#part("[data-act='resume-all']").hidden = !paused;
    this.#part("[data-act='close']").hidden = open.length > 0;
    this.#part("[data-all]").hidden = this.#duplicates().length < 2;
  }

  #headline(open: number, paused: boolean): string {
    const list = this.#uploads.list;
    if (paused) return this.#t("total_paused");
    if (open > 0) return this.#plural("total_uploading", open);
    if (list.some((each) => each.state === "failed")) return this.#t("total_failed");
    if (list.some((each) => each.state === "interrupted")) return this.#t("total_interrupted");
    const duplicates = this.#duplicates().length;
    if (duplicates > 0) return this.#plural("total_duplicate", duplicates);
    const done = list.filter((each) => each.state === "done").length;
    return done > 0 ? this.#plural("total_done", done) : this.#t("total_nothing");
  }

  #duplicates(): Upload[] {
    return this.#uploads.list.filter((each) => each.state === "duplicate");
  }

  #busy(): Upload[] {
    return this.#uploads?.list.filter((each) => ["waiting", "sending", "retrying"].includes(each.state)) ??
      [];
  }

  #speed(of: Upload | "all", sent: number): number {
    const meter = this.#speeds.get(of) ?? averageSpeed();
    this.#speeds.set(of, meter);
    return meter(sent);
  }

  #part<T extends HTMLElement = HTMLElement>(selector: string): T {
    return this.querySelector<T>(selector)!;
  }

  #t(key: string, values: Record<string, string | number> = {}): string {
    return (this.#texts[key] ?? key).replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
  }

  #plural(key: string, count: number): string {
    const form = new Intl.PluralRules(this.dataset.language).select(count) === "one" ? "one" : "other";
    return this.#t(`${key}.${form}`, { count: new Intl.NumberFormat(this.dataset.language).format(count) });
  }

  #percent(value: number): string {
    return new Intl.NumberFormat(this.dataset.language, { style: "percent" }).format(value / 100);
  }

  #bytes(value: number): string {
    const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
    const power = value < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3));
    const options = {
      style: "unit",
      unit: units[power],
      // The short form of "byte" has no plural in English.
      unitDisplay: power === 0 ? "long" : "short",
      maximumFractionDigits: power > 1 ? 1 : 0,
    } as const;
    return new Intl.NumberFormat(this.dataset.language, options).format(value / 1000 ** power);
  }
}

function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

function percentOf(part: number, whole: number): number {
  return whole > 0 ? Math.floor(100 * part / whole) : 0;
}

function sum(list: Upload[], key: "sent" | "size"): number {
  return list.reduce((total, upload) => total + upload[key], 0);
}

customElements.define("upload-tray", UploadTray);
