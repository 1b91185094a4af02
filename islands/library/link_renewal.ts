/** Links to the object store are valid for minutes; one that failed sooner failed for another reason. */
const SOONEST_MS = 60_000;

/**
 * For a player whose address leads to a link of the object store, which runs out while a person watches. Answers the
 * function that loads the file by its own address again, at the same place; false when it was loaded a moment ago.
 */
export function linkRenewal(media: HTMLMediaElement): () => boolean {
  let loaded = performance.now();
  return () => {
    if (performance.now() - loaded < SOONEST_MS) return false;
    loaded = performance.now();
    const { currentTime, paused } = media;
    media.addEventListener("loadedmetadata", () => {
      media.currentTime = currentTime;
      if (!paused) media.play().catch(() => {});
    }, { once: true });
    media.load();
    return true;
  };
}
