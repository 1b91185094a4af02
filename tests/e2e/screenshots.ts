// `deno task screenshots`: makes the screenshots of the README from a running product, with real media if available.
import { openSite, type Page, type Site } from "../support/browser.ts";
import { makeVideo, realMedium } from "../support/media.ts";
import { until } from "../support/until.ts";

const FOLDER = new URL("../../docs/screenshots/", import.meta.url).pathname;
/** Only media whose licence permits to show them. */
const NAMES = [
  ..."malformed_captions.srt two_audio_tracks.mp4 exif_orientation_8.jpg rotated_portrait.mp4".split(" "),
  ..."portrait.jpg exif_orientation_6.jpg interview_webm_vp8.webm people_h264.mp4".split(" "),
];

const site = await openSite();
await Deno.mkdir(FOLDER, { recursive: true });
const person = await site.addPerson();
await bringIn(site);

const desk = await site.visit({ as: person });
await desk.page.goto("/");
await shoot(desk.page, "library-dark");
await desk.page.click(".card a >> nth=0");
await desk.page.waitForSelector("#page[data-page=asset] video");
await desk.page.waitForTimeout(1_500);
await shoot(desk.page, "asset-dark");

const light = await site.visit({ as: person, theme: "light", language: "pt-BR" });
await light.page.goto("/");
await shoot(light.page, "library-light-pt-BR");
await light.page.goto("/jobs");
await shoot(light.page, "jobs-light-pt-BR");

const phone = await site.visit({ as: person, width: 390, height: 844 });
await phone.page.goto("/");
await shoot(phone.page, "library-phone");
await site.close();

async function bringIn(site: Site): Promise<void> {
  const client = await site.client(person);
  const paths = NAMES.map(realMedium).filter((path) => path !== undefined);
  if (paths.length === 0) {
    const path = await Deno.makeTempFile({ suffix: ".mp4" });
    await makeVideo(path, { seconds: 10, size: "1280x720" });
    paths.push(path);
  }
  for (const path of paths) {
    const name = path.split("/").at(-1)!;
    const body = await Deno.readFile(path);
    await (await client.fetch(`/api/v1/ingest/${name}`, { method: "PUT", body })).body?.cancel();
  }
  await until("all is available", async () => {
    const { items } = await client.json("GET", "/api/v1/assets?page_size=100");
    return items.every((item: { status: string }) => item.status === "available");
  }, 120_000);
}

async function shoot(page: Page, name: string): Promise<void> {
  await page.waitForTimeout(700);
  await page.screenshot({ path: `${FOLDER}${name}.png` });
  console.log(`docs/screenshots/${name}.png`);
}
