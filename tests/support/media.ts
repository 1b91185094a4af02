// Files to bring in: real ones recorded by cameras and phones, and small ones made on the spot.

const FOLDER = Deno.env.get("AKASHI_TEST_MEDIA") ??
  new URL("../../../shared/media/", import.meta.url).pathname;

/** The path of a real medium, or undefined when these are not here; a test then says so and is skipped. */
export async function realMedium(name: string): Promise<string | undefined> {
  const path = `${FOLDER.replace(/\/?$/, "/")}${name}`;
  return await Deno.stat(path).then(() => path, () => {
    console.warn(`skipped: ${name} is not in AKASHI_TEST_MEDIA`);
    return undefined;
  });
}

/** The smallest PNG there is: one grey pixel. `salt` makes its bytes unlike any other's. */
export function tinyPng(salt: string = crypto.randomUUID()): Uint8Array<ArrayBuffer> {
  const png = Uint8Array.fromBase64(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==",
  );
  return new Uint8Array([...png, ...new TextEncoder().encode(salt)]);
}

/** A picture and a tone of so many seconds, made by ffmpeg. */
export async function makeVideo(
  path: string,
  { seconds = 2, size = "320x180", extra = [] as string[] } = {},
): Promise<void> {
  const { success, stderr } = await new Deno.Command("ffmpeg", {
    args: [
      "-v",
      "error",
      "-y",
      "-f",
      "lavfi",
      "-i",
      `testsrc2=size=${size}:rate=25:duration=${seconds}`,
      "-f",
      "lavfi",
      "-i",
      `sine=frequency=440:duration=${seconds}`,
      "-c:v",
      "libx264",
      "-preset",
      "ultrafast",
      "-pix_fmt",
      "yuv420p",
      "-c:a",
      "aac",
      ...extra,
      path,
    ],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}
