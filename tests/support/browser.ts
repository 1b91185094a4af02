// Chromium on a server under test: signed-in visits, problems that the console reported, and axe.
import assert from "node:assert/strict";
import axe from "axe-core";
import { type Browser, chromium, type Page } from "playwright";
import { buildIslands } from "../../infra/islands.ts";
import { openTestServer, PASSWORD, type Person, type TestServer } from "./server.ts";

export type { Page };

export interface Look {
  theme?: "dark" | "light" | "system";
  language?: "en" | "pt-BR";
  width?: number;
  height?: number;
  scripts?: boolean;
}

export interface Visit {
  page: Page;
  person: Person;
  /** Errors and warnings of the console, of scripts and of the content security policy; a good page has none. */
  problems: string[];
}

export interface Site extends TestServer {
  /** A new browser profile, signed in as a new account unless a person is given. */
  visit(look?: Look & { as?: Person; role?: string; tenant?: string }): Promise<Visit>;
  /** A new browser profile that is not signed in. */
  stranger(look?: Look): Promise<Omit<Visit, "person">>;
}

export const DESK = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--disable-background-networking",
  "--disable-component-update",
  "--no-first-run",
  "--mute-audio",
  "--autoplay-policy=no-user-gesture-required",
];
const PATIENCE_MS = 15_000;

/** Starts server, worker and browser. */
export async function openSite(
  { worker = true, settings }: { worker?: boolean; settings?: Record<string, string> } = {},
): Promise<Site> {
  await buildIslands();
  const server = await openTestServer({ worker, settings });
  const browser = await launchBrowser();

  async function stranger(look: Look = {}) {
    const page = await openPage(browser, server.url, look);
    return { page, problems: collectProblems(page) };
  }

  return {
    ...server,
    stranger,
    visit: async ({ as, role = "admin", tenant, ...look } = {}) => {
      const person = as ?? await server.addPerson({ role, tenant });
      await choose(server, person, look);
      const { page, problems } = await stranger(look);
      const form = { email: person.email, password: PASSWORD, next: "/" };
      const answer = await page.request.post("/sign-in", { form, headers: { Origin: server.url } });
      assert.equal(answer.status(), 200);
      return { page, person, problems };
    },
    close: async () => {
      await browser.close();
      await server.close();
    },
  };
}

/** Violations of WCAG 2.2 AA, or of these rules alone, that axe finds, one a line. */
export async function axeFindings(page: Page, { rules }: { rules?: string[] } = {}): Promise<string[]> {
  // Elements exist before the style sheet is loaded, and axe judges colours.
  await page.waitForLoadState();
  await page.evaluate(axe.source);
  const findings = await page.evaluate(async (rules) => {
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    const { violations } = await (globalThis as any).axe.run({ runOnly: rules ?? tags });
    return violations.map((each: any) =>
      `${each.id}: ${each.nodes.map((node: any) => node.html.slice(0, 160)).join(" | ")}`
    );
  }, rules);
  return findings as string[];
}

async function openPage(browser: Browser, url: string, look: Look): Promise<Page> {
  const { width = DESK.width, height = DESK.height, language = "en", scripts = true } = look;
  const context = await browser.newContext({
    baseURL: url,
    locale: language,
    viewport: { width, height },
    javaScriptEnabled: scripts,
    permissions: ["clipboard-read", "clipboard-write"],
    hasTouch: width < 760,
    reducedMotion: "reduce",
  });
  context.setDefaultTimeout(PATIENCE_MS);
  return await context.newPage();
}

function collectProblems(page: Page): string[] {
  const problems: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) {
      problems.push(`${message.text()} ${message.location().url}`);
    }
  });
  page.on("pageerror", (error) => problems.push(String(error)));
  return problems;
}

async function choose(
  { platform }: TestServer,
  person: Person,
  { theme = "dark", language = "en" }: Look,
): Promise<void> {
  await platform.db.asTenant(
    person.tenantId,
    (sql) =>
      sql`update users set theme = ${theme}, language = ${language}, name = 'Ana Souza' where id = ${person.id}`,
  );
}

/** Starts this machine's Chromium, headless. */
export async function launchBrowser(): Promise<Browser> {
  return await chromium.launch({ executablePath: await findChromium(), args: FLAGS });
}

async function findChromium(): Promise<string> {
  for (const path of [Deno.env.get("AKASHI_TEST_CHROMIUM"), ...PLACES]) {
    if (path && await Deno.stat(path).catch(() => null)) return path;
  }
  throw new Error("No Chromium is installed. Install it, or name one in AKASHI_TEST_CHROMIUM.");
}
