// Time from process start to the first 200: a server on embedded parts, on first and later starts, against an empty
// server.
import type { Config } from "../lib/platform/config.ts";
import { freePort, openInstallation, startServerProcess, startUntilReady } from "./installation.ts";
import { median, type Row } from "./rows.ts";

const TIMES = 3;
const EMPTY =
  'Deno.serve({ port: Number(Deno.env.get("PORT")), hostname: "127.0.0.1" }, () => new Response("ok"));';

/** Duration of first and later starts. */
export async function measureStart(): Promise<Row[]> {
  const installation = await openInstallation({ embedded: true });
  try {
    const first = await secondsToReady(() => startServerProcess(installation));
    const later = await repeat(() => startServerProcess(installation));
    const empty = await measureEmpty(installation.config);
    return [
      row("first start to first 200, embedded", first, { what: "later start", value: later }),
      row("later start to first 200, embedded", later, { what: "empty Deno server", value: empty }),
    ];
  } finally {
    await installation.close();
  }
}

function row(measure: string, value: number, against: Row["against"]): Row {
  return { measure, value, unit: "s", against };
}

async function measureEmpty({ AKASHI_DATA_DIR }: Config): Promise<number> {
  const path = `${AKASHI_DATA_DIR}/empty.ts`;
  await Deno.writeTextFile(path, EMPTY);
  return await repeat(() => startUntilReady(new URL(`file://${path}`), { PORT: freePort() }));
}

async function repeat(start: () => ReturnType<typeof startUntilReady>): Promise<number> {
  const taken: number[] = [];
  for (let nth = 0; nth < TIMES; nth++) taken.push(await secondsToReady(start));
  return median(taken);
}

async function secondsToReady(start: () => ReturnType<typeof startUntilReady>): Promise<number> {
  const server = await start();
  await server.stop();
  return server.readyMs / 1000;
}
