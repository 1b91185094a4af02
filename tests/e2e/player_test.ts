import assert from "node:assert/strict";
import { ingestFile } from "../support/assets.ts";
import { axeFindings, openSite, type Page, type Site, type Visit } from "../support/browser.ts";
import { makeVideo } from "../support/media.ts";
import type { Client, Person } from "../support/server.ts";
import { until } from "../support/until.ts";

const OPTIONS = { sanitizeOps: false, sanitizeResources: false };
const TIME = "[data-time]";

let site: Site;
let person: Person;
/** Eight seconds of 29.97 frames a second with drop-frame timecode from 00:59:58;00; cases only play it. */
let clip: string;
Deno.test.beforeAll(async () => {
  site = await openSite();
  person = await site.addPerson();
  const rate = ["-r", "30000/1001", "-timecode", "00:59:58;00"];
  clip = await ingestVideo(await site.client(person), "drop.mov", { seconds: 8, extra: rate });
});
Deno.test.afterAll(async () => {
  await site.close();
});

Deno.test("100 steps are 100 frames, and the picture shows each", OPTIONS, async () => {
  const { page, problems } = await visitClip();
  await notePainted(page);
  for (let step = 0; step < 100; step++) await page.keyboard.press("ArrowRight");
  assert.equal(await frame(page), 100);
  assert.equal(await page.inputValue(TIME), "01:00:01;10");
  await settles(page, 100);
  await page.waitForFunction(() => document.querySelector("video")!.dataset.painted === "100");
  assert.equal(await frame(page), 100);
  for (let step = 0; step < 40; step++) await page.keyboard.press("ArrowLeft");
  assert.equal(await frame(page), 60);
  await settles(page, 60);
  assert.deepEqual(problems, []);
});

Deno.test("a late frame callback does not reset the position", OPTIONS, async () => {
  const { page } = await site.visit({ as: person });
  await page.addInitScript(() => {
    const ask = HTMLVideoElement.prototype.requestVideoFrameCallback;
    HTMLVideoElement.prototype.requestVideoFrameCallback = function (tell) {
      return ask.call(this, (now, picture) => setTimeout(tell, 500, now, picture));
    };
  });
  await page.goto(`/assets/${clip}`);
  await ready(page);
  for (const step of [1, 2]) {
    await page.keyboard.press("ArrowRight");
    await settles(page, step);
  }
  await page.waitForTimeout(1_500);
  assert.equal(await frame(page), 2);
});

Deno.test("Shift steps a second, Home and End go to the ends", OPTIONS, async () => {
  const { page, problems } = await visitClip();
  await page.fill(TIME, "01:00:00;00");
  await page.keyboard.press("Enter");
  assert.equal(await frame(page), 60);
  await page.focus("media-player");
  await page.keyboard.press("Shift+ArrowRight");
  assert.equal(await frame(page), 90);
  await page.keyboard.press("Shift+ArrowLeft");
  assert.equal(await frame(page), 60);
  await page.keyboard.press("End");
  assert.ok(await frame(page) >= 236);
  await page.keyboard.press("Home");
  assert.equal(await frame(page), 0);
  assert.deepEqual(problems, []);
});

Deno.test("timecode can be typed, cycled and linked to", OPTIONS, async () => {
  const { page, problems } = await visitClip();
  await page.fill(TIME, "1000200");
  await page.keyboard.press("Enter");
  // Frames 60 and 61 of the file are 01:00:00;00 and ;01: two seconds of 30 lie before the hour.
  assert.equal(await frame(page), 120);
  assert.equal(await page.inputValue(TIME), "01:00:02;00");
  await page.click("[data-do=mode]");
  assert.equal(await page.inputValue(TIME), "00:00:04.004");
  await page.click("[data-do=mode]");
  assert.equal(await page.inputValue(TIME), "120");
  await page.fill(TIME, "33");
  await page.keyboard.press("Enter");
  await page.waitForURL(/[?&]t=00:59:59;03/);
  await page.reload();
  await ready(page);
  await page.waitForFunction(() =>
    document.querySelector<HTMLElement>("media-player")!.dataset.frame === "33"
  );
  await page.fill(TIME, "nonsense");
  await page.keyboard.press("Enter");
  assert.equal(await page.getAttribute(TIME, "aria-invalid"), "true");
  await page.keyboard.press("Escape");
  assert.equal(await page.inputValue(TIME), "00:59:59;03");
  assert.deepEqual(problems, []);
});

Deno.test("a distance can be typed, and what is no timecode is answered in words", OPTIONS, async () => {
  const { page, problems } = await visitClip();
  for (const [typed, frames] of [["+100", 30], ["+1:00", 60], ["-15", 45]] as const) {
    await page.fill(TIME, typed);
    await page.keyboard.press("Enter");
    assert.equal(await frame(page), frames, typed);
  }
  await page.fill(TIME, "+soon");
  await page.keyboard.press("Enter");
  assert.match(await page.textContent("[data-refused]") ?? "", /Type a timecode such as/);
  await page.keyboard.press("Escape");
  assert.ok(await page.isHidden("[data-refused]"));
  assert.deepEqual(problems, []);
});

Deno.test(
  "a rate without timecode counts time and frames, and Shift steps a second of it",
  OPTIONS,
  async () => {
    const client = await site.client(person);
    const id = await ingestVideo(client, "slow.mp4", { seconds: 3, extra: ["-r", "25/2"] });
    const { page, problems } = await visitClip(id);
    assert.equal(await page.inputValue(TIME), "00:00:00.000");
    for (const [second, frames] of [[1, 12], [2, 25]] as const) {
      await page.keyboard.press("Shift+ArrowRight");
      assert.equal(await page.inputValue(TIME), `00:00:0${second}.000`);
      assert.equal(await frame(page), frames);
    }
    await page.waitForURL(/[?&]t=00:00:02\.000/);
    await page.keyboard.press("ArrowLeft");
    assert.equal(await page.inputValue(TIME), "00:00:01.920");
    await page.click("[data-do=mode]");
    assert.equal(await page.inputValue(TIME), "24");
    await page.click("[data-do=mode]");
    assert.equal(await page.inputValue(TIME), "00:00:01.920");
    assert.deepEqual(problems, []);
  },
);

Deno.test(
  "Space plays after a button was clicked, and presses one that has been tabbed to",
  OPTIONS,
  async () => {
    const { page, problems } = await visitClip();
    const loops = () => page.getAttribute("[data-do=loop]", "aria-pressed");
    await page.click("[data-do=loop]");
    await page.keyboard.press("Space");
    assert.deepEqual([await loops(), (await playback(page)).paused], ["true", false]);
    await page.keyboard.press("Space");
    await page.focus("[data-do=loop]");
    await page.keyboard.press("Space");
    assert.deepEqual([await loops(), (await playback(page)).paused], ["false", true]);
    assert.deepEqual(problems, []);
  },
);

Deno.test("the place in the address stays when a tab is opened, and d folds the panel", OPTIONS, async () => {
  const { page, problems } = await visitClip();
  await page.keyboard.press("Shift+ArrowRight");
  await page.waitForURL(/[?&]t=00:59:59;00/);
  await page.click("#tab-technical");
  await page.waitForURL((url) => url.search === "?t=00:59:59;00&tab=technical");
  await page.click("#tab-details");
  await page.waitForURL((url) => url.search === "?t=00:59:59;00");
  for (const key of ["i", "o", "x"]) await page.keyboard.press(key);
  assert.ok(await page.isVisible("#panel"));
  await page.keyboard.press("d");
  assert.ok(await page.isHidden("#panel"));
  assert.deepEqual(problems, []);
});

Deno.test(
  "the measured length counts where the proxy ends earlier, and seeking there ends",
  OPTIONS,
  async () => {
    const client = await site.client(person);
    const id = await ingestVideo(client, "measured.mp4", { seconds: 2 });
    await site.platform.db.asTenant(
      person.tenantId,
      (sql) => sql`update technical_metadata set frame_count = 75 where asset_id = ${id}`,
    );
    const { page, problems } = await visitClip(id);
    await page.evaluate(() => {
      const video = document.querySelector("video")!;
      video.dataset.seeks = "0";
      video.addEventListener("seeked", () => video.dataset.seeks = String(Number(video.dataset.seeks) + 1));
    });
    await page.keyboard.press("End");
    assert.equal(await frame(page), 74);
    await page.waitForTimeout(600);
    assert.equal(await page.getAttribute("video", "data-seeks"), "1");
    assert.deepEqual(problems, []);
  },
);

Deno.test("J K L shuttle, Space plays and pauses", OPTIONS, async () => {
  const { page, problems } = await visitClip();
  await page.focus("media-player");
  await page.keyboard.press("Home");
  await page.keyboard.press("l");
  await page.keyboard.press("l");
  assert.deepEqual(await playback(page), { paused: false, rate: 2 });
  await page.waitForFunction(() =>
    Number(document.querySelector<HTMLElement>("media-player")!.dataset.frame) > 30
  );
  await page.keyboard.press("k");
  assert.equal((await playback(page)).paused, true);
  const stopped = await frame(page);
  await page.keyboard.press("j");
  await page.waitForFunction(
    (from) => Number(document.querySelector<HTMLElement>("media-player")!.dataset.frame) < from - 10,
    stopped,
  );
  await page.keyboard.press("k");
  await page.keyboard.press("Space");
  assert.equal((await playback(page)).paused, false);
  await page.keyboard.press("Space");
  assert.equal((await playback(page)).paused, true);
  assert.deepEqual(problems, []);
});

Deno.test("shortcuts do not apply while typing in a field", OPTIONS, async () => {
  const client = await site.client(person);
  const { page, problems } = await visitClip(await ingestVideo(client, "short.mp4", { seconds: 2 }));
  // In the middle of the clip every shortcut would move the position.
  await page.keyboard.press("Shift+ArrowRight");
  await page.click("#edit");
  await page.fill("#field-title", "");
  const before = await frame(page);
  assert.ok(before > 0);
  await page.type("#field-title", "jkl ?/");
  assert.equal(await page.inputValue("#field-title"), "jkl ?/");
  assert.equal(await frame(page), before);
  await page.fill("#field-title", " ");
  await page.click("#panel-body button[type=submit]");
  await page.waitForSelector("#field-title[aria-invalid=true]");
  await page.fill("#field-title", "Renamed 📼 עברית");
  await page.click("#panel-body button[type=submit]");
  await page.waitForSelector("#edit");
  assert.equal(await page.textContent("#asset-title"), "Renamed 📼 עברית");
  assert.equal(await page.locator("media-player").count(), 1);
  assert.deepEqual(problems.filter((line) => !line.includes("422")), []);
});

Deno.test("axe finds nothing in either theme", OPTIONS, async () => {
  for (const theme of ["dark", "light"] as const) {
    const { page } = await site.visit({ as: person, theme });
    await page.goto(`/assets/${clip}`);
    await ready(page);
    assert.deepEqual(await axeFindings(page), []);
  }
});

/** Opens the page of a video and waits for its first picture. */
async function visitClip(id = clip): Promise<Visit> {
  const visit = await site.visit({ as: person });
  await visit.page.goto(`/assets/${id}`);
  await ready(visit.page);
  return visit;
}

/** Makes a video, ingests it and waits until it is available. Returns the id of the asset. */
async function ingestVideo(
  client: Client,
  name: string,
  options: Parameters<typeof makeVideo>[1],
): Promise<string> {
  const folder = await Deno.makeTempDir();
  await makeVideo(`${folder}/${name}`, options);
  const id = await ingestFile(client, new File([await Deno.readFile(`${folder}/${name}`)], name));
  await Deno.remove(folder, { recursive: true });
  await until(
    "the asset is available",
    async () => (await client.json("GET", `/api/v1/assets/${id}`)).status === "available",
    60_000,
  );
  return id;
}

async function ready(page: Page): Promise<void> {
  await page.waitForFunction(() => (document.querySelector("video")?.readyState ?? 0) >= 2);
}

/** Records on the video element which frame the browser presented, independently of the player. */
async function notePainted(page: Page): Promise<void> {
  await page.evaluate(() => {
    const video = document.querySelector("video")!;
    const note = (_: number, { mediaTime }: VideoFrameCallbackMetadata) => {
      video.dataset.painted = String(Math.round(mediaTime * 30000 / 1001));
      video.requestVideoFrameCallback(note);
    };
    video.requestVideoFrameCallback(note);
  });
}

async function frame(page: Page): Promise<number> {
  return Number(await page.getAttribute("media-player", "data-frame"));
}

/** Waits until the seek is finished and the picture shown. */
async function settles(page: Page, frame: number): Promise<void> {
  await page.waitForFunction((frame) => {
    const { seeking, currentTime } = document.querySelector("video")!;
    return !seeking && Math.floor(currentTime * 30000 / 1001) === frame;
  }, frame);
}

function playback(page: Page): Promise<{ paused: boolean; rate: number }> {
  return page.evaluate(() => {
    const { paused, playbackRate } = document.querySelector("video")!;
    return { paused, rate: playbackRate };
  });
}
