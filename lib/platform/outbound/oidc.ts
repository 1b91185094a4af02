// OpenID Connect as a client: authorization code with PKCE (RFC 7636, S256), state and nonce. What providers and networks
// may well do is a result.
import { lookup } from "node:dns/promises";
import * as oauth from "oauth4webapi";
import { isPrivateAddress } from "./addresses.ts";
import { allowsPrivateIssuers, type Config } from "../config.ts";
import { AppError, errorMessage } from "../errors.ts";

export interface OidcClient {
  issuer: string;
  clientId: string;
  /** None for a public client: PKCE alone. */
  clientSecret: string | null;
  scopes: string[];
  redirectUri: string;
}

/** What has to be remembered between the way there and the way back. */
export interface Attempt {
  state: string;
  nonce: string;
  verifier: string;
  /** Seconds since 1970: a proof of who it is that is older than this does not do. */
  freshFrom?: number;
}

/** `away`: it does not answer. `declined`: it says no, or the person did. `unsound`: what came back does not hold. */
export type Trouble = { trouble: "away" | "declined" | "unsound"; reason: string };
export type Claims = Record<string, unknown> & { sub: string };

const LIMIT_MS = 8_000;
const MOST_BYTES = 1024 * 1024;
const KEPT_MS = 10 * 60_000;
/** By how much a provider's clock may differ from ours. */
const CLOCK_SECONDS = 60;
/** Of up to a megabyte each: administrators of tenants name issuers, and the process is everybody's. */
const MOST_KEPT = 50;
const discovered = new Map<string, { at: number; server: oauth.AuthorizationServer }>();

/** Where to send the browser, and what to remember. With `again` the provider is to ask who it is even if it knows. */
export async function beginOidc(
  config: Config,
  client: OidcClient,
  { again = false } = {},
): Promise<{ url: string; attempt: Attempt } | Trouble> {
  try {
    const server = await discover(config, client.issuer);
    const attempt = {
      state: oauth.generateRandomState(),
      nonce: oauth.generateRandomNonce(),
      verifier: oauth.generateRandomCodeVerifier(),
      ...(again && { freshFrom: Math.floor(Date.now() / 1000) }),
    };
    const url = new URL(server.authorization_endpoint!);
    const parameters = {
      client_id: client.clientId,
      redirect_uri: client.redirectUri,
      response_type: "code",
      scope: client.scopes.join(" "),
      state: attempt.state,
      nonce: attempt.nonce,
      code_challenge: await oauth.calculatePKCECodeChallenge(attempt.verifier),
      code_challenge_method: "S256",
      // `prompt` alone is a wish; with `max_age` the provider also tells when it last had a proof (OpenID Connect
      // Core, 3.1.2.1).
      ...(again && { prompt: "login", max_age: "0" }),
    };
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    return { url: url.href, attempt };
  } catch (error) {
    return troubleOf(error);
  }
}

/** What the provider says of whoever came back to `callback`: the ID token's claims and those of its userinfo. */
export async function finishOidc(
  config: Config,
  client: OidcClient,
  attempt: Attempt,
  callback: URL,
): Promise<{ claims: Claims } | Trouble> {
  try {
    const server = await discover(config, client.issuer);
    const us = { client_id: client.clientId };
    const options = optionsFor(config);
    const parameters = oauth.validateAuthResponse(server, us, callback, attempt.state);
    const answer = await oauth.authorizationCodeGrantRequest(
      server,
      us,
      proofOf(server, client),
      parameters,
      client.redirectUri,
      attempt.verifier,
      options,
    );
    const expected = { expectedNonce: attempt.nonce, requireIdToken: true };
    const tokens = await oauth.processAuthorizationCodeResponse(server, us, answer, expected);
    await oauth.validateApplicationLevelSignature(server, answer, options);
    const idToken = oauth.getValidatedIdTokenClaims(tokens)!;
    requireFresh(idToken, attempt);
    if (!server.userinfo_endpoint) return { claims: { ...idToken } };
    const told = await oauth.userInfoRequest(server, us, tokens.access_token, options);
    const more = await oauth.processUserInfoResponse(server, us, idToken.sub, told);
    return { claims: { ...more, ...idToken } };
  } catch (error) {
    return troubleOf(error);
  }
}

/** Some providers keep `auth_time` to themselves, whatever was asked: those have to be believed. */
function requireFresh({ auth_time: provedAt }: oauth.IDToken, { freshFrom }: Attempt): void {
  if (freshFrom === undefined || provedAt === undefined || provedAt >= freshFrom - CLOCK_SECONDS) return;
  throw new oauth.OperationProcessingError("auth_time is older than the question");
}

async function discover(config: Config, issuer: string): Promise<oauth.AuthorizationServer> {
  const known = discovered.get(issuer);
  if (known && Date.now() - known.at < KEPT_MS) return known.server;
  const url = new URL(issuer);
  const response = await oauth.discoveryRequest(url, optionsFor(config));
  const server = await oauth.processDiscoveryResponse(url, response);
  if (!isWebAddress(config, server.authorization_endpoint)) {
    throw new oauth.OperationProcessingError("authorization_endpoint is no web address");
  }
  discovered.delete(issuer);
  discovered.set(issuer, { at: Date.now(), server });
  if (discovered.size > MOST_KEPT) discovered.delete(discovered.keys().next().value!);
  return server;
}

/** The browser is sent there: nothing but the web, and in production not in the clear. */
function isWebAddress({ APP_ENV }: Config, address: string | undefined): boolean {
  if (!address || !URL.canParse(address)) return false;
  const { protocol } = new URL(address);
  return protocol === "https:" || (protocol === "http:" && APP_ENV !== "production");
}

/** In the header unless the provider takes secrets in the form alone (OpenID Connect Discovery 1.0, section 3). */
function proofOf(server: oauth.AuthorizationServer, { clientSecret }: OidcClient): oauth.ClientAuth {
  if (clientSecret === null) return oauth.None();
  const takes = server.token_endpoint_auth_methods_supported ?? ["client_secret_basic"];
  return takes.includes("client_secret_basic")
    ? oauth.ClientSecretBasic(clientSecret)
    : oauth.ClientSecretPost(clientSecret);
}

function optionsFor(config: Config) {
  return {
    [oauth.customFetch]: (url: string, init: oauth.CustomFetchOptions<string, any>) =>
      fetchGuarded(config, url, init),
    [oauth.allowInsecureRequests]: config.APP_ENV !== "production",
  };
}

/**
 * Never follows a redirect, reads little, waits briefly, and asks nobody on a private network unless that is allowed
 * here. Throws `unavailable` when there is no answer.
 */
async function fetchGuarded(config: Config, url: string, init: RequestInit): Promise<Response> {
  const { host, hostname } = new URL(url);
  try {
    if (!allowsPrivateIssuers(config)) {
      const found = await lookup(hostname.replace(/^\[|\]$/g, ""), { all: true });
      if (found.some(({ address }) => isPrivateAddress(address))) {
        throw new Error("it is on a private network, which OIDC_ALLOW_PRIVATE_ISSUERS forbids");
      }
    }
    const signal = AbortSignal.timeout(LIMIT_MS);
    return bounded(await fetch(url, { ...init, redirect: "manual", signal }));
  } catch (error) {
    throw new AppError("unavailable", `${host}: ${errorMessage(error)}`, { cause: error });
  }
}

function bounded(response: Response): Response {
  if (!response.body) return response;
  let left = MOST_BYTES;
  const body = response.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        left -= chunk.byteLength;
        if (left < 0) throw new Error("the answer is too long");
        controller.enqueue(chunk);
      },
    }),
  );
  return new Response(body, response);
}

function troubleOf(error: unknown): Trouble {
  const { cause } = error as Error;
  const reason = [errorMessage(error), codeOf(error)].filter(Boolean).join(": ");
  if (error instanceof oauth.AuthorizationResponseError) return { trouble: "declined", reason };
  const failed = cause instanceof Response && cause.status >= 500;
  return { trouble: error instanceof AppError || failed ? "away" : "unsound", reason };
}

/** What the provider calls it, as `access_denied` or `invalid_grant`. */
function codeOf(error: unknown): string | undefined {
  const named = error instanceof oauth.AuthorizationResponseError || error instanceof oauth.ResponseBodyError;
  return named ? error.error.slice(0, 100) : undefined;
}
