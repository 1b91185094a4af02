// A worker whose only kind of job comes through at its third attempt and then stores a rendition; worker_killed_test.ts
// kills the others.
import { storeRendition } from "../../lib/library/renditions/store.ts";
import { proxy } from "../../lib/library/assets/kinds.ts";
import { loadConfig } from "../../lib/platform/config.ts";
import { openPlatform } from "../../lib/platform/open.ts";
import { startWorker } from "../../workers/runtime/runtime.ts";
import { handle, type OriginalWork, type Outcome } from "../../workers/runtime/handler.ts";

await startWorker(await openPlatform(loadConfig()), { handlers: [handle(proxy, slowProxy)] });

async function slowProxy({ ctx, asset, folder, signal, progress, job }: OriginalWork): Promise<Outcome> {
  for (let percent = 0; percent < 100; percent += 5) {
    progress(percent);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  // The first two are killed, however long it takes to notice how far they are.
  if (job.attempts < 3) await new Promise((_, reject) => signal.addEventListener("abort", reject));
  const path = `${folder}/proxy.mp4`;
  await Deno.writeTextFile(path, `made by run ${job.attempts}`);
  const rendition = { path, contentType: "video/mp4", extension: "mp4", width: 2, height: 2 };
  return { write: await storeRendition(ctx, asset, "proxy", rendition, signal) };
}
