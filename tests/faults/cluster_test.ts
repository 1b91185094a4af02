// Two servers and two workers as separate processes on real servers: every medium is ingested by curl at one server and
// by browser at the other, and plays from either with its true length and upright picture.
import assert from "node:assert/strict";
import type { Answer } from "../support/answers.ts";
import { launchBrowser, type Page } from "../support/browser.ts";
import { mediaNamed, type Medium } from "../support/media.ts";
import { startProcess } from "../support/processes.ts";
import { openTestServer, PASSWORD } from "../support/server.ts";
import { until } from "../support/until.ts";

const SERVER = new URL("../../routes/main.ts", import.meta.url);
const WORKER = new URL("../../workers/main.ts", import.meta.url);
const PORTS = [18_101, 18_102];
const NEEDED = ["DATABASE_URL", "S3_ENDPOINT", "REDIS_URL", "AMQP_URL"];

/** The size of the upright picture; null for sound. */
const PLAYS: Record<string, [number, number] | null> = {
  "interview_webm_vp8.webm": [480, 270],
  "people_h264.mp4": [768, 432],
  "rotated_portrait.mp4": [720, 1280],
  "two_audio_tracks.mp4": null,
  "music.wav": null,
};
const PICTURES = [
  "exif_orientation_6.jpg",
  "exif_orientation_8.jpg",
  "gps_photo.jpg",
  "phone_photo.heic",
  "portrait.jpg",
];

/** The real file where it is available, otherwise the generated one. */
const mediumNamed = (name: string): Medium => mediaNamed(name).at(-1)!;

Deno.test({
  name: "two servers and two workers take every medium by browser and by curl, and all of it plays",
  ignore: NEEDED.some((name) => !Deno.env.get(name)),
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    const home = await openTestServer();
    const children = PORTS.flatMap((port) => [
      startProcess(SERVER, { ...home.config, PORT: port, LOG_LEVEL: "warn" }),
      startProcess(WORKER, { ...home.config, LOG_LEVEL: "warn" }),
    ]);
    const [first, second] = PORTS.map((port) => `http://127.0.0.1:${port}`) as [string, string];
    const browser = await launchBrowser();
    try {
      await until("both servers are healthy", async () => {
        const states = await Promise.all([first, second].map(readHealth));
        return states.every((status) => status === "ok");
      }, 60_000);
      const person = await home.addPerson();
      const { token } = await home.client(person);
      const ingested = await ingestByCurl(first, token);

      const context = await browser.newContext({ baseURL: second, locale: "en" });
      const page = await context.newPage();
      await signIn(page, person.email);
      await uploadDuplicates(page, [...ingested.keys()]);
      const available = await until(
        "all assets are available",
        () => countWhenAvailable(second, token),
        180_000,
      );
      assert.equal(available, 2 * ingested.size, "each asset is there once");

      for (const [name, size] of Object.entries(PLAYS)) {
        await page.goto(`/assets/${ingested.get(name)}`);
        await assertPlays(page, name, size);
      }
      for (const name of PICTURES) {
        await assertUpright(page, name, `/media/assets/${ingested.get(name)}/thumbnail`);
      }
      for (const child of children) assert.ok(!/"level":"error"/.test(child.output()), child.output());
    } finally {
      await browser.close();
      children.forEach((child) => child.kill("SIGTERM"));
      const ends = await Promise.all(children.map((child) => child.ended));
      assert.deepEqual(ends, [0, 0, 0, 0], "all drained");
      await home.close();
    }
  },
});

/** What a server says of its health; undefined while it does not answer. */
async function readHealth(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(`${url}/api/v1/health`);
    return (await response.json() as { status: string }).status;
  } catch {
    return undefined;
  }
}

/** Ingests every medium as a form. Returns the ids of the assets by name. */
async function ingestByCurl(url: string, token: string): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  for (const name of [...Object.keys(PLAYS), ...PICTURES]) {
    const file = `file=@${await mediumNamed(name).path()}`;
    const { stdout } = await new Deno.Command("curl", {
      args: ["-sS", "-H", `Authorization: Bearer ${token}`, "-F", file, `${url}/api/v1/ingest`],
    }).output();
    const answer: { asset_id: string } = JSON.parse(new TextDecoder().decode(stdout));
    ids.set(name, answer.asset_id);
  }
  return ids;
}

async function signIn(page: Page, email: string): Promise<void> {
  await page.goto("/sign-in");
  await page.fill("input[name=email]", email);
  await page.fill("input[name=password]", PASSWORD);
  await page.keyboard.press("Enter");
  await page.waitForSelector('#page[data-page="library"]');
  // Files are taken once the scripts run.
  await page.waitForLoadState();
}

/** Uploads media that the library has; each is reported as a duplicate of the asset that has its bytes, and kept. */
async function uploadDuplicates(page: Page, names: string[]): Promise<void> {
  const paths = await Promise.all(names.map((name) => mediumNamed(name).path()));
  await page.setInputFiles("[data-files]", paths);
  await page.waitForFunction(
    (count) => document.querySelectorAll('.tray__row[data-state="duplicate"]').length === count,
    paths.length,
    { timeout: 60_000 },
  );
  await page.click("[data-act=keep-all]");
  await page.waitForFunction(
    (count) => document.querySelectorAll('.tray__row[data-state="done"]').length === count,
    paths.length,
    { timeout: 60_000 },
  );
}

/** The number of assets once all are available; undefined before. Fails as soon as one has failed. */
async function countWhenAvailable(url: string, token: string): Promise<number | undefined> {
  const response = await fetch(`${url}/api/v1/assets?page_size=100`, {
    headers: { Authorization: `Bearer ${token}` },
  });
  const { items }: Answer<"GET", "/api/v1/assets", 200> = await response.json();
  assert.deepEqual(items.filter(({ status }) => status === "failed"), []);
  return items.every(({ status }) => status === "available") ? items.length : undefined;
}

/** Plays the medium of the open page; `size` is that of the upright picture. */
async function assertPlays(page: Page, name: string, size: [number, number] | null): Promise<void> {
  const seen = await play(page);
  const seconds = mediumNamed(name).facts.durationMs! / 1000;
  assert.ok(Math.abs(seen.duration - seconds) < 0.6, `${name} lasts ${seen.duration} s`);
  assert.ok(seen.currentTime > 0.2, `${name} goes on`);
  if (size) assert.deepEqual([seen.width, seen.height], size, name);
}

async function assertUpright(page: Page, name: string, path: string): Promise<void> {
  const { width, height } = await pictureSize(page, path);
  const isUpright = name.includes("exif_orientation_6")
    ? width > height
    : width <= height || name === "gps_photo.jpg";
  assert.ok(isUpright, `${name} is ${width}×${height}`);
}

async function play(page: Page) {
  return await page.evaluate(async () => {
    const media = document.querySelector<HTMLVideoElement>("video, audio")!;
    media.muted = true;
    await media.play();
    const deadline = performance.now() + 10_000;
    while (media.currentTime < 0.3 && !media.ended && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const { duration, currentTime, videoWidth: width, videoHeight: height } = media;
    return { duration, currentTime, width, height };
  });
}

async function pictureSize(page: Page, path: string) {
  return await page.evaluate(async (src) => {
    const image = new Image();
    image.src = src;
    await image.decode();
    return { width: image.naturalWidth, height: image.naturalHeight };
  }, path);
}
