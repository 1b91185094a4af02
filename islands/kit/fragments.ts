// Parts of a page that are fetched beside htmx, where the answer has to be looked at before it is shown.
import { htmx } from "./htmx.ts";

const PARTIAL = { "HX-Request": "true", "HX-Request-Type": "partial", Accept: "text/html" };

/** The HTML behind `path`; null when it is not there any more, undefined when it could not be read. */
export async function fetchPart(path: string): Promise<string | null | undefined> {
  try {
    const response = await fetch(path, { headers: PARTIAL, redirect: "error" });
    if (response.status === 404) return null;
    return response.ok ? adoptNonce(await response.text(), response) : undefined;
  } catch {
    return undefined;
  }
}

/** Puts the page's nonce where the answer has its own, as htmx's extension does for what htmx itself fetches. */
function adoptNonce(html: string, response: Response): string {
  const own = document.querySelector<HTMLScriptElement>("script[nonce]")?.nonce;
  const theirs = /'nonce-([^']+)'/.exec(response.headers.get("Content-Security-Policy") ?? "")?.[1];
  return own && theirs ? html.replaceAll(`nonce="${theirs}"`, `nonce="${own}"`) : html;
}

/** What `html` holds, not yet in the page. */
export function parsePart(html: string): DocumentFragment {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

/** Turns `target` into `html`, keeping focus, playing media and whatever else stays the same. */
export function morph(target: Element, html: string): Promise<void> {
  const context = { sourceElement: target, target, text: html, swap: "outerMorph ignoreTitle:true" };
  return htmx.swap(context as unknown as Parameters<typeof htmx.swap>[0]) as unknown as Promise<void>;
}

/** A function that runs `work` soon, but never two at once nor more often than every `ms`. */
export function seldom(ms: number, work: () => Promise<unknown>): () => void {
  let state: "idle" | "busy" | "again" = "idle";
  return async function run(): Promise<void> {
    if (state !== "idle") {
      state = "again";
      return;
    }
    state = "busy";
    await Promise.all([work(), new Promise((resolve) => setTimeout(resolve, ms))]).catch(() => {});
    const again = (state as string) === "again";
    state = "idle";
    if (again) await run();
  };
}
