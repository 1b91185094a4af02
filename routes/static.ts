// Immutable files: /static/<build>/…, as packed by `deno task islands`.
import { Hono } from "hono";
import { routesOf } from "./declare.ts";
import type { AppEnv } from "./env.ts";

const FOLDER = new URL("../dist/static/", import.meta.url);
const TYPES: Record<string, string> = {
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
};
const FOR_EVER = "public, max-age=31536000, immutable";

interface Manifest {
  build: string;
  files: string[];
}

interface Known {
  manifest: Manifest;
  /** Modification time of the manifest; a newer one is read again. */
  writtenAt: number;
  bytes: Map<string, Uint8Array>;
}

let known: Known | undefined;

const PACKED = { who: "public", session: false, log: "debug" } as const;

/** Serves the packed files, mounted at `/static`. An old build's address answers the present file, uncached. */
export function createStatic(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  const routes = routesOf(app, "file");
  routes.get("/:build/:name", PACKED, async (c) => {
    const { build, name } = c.req.param();
    const { manifest } = read();
    if (!manifest.files.includes(name)) return c.text("Not found", 404);
    const zipped = /\bgzip\b/.test(c.req.header("Accept-Encoding") ?? "");
    const body = await bytesOf(zipped ? `${name}.gz` : name);
    c.header("Content-Type", TYPES[name.split(".").at(-1)!]);
    c.header("Cache-Control", build === manifest.build ? FOR_EVER : "no-cache");
    c.header("Vary", "Accept-Encoding");
    if (zipped) c.header("Content-Encoding", "gzip");
    return c.body(body as Uint8Array<ArrayBuffer>);
  });
  routes.rest(PACKED, (c) => c.text("Not found", 404));
  return app;
}

/** The URL of `name` in the current build. */
export function staticPath(name: string): string {
  return `/static/${read().manifest.build}/${name}`;
}

function read(): Known {
  const path = new URL("manifest.json", FOLDER);
  const writtenAt = stat(path);
  if (known?.writtenAt !== writtenAt) {
    known = { manifest: JSON.parse(Deno.readTextFileSync(path)), writtenAt, bytes: new Map() };
  }
  return known!;
}

function stat(path: URL): number {
  try {
    return Deno.statSync(path).mtime?.getTime() ?? 0;
  } catch {
    throw new Error("The browser's files are not packed yet. Run: deno task islands");
  }
}

async function bytesOf(name: string): Promise<Uint8Array> {
  const { bytes } = read();
  const kept = bytes.get(name) ?? await Deno.readFile(new URL(name, FOLDER));
  bytes.set(name, kept);
  return kept;
}
