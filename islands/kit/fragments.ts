// Fetches fragments of a page outside htmx, where the response must be inspected before it is shown.
import { htmx } from "./htmx.ts";

const PARTIAL = { "HX-Request": "true", "HX-Request-Type": "partial", Accept: "text/html" };

/** The HTML at `path`; null when it no longer exists (404), undefined when it could not be read. */
export async function fetchPart(path: string): Promise<string | null | undefined> {
  try {
    const response = await fetch(path, { headers: PARTIAL, redirect: "error" });
    if (response.status === 404) return null;
    return response.ok ? adoptNonce(await response.text(), response) : undefined;
  } catch {
    return undefined;
  }
}

/** Replaces the nonce of the response with that of the page, as htmx's extension does for its own requests. */
function adoptNonce(html: string, response: Response): string {
  const own = document.querySelector<HTMLScriptElement>("script[nonce]")?.nonce;
  const theirs = /'nonce-([^']+)'/.exec(response.headers.get("Content-Security-Policy") ?? "")?.[1];
  return own && theirs ? html.replaceAll(`nonce="${theirs}"`, `nonce="${own}"`) : html;
}

/** Parses `html` without inserting it into the page. */
export function parsePart(html: string): DocumentFragment {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

/** Morphs `target` into `html`, preserving focus, playing media and unchanged elements. */
export function morph(target: Element, html: string): Promise<void> {
  // From a boosted link or form htmx would update the history and scroll, as if it had been clicked.
  const sourceElement = document.body;
  const context = { sourceElement, target, text: html, swap: "outerMorph ignoreTitle:true" };
  return htmx.swap(context as unknown as Parameters<typeof htmx.swap>[0]) as unknown as Promise<void>;
}

/**
 * Coalesces calls: `work` runs soon after a call, but never concurrently and at most once per `ms`. Its errors are
 * reported to the console.
 */
export function coalesce(ms: number, work: () => Promise<unknown>): () => void {
  let state: "idle" | "busy" | "again" = "idle";
  return async function run(): Promise<void> {
    if (state !== "idle") {
      state = "again";
      return;
    }
    state = "busy";
    await Promise.all([work(), new Promise((resolve) => setTimeout(resolve, ms))]).catch(reportError);
    const again = (state as string) === "again";
    state = "idle";
    if (again) await run();
  };
}
