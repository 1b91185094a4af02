// The only importer of the AWS SDK: calls with timeouts, failures as AppErrors, signed URLs.
import { GetObjectCommand, PutObjectCommand, S3 } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import type { Config } from "../config.ts";
import { AppError, hasCode } from "../errors.ts";
import { storageError } from "./reasons.ts";
import type { SignGetOptions, SignPutOptions } from "./storage.ts";
import { attachment, checkContentType, checkExpiry } from "./names.ts";

const CONNECT_TIMEOUT_MS = 3_000;
/** Default time limit from sending a request to the head of its response. */
export const REQUEST_TIMEOUT_MS = 15_000;
/** The first attempt and two retries, with the SDK's backoff. */
export const MAX_ATTEMPTS = 3;
/** Limit of concurrent uploads and calls; downloads use separate connections. */
const MAX_SOCKETS = 256;
const READ_EXPIRES_SECONDS = 300;

export interface CallOptions {
  signal?: AbortSignal;
  timeoutMs?: number;
  /** Disables retries, for calls that must answer quickly. */
  once?: boolean;
}

interface Target {
  Bucket: string;
  Key: string;
}

/** Opens two clients: one that calls `S3_ENDPOINT`, and one that signs URLs for the public endpoint. */
export function openS3Client(config: Config) {
  const patient = createClient(config, config.S3_ENDPOINT!, MAX_ATTEMPTS);
  const hasty = createClient(config, config.S3_ENDPOINT!, 1);
  const signer = createClient(config, config.S3_PUBLIC_ENDPOINT ?? config.S3_ENDPOINT!, 1);
  return {
    /**
     * Runs one call. Throws `unavailable` when the server is unreachable or failing, the signal's reason when aborted.
     */
    async call<T>(
      send: (s3: S3, limits: { abortSignal?: AbortSignal; requestTimeout: number }) => Promise<T>,
      { signal, timeoutMs = REQUEST_TIMEOUT_MS, once }: CallOptions = {},
    ): Promise<T> {
      signal?.throwIfAborted();
      try {
        return await send(once ? hasty : patient, { abortSignal: signal, requestTimeout: timeoutMs });
      } catch (error) {
        signal?.throwIfAborted();
        throw translateS3(error);
      }
    },
    /** A signed URL for reading the object from this process. */
    signRead: (target: Target): Promise<string> =>
      getSignedUrl(patient, new GetObjectCommand({ ...target }), { expiresIn: READ_EXPIRES_SECONDS }),
    signGet: (target: Target, options: SignGetOptions): Promise<string> => {
      checkExpiry(options.expiresSeconds);
      if (options.contentType !== undefined) checkContentType(options.contentType);
      const command = new GetObjectCommand({
        ...target,
        ResponseContentDisposition: options.downloadAs === undefined
          ? undefined
          : attachment(options.downloadAs),
        ResponseContentType: options.contentType,
      });
      return getSignedUrl(signer, command, { expiresIn: options.expiresSeconds });
    },
    signPut: (target: Target, options: SignPutOptions): Promise<string> => {
      checkExpiry(options.expiresSeconds);
      if (options.contentType !== undefined) checkContentType(options.contentType);
      const command = new PutObjectCommand({ ...target, ContentType: options.contentType });
      // By default the SDK does not sign the content type, so any type could be sent.
      return getSignedUrl(signer, command, {
        expiresIn: options.expiresSeconds,
        signableHeaders: options.contentType === undefined ? undefined : new Set(["host", "content-type"]),
      });
    },
    close(): void {
      for (const client of [patient, hasty, signer]) client.destroy();
    },
  };
}

export type S3Client = ReturnType<typeof openS3Client>;

function createClient(config: Config, endpoint: string, maxAttempts: number): S3 {
  return new S3({
    endpoint,
    region: config.S3_REGION,
    credentials: {
      accessKeyId: config.S3_ACCESS_KEY_ID!,
      secretAccessKey: config.S3_SECRET_ACCESS_KEY!,
    },
    forcePathStyle: true,
    maxAttempts,
    // By default the signer puts the checksum of an empty body into the URL, which makes every upload fail. Our own
    // uploads send their SHA-256 or are covered by the signature.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
      // The request as a whole has a time limit; this disables the SDK's additional one.
      socketTimeout: 0,
      httpAgent: { keepAlive: true, maxSockets: MAX_SOCKETS },
      httpsAgent: { keepAlive: true, maxSockets: MAX_SOCKETS },
    },
  });
}

/** The parts of a server or connection error that are used here. */
interface S3Failure {
  name?: string;
  code?: string;
  message?: string;
  $metadata?: { httpStatusCode?: number };
}

/** True when the server says that the object (or its multipart upload) does not exist. */
export function isMissing(error: unknown): boolean {
  return hasCode(error, "not_found");
}

/** Maps a failed call to an AppError; unknown errors are returned unchanged. */
export function translateS3(error: unknown): unknown {
  if (error instanceof AppError) return error;
  const { name = "", code, message, $metadata } = error as S3Failure;
  const status = $metadata?.httpStatusCode;
  const options = { cause: error };
  if (name === "NoSuchBucket") return storageError("no_bucket", {}, options);
  if (["NoSuchKey", "NoSuchUpload", "NotFound"].includes(name) || status === 404) {
    return storageError("object_missing", {}, options);
  }
  if (status === 412 || name === "ConditionalRequestConflict") {
    return storageError("exists", {}, options);
  }
  if (status === 416) return storageError("range_refused", {}, options);
  if (["InvalidPart", "InvalidPartOrder", "EntityTooSmall", "BadDigest"].includes(name)) {
    return storageError("refused", { answer: String(message) }, options);
  }
  if (status === 507 || isOutOfSpace(name, message)) return storageError("store_full", {}, options);
  if (status === 401 || status === 403) {
    return storageError("credentials_refused", { error: name }, options);
  }
  const away = status === undefined
    ? isConnectionFailure(name, code)
    : status >= 500 || status === 429 || status === 408;
  return away ? storageError("unavailable", {}, options) : error;
}

/** S3 has no code for a full disk: MinIO and Ceph have their own, gateways in front of a file system pass its message on. */
function isOutOfSpace(name: string, message = ""): boolean {
  return ["XMinioStorageFull", "QuotaExceeded", "InsufficientStorage"].includes(name) ||
    /no space left|disk quota exceeded/i.test(message);
}

const CONNECTION_FAILURE =
  /^(E(CONN(REFUSED|RESET|ABORTED)|TIMEDOUT|PIPE|HOSTUNREACH|NETUNREACH|NOTFOUND|AI_AGAIN))$/;

function isConnectionFailure(name: string, code?: string): boolean {
  return name === "TimeoutError" || (code !== undefined && CONNECTION_FAILURE.test(code));
}
