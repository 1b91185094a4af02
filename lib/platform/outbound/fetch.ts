// The one way in which servers call addresses that people choose (identity providers): guarded against requests into the
// own network (SSRF), also by a name whose addresses change between the check and the connection (DNS rebinding).
import { Buffer } from "node:buffer";
import { lookup } from "node:dns";
import http from "node:http";
import https from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { allowsPrivateIssuers, type Config } from "../config.ts";
import { errorMessage } from "../errors.ts";
import { isPrivateAddress } from "./addresses.ts";
import { outboundError } from "./reasons.ts";

/** Limits of a call. */
export interface OutsideLimits {
  /** For the whole call, the body included. */
  timeoutMs?: number;
  /** Of the answer's body. */
  maxBytes?: number;
  /** How names are resolved: once a call, every address is checked, and a checked one is connected to. */
  resolve?: LookupFunction;
}

const TIMEOUT_MS = 8_000;
const MAX_BYTES = 1024 * 1024;
/** Statuses whose answer has no body; `Response` refuses one. */
const BODILESS = [204, 205, 304];

/**
 * Sends a request and reads the whole answer; redirects are answered, not followed. Throws `unavailable` when there is no
 * answer in time, when it is too long, and for addresses on private networks unless OIDC_ALLOW_PRIVATE_ISSUERS allows
 * them. `fetch` cannot connect to an address of our choice under the name of the URL; `node:https` can.
 */
export async function fetchOutside(
  config: Config,
  url: string,
  init: RequestInit = {},
  { timeoutMs = TIMEOUT_MS, maxBytes = MAX_BYTES, resolve = lookup }: OutsideLimits = {},
): Promise<Response> {
  const mayConnect = allowsPrivateIssuers(config)
    ? () => true
    : (address: string) => !isPrivateAddress(address);
  try {
    const request = new Request(url, init);
    requireHost(new URL(url), mayConnect);
    const signal = AbortSignal.timeout(timeoutMs);
    const answer = await send(request, checked(resolve, mayConnect), signal);
    return toResponse(answer, await readBody(answer, maxBytes, signal));
  } catch (error) {
    throw outboundError("unavailable", { host: hostOf(url), error: errorMessage(error) }, { cause: error });
  }
}

type MayConnect = (address: string) => boolean;

/** An address in the URL itself is never looked up. */
function requireHost({ hostname }: URL, mayConnect: MayConnect): void {
  const address = hostname.replace(/^\[|\]$/g, "");
  if (isIP(address) && !mayConnect(address)) throw forbidden();
}

/** Resolves every address of a name and answers them, for the connection, only if all may be connected to. */
function checked(resolve: LookupFunction, mayConnect: MayConnect): LookupFunction {
  return (hostname, options, done) =>
    resolve(hostname, { ...options, all: true }, (error, found) => {
      const addresses = Array.isArray(found) ? found : [];
      if (error) return done(error, []);
      if (addresses.length === 0) return done(new Error(`${hostname} has no address`), []);
      if (addresses.some(({ address }) => !mayConnect(address))) return done(forbidden(), []);
      if (options.all) return done(null, addresses);
      done(null, addresses[0]!.address, addresses[0]!.family);
    });
}

function forbidden(): Error {
  return new Error("it is on a private network, which OIDC_ALLOW_PRIVATE_ISSUERS forbids");
}

async function send(
  request: Request,
  lookup: LookupFunction,
  signal: AbortSignal,
): Promise<http.IncomingMessage> {
  const { method, url } = request;
  const body = Buffer.from(await request.arrayBuffer());
  const headers = { ...Object.fromEntries(request.headers), "accept-encoding": "identity" };
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>();
  // Without an agent: a kept connection would have been checked for an earlier answer of the resolver.
  const options = { method, headers, lookup, agent: false, signal } as const;
  const sent = url.startsWith("https:")
    ? https.request(url, options, resolve)
    : http.request(url, options, resolve);
  sent.once("error", reject);
  sent.end(body);
  return await promise;
}

async function readBody(
  answer: http.IncomingMessage,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Buffer> {
  const onAbort = () => answer.destroy(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) throw new Error(`the answer has more than ${maxBytes} bytes`);
      chunks.push(chunk);
    }
    signal.throwIfAborted();
    return Buffer.concat(chunks);
  } finally {
    signal.removeEventListener("abort", onAbort);
    answer.destroy();
  }
}

function toResponse({ statusCode = 502, rawHeaders }: http.IncomingMessage, body: Buffer): Response {
  const headers = new Headers();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) headers.append(rawHeaders[at]!, rawHeaders[at + 1]!);
  return new Response(BODILESS.includes(statusCode) ? null : new Uint8Array(body), {
    status: statusCode,
    headers,
  });
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : "the address";
}
