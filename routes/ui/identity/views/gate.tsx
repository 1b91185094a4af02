import type { Child } from "hono/jsx";
import type { Ui } from "../../kit/ui.ts";
import type { TextKey } from "../../kit/words.ts";
import { BareDocument } from "../../kit/views/frame.tsx";
import { Mark } from "../../kit/views/icons.tsx";

/** A page for visitors who are not signed in: one box with a title, what it is about, and what to do. */
export function Gate(
  { ui, title, text, children }: { ui: Ui; title: TextKey; text: string; children: Child },
) {
  return (
    <BareDocument ui={ui} title={ui.t(title)}>
      <main class="gate">
        <div class="gate__box">
          <div class="gate__mark">
            <Mark />
            <h1>{ui.t(title)}</h1>
            <p class="quiet" dir="auto">{text}</p>
          </div>
          {children}
        </div>
      </main>
    </BareDocument>
  );
}
