// What a browser with an empty cache downloads for a page, without thumbnails and the event stream.
import { openSite, type Page, type Site } from "../tests/support/browser.ts";
import { seedAssets } from "./assets.ts";
import type { Row } from "./rows.ts";

/** Limits for every page. */
const LIMITS = { kilobytes: 50, requests: 6 };
const ASSETS = 200;

/** Bytes and requests of the main pages. */
export async function measurePages(): Promise<Row[]> {
  const site = await openSite({ worker: false });
  try {
    const person = await site.addPerson();
    await seedAssets(site.platform, person.tenantId, ASSETS);
    const client = await site.client(person);
    const { items: [asset] } = await client.json("GET", "/api/v1/assets?page_size=1&asset_type=video");
    return [
      ...await measurePage(site, person, "Library page", "/"),
      ...await measurePage(site, person, "Asset page", `/assets/${asset!.id}`),
    ];
  } finally {
    await site.close();
  }
}

async function measurePage(
  site: Site,
  as: Awaited<ReturnType<Site["addPerson"]>>,
  name: string,
  path: string,
): Promise<Row[]> {
  const { page } = await site.visit({ as });
  const fetched = await collect(page, path);
  const bytes = fetched.reduce((sum, each) => sum + each.bytes, 0);
  const what = "budget";
  return [
    {
      measure: `${name}, transferred`,
      value: bytes / 1000,
      unit: "kB",
      against: { what, value: LIMITS.kilobytes },
    },
    {
      measure: `${name}, requests`,
      value: fetched.length,
      unit: "requests",
      against: { what, value: LIMITS.requests },
    },
  ];
}

async function collect(page: Page, path: string): Promise<{ url: string; bytes: number }[]> {
  const sizes: Promise<{ url: string; bytes: number }>[] = [];
  page.on("requestfinished", (request) => {
    const { pathname } = new URL(request.url());
    if (/^\/(media|events)\b/.test(pathname)) return;
    sizes.push(request.sizes().then((size) => ({ url: pathname, bytes: size.responseBodySize })));
  });
  await page.goto(path, { waitUntil: "load" });
  // Waits for nested module imports and their first requests.
  await page.waitForTimeout(1_000);
  return await Promise.all(sizes);
}
