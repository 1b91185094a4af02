// Two servers and two workers as separate processes on real servers: every medium is ingested by curl at one server and
// by browser at the other, and plays from either with its true length and upright picture.
import assert from "node:assert/strict";
import { launchBrowser, type Page } from "../support/browser.ts";
import { mediaNamed, type Medium } from "../support/media.ts";
import { type Child, startProcess } from "../support/processes.ts";
import { openTestServer, PASSWORD } from "../support/server.ts";
import { until } from "../support/until.ts";

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

/** The real file where it is at hand, or else the made one. */
const mediumNamed = (name: string): Medium => mediaNamed(name).at(-1)!;

Deno.test({
  name: "two servers and two workers take every medium by browser and by curl, and all of it plays",
  ignore: NEEDED.some((name) => !Deno.env.get(name)),
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async (t) => {
    const home = await openTestServer();
    const children: Child[] = [];
    const ports = [18_101, 18_102];
    for (const port of ports) {
      children.push(
        startProcess(new URL("../../routes/main.ts", import.meta.url), {
          ...home.config,
          PORT: port,
          LOG_LEVEL: "warn",
        }),
      );
      children.push(
        startProcess(new URL("../../workers/main.ts", import.meta.url), {
          ...home.config,
          LOG_LEVEL: "warn",
        }),
      );
    }
    const [first, second] = ports.map((port) => `http://127.0.0.1:${port}`) as [string, string];
    const browser = await launchBrowser();
    try {
      await until("both servers and workers are there", async () => {
        const health = await Promise.all(
          [first, second].map((url) =>
            fetch(`${url}/api/v1/health`).then((response) => response.json()).catch(() => undefined)
          ),
        );
        return health.every((one) => one?.status === "ok");
      }, 60_000);
      const person = await home.addPerson();
      const token = (await home.client(person)).token;

      const byCurl = new Map<string, string>();
      await t.step("by curl, as a form", async () => {
        for (const name of [...Object.keys(PLAYS), ...PICTURES]) {
          const { stdout } = await new Deno.Command("curl", {
            args: [
              "-sS",
              "-H",
              `Authorization: Bearer ${token}`,
              "-F",
              `file=@${await mediumNamed(name).path()}`,
              `${first}/api/v1/ingest`,
            ],
          }).output();
          byCurl.set(name, JSON.parse(new TextDecoder().decode(stdout)).asset_id);
        }
      });

      const context = await browser.newContext({ baseURL: second, locale: "en" });
      const page = await context.newPage();
      await t.step("by browser, at the other server", async () => {
        await page.goto("/sign-in");
        await page.fill("input[name=email]", person.email);
        await page.fill("input[name=password]", PASSWORD);
        await page.keyboard.press("Enter");
        await page.waitForSelector('#page[data-page="library"]');
        // Files are taken once the scripts run.
        await page.waitForLoadState();
        const paths = await Promise.all([...byCurl.keys()].map((name) => mediumNamed(name).path()));
        await page.setInputFiles("[data-files]", paths);
        // Known bytes: each is named as already here, by the asset that curl made at the other server.
        await page.waitForFunction(
          (count) => document.querySelectorAll('.tray__row[data-state="duplicate"]').length === count,
          paths.length,
          { timeout: 60_000 },
        );
      });

      await t.step("all of it is available, once each", async () => {
        const ids = await until("all is available", async () => {
          const response = await fetch(`${second}/api/v1/assets?page_size=100`, {
            headers: { Authorization: `Bearer ${token}` },
          });
          const { items } = await response.json();
          assert.deepEqual(items.filter((item: { status: string }) => item.status === "failed"), []);
          return items.every((item: { status: string }) => item.status === "available")
            ? items.length
            : undefined;
        }, 180_000);
        assert.equal(ids, 2 * byCurl.size);
      });

      for (const [name, picture] of Object.entries(PLAYS)) {
        await t.step(`${name} plays`, async () => {
          await page.goto(`/assets/${byCurl.get(name)}`);
          const seen = await play(page);
          const seconds = mediumNamed(name).facts.durationMs! / 1000;
          assert.ok(Math.abs(seen.duration - seconds) < 0.6, `lasts ${seen.duration} s`);
          assert.ok(seen.currentTime > 0.2, "goes on");
          if (picture) assert.deepEqual([seen.width, seen.height], picture);
        });
      }
      for (const name of PICTURES) {
        await t.step(`${name} is shown upright`, async () => {
          const { width, height } = await pictureSize(page, `/media/assets/${byCurl.get(name)}/thumbnail`);
          const upright = name.includes("exif_orientation_6")
            ? width > height
            : width <= height || name === "gps_photo.jpg";
          assert.ok(upright, `${width}×${height}`);
        });
      }
      await t.step("no process logged an error", () => {
        for (const child of children) assert.ok(!/"level":"error"/.test(child.output()), child.output());
      });
    } finally {
      await browser.close();
      children.forEach((child) => child.kill("SIGTERM"));
      const ends = await Promise.all(children.map((child) => child.ended));
      assert.deepEqual(ends, [0, 0, 0, 0], "all drained");
      await home.close();
    }
  },
});

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
