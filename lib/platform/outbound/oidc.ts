// OpenID Connect client: authorization code with PKCE (RFC 7636, S256), state and nonce. Expected failures of a
// provider or the network are results, not exceptions.
import * as oauth from "oauth4webapi";
import type { Config } from "../config.ts";
import { AppError, errorMessage } from "../errors.ts";
import { fetchOutside } from "./fetch.ts";

export interface OidcClient {
  issuer: string;
  clientId: string;
  /** Null for a public client, which is authenticated by PKCE alone. */
  clientSecret: string | null;
  scopes: string[];
  redirectUri: string;
}

/** The state of one sign-in to keep between the redirect and the callback. */
export interface Attempt {
  state: string;
  nonce: string;
  verifier: string;
  /** Seconds since the epoch: an authentication older than this is rejected. */
  freshFrom?: number;
}

/** `away`: no answer. `declined`: the provider or the person refused. `unsound`: the answer is invalid. */
export type Trouble = { trouble: "away" | "declined" | "unsound"; reason: string };
export type Claims = Record<string, unknown> & { sub: string };

const CACHE_TTL_MS = 10 * 60_000;
/** Tolerated clock difference between a provider and this server. */
const CLOCK_SECONDS = 60;
/** A document may have up to a megabyte. Tenant administrators choose issuers, and all tenants share this process. */
const MAX_CACHED = 50;
const discovered = new Map<string, { at: number; server: oauth.AuthorizationServer }>();

/** Asks for the issuer's configuration. Returns what is wrong with it; `named`: it is that of this other issuer. */
export async function tryIssuer(
  config: Config,
  issuer: string,
): Promise<(Trouble & { named?: string }) | undefined> {
  try {
    await discover(config, issuer);
  } catch (error) {
    const { cause } = error as Error;
    const found = { ...troubleOf(error), named: namedIssuer(error) };
    return cause instanceof Response ? { ...found, reason: `it answers with status ${cause.status}` } : found;
  }
}

/** Returns the URL to redirect to and the state to keep. With `again` the provider must re-authenticate the person. */
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
      freshFrom: again ? Math.floor(Date.now() / 1000) : undefined,
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
    };
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    if (again) {
      // `prompt` alone is only a request; with `max_age` the provider must also return the time of authentication
      // (OpenID Connect Core, 3.1.2.1).
      url.searchParams.set("prompt", "login");
      url.searchParams.set("max_age", "0");
    }
    return { url: url.href, attempt };
  } catch (error) {
    return troubleOf(error);
  }
}

/**
 * Exchanges the code in `callback` and returns the claims of the ID token and, where it lacks one, of the userinfo
 * endpoint, which must be about the same subject.
 */
export async function finishOidc(
  config: Config,
  client: OidcClient,
  attempt: Attempt,
  callback: URL,
): Promise<{ claims: Claims } | Trouble> {
  try {
    const server = await discover(config, client.issuer);
    const oauthClient = { client_id: client.clientId };
    const options = optionsFor(config);
    const parameters = oauth.validateAuthResponse(server, oauthClient, callback, attempt.state);
    const answer = await oauth.authorizationCodeGrantRequest(
      server,
      oauthClient,
      clientAuth(server, client),
      parameters,
      client.redirectUri,
      attempt.verifier,
      options,
    );
    const expected = { expectedNonce: attempt.nonce, requireIdToken: true };
    const tokens = await oauth.processAuthorizationCodeResponse(server, oauthClient, answer, expected);
    await oauth.validateApplicationLevelSignature(server, answer, options);
    const idToken = oauth.getValidatedIdTokenClaims(tokens)!;
    requireFresh(idToken, attempt);
    if (!server.userinfo_endpoint) return { claims: mergeClaims(idToken) };
    const userInfo = await oauth.userInfoRequest(server, oauthClient, tokens.access_token, options);
    const more = await oauth.processUserInfoResponse(server, oauthClient, idToken.sub, userInfo);
    return { claims: mergeClaims(idToken, more) };
  } catch (error) {
    return troubleOf(error);
  }
}

/**
 * Each claim from one source, the signed ID token first. An address comes with its own proof: what one source has verified
 * says nothing about an address in the other.
 */
function mergeClaims(idToken: Claims, userInfo?: Claims): Claims {
  const sources = userInfo ? [idToken, userInfo] : [idToken];
  const withProof = sources.find(({ email, email_verified }) => email && email_verified !== undefined);
  const { email, email_verified } = withProof ?? sources.find(({ email }) => email) ?? idToken;
  return { ...userInfo, ...idToken, email, email_verified };
}

/** Some providers never return `auth_time`; their answer has to be trusted. */
function requireFresh({ auth_time: provedAt }: oauth.IDToken, { freshFrom }: Attempt): void {
  if (freshFrom === undefined || provedAt === undefined || provedAt >= freshFrom - CLOCK_SECONDS) return;
  throw new oauth.OperationProcessingError("auth_time is older than the question");
}

async function discover(config: Config, issuer: string): Promise<oauth.AuthorizationServer> {
  const known = discovered.get(issuer);
  if (known && performance.now() - known.at < CACHE_TTL_MS) return known.server;
  const url = new URL(issuer);
  const response = await oauth.discoveryRequest(url, optionsFor(config));
  const server = await oauth.processDiscoveryResponse(url, response);
  if (!isWebAddress(config, server.authorization_endpoint)) {
    throw new oauth.OperationProcessingError("authorization_endpoint is no web address");
  }
  discovered.delete(issuer);
  discovered.set(issuer, { at: performance.now(), server });
  if (discovered.size > MAX_CACHED) discovered.delete(discovered.keys().next().value!);
  return server;
}

/** The browser is redirected there: only http and https are accepted, in production only https. */
function isWebAddress({ APP_ENV }: Config, address: string | undefined): boolean {
  if (!address || !URL.canParse(address)) return false;
  const { protocol } = new URL(address);
  return protocol === "https:" || (protocol === "http:" && APP_ENV !== "production");
}

/**
 * client_secret_basic, unless the provider supports only client_secret_post (OpenID Connect Discovery 1.0, section 3).
 */
function clientAuth(server: oauth.AuthorizationServer, { clientSecret }: OidcClient): oauth.ClientAuth {
  if (clientSecret === null) return oauth.None();
  const methods = server.token_endpoint_auth_methods_supported ?? ["client_secret_basic"];
  return methods.includes("client_secret_basic")
    ? oauth.ClientSecretBasic(clientSecret)
    : oauth.ClientSecretPost(clientSecret);
}

function optionsFor(config: Config) {
  return {
    [oauth.customFetch]: (url: string, init: oauth.CustomFetchOptions<string, any>) =>
      fetchOutside(config, url, init),
    [oauth.allowInsecureRequests]: config.APP_ENV !== "production",
  };
}

function troubleOf(error: unknown): Trouble {
  const { cause } = error as Error;
  const reason = [errorMessage(error), codeOf(error)].filter(Boolean).join(": ");
  if (error instanceof oauth.AuthorizationResponseError) return { trouble: "declined", reason };
  const failed = cause instanceof Response && cause.status >= 500;
  return { trouble: error instanceof AppError || failed ? "away" : "unsound", reason };
}

/** The issuer that a configuration names, when that is not the one that was asked for. */
function namedIssuer(error: unknown): string | undefined {
  if (!(error instanceof oauth.OperationProcessingError)) return undefined;
  if (error.code !== oauth.JSON_ATTRIBUTE_COMPARISON) return undefined;
  const { body } = error.cause as { body?: { issuer?: unknown } };
  return typeof body?.issuer === "string" ? body.issuer.slice(0, 500) : undefined;
}

/** The OAuth error code, such as `access_denied` or `invalid_grant`. */
function codeOf(error: unknown): string | undefined {
  const named = error instanceof oauth.AuthorizationResponseError || error instanceof oauth.ResponseBodyError;
  return named ? error.error.slice(0, 100) : undefined;
}
