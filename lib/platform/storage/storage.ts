// Where objects lie: the same few words over S3 and over files. Keys are `/`-separated and made by us, never by people.

export type BucketName = "originals" | "proxies" | "thumbnails";

export interface ObjectRef {
  bucket: BucketName;
  key: string;
}

export interface PutOptions {
  contentType: string;
  /** Bytes, when known beforehand. A body that turns out otherwise is refused and leaves nothing behind. */
  contentLength?: number;
  /** Refuses with `conflict` when the object is there already. */
  onlyIfAbsent?: boolean;
  /** Refuses with `too_large` as soon as the body is longer; nothing is left behind. */
  maxBytes?: number;
  signal?: AbortSignal;
}

export interface StoredObject {
  bytes: number;
  /** Lower-case hex of what was stored, computed on the way. */
  sha256: string;
}

export interface ObjectHead {
  bytes: number;
  contentType: string;
  etag: string;
  modifiedAt: Date;
}

/** Inclusive first and last byte, as in HTTP; `end` may be left out. */
export interface ByteRange {
  start: number;
  end?: number;
}

export interface ObjectBody extends ObjectHead {
  body: ReadableStream<Uint8Array>;
  /** What `body` holds of the object: inclusive, within 0 … bytes - 1. */
  range: { start: number; end: number };
}

export interface ListedObject {
  key: string;
  bytes: number;
  modifiedAt: Date;
}

export interface ListPage {
  objects: ListedObject[];
  nextCursor: string | null;
}

/** One part of a multipart upload; numbers count from 1. */
export interface UploadedPart {
  number: number;
  etag: string;
  bytes: number;
}

export interface OpenMultipart {
  key: string;
  uploadId: string;
  startedAt: Date;
}

export interface SignGetOptions {
  expiresSeconds: number;
  /** Name under which a browser saves it; makes the answer an attachment. */
  downloadAs?: string;
  contentType?: string;
}

export interface SignPutOptions {
  expiresSeconds: number;
  contentType?: string;
}

export interface Storage {
  readonly kind: "s3" | "files";
  /** The bucket's name outside (`akashi-originals`). */
  bucketName(bucket: BucketName): string;
  /** Makes the buckets when they are missing. */
  prepare(): Promise<void>;

  /** Stores a body of any length in flat memory, hashing it on the way. Atomic: readers see all of it or nothing. */
  put(
    ref: ObjectRef,
    body: ReadableStream<Uint8Array> | Uint8Array,
    options: PutOptions,
  ): Promise<StoredObject>;
  /** Undefined when there is no such object. Throws `invalid` for a range outside of it. */
  get(ref: ObjectRef, range?: ByteRange, signal?: AbortSignal): Promise<ObjectBody | undefined>;
  head(ref: ObjectRef): Promise<ObjectHead | undefined>;
  /** Throws `not_found` when the source is missing. */
  copy(from: ObjectRef, to: ObjectRef): Promise<void>;
  /** Deleting what is not there is fine. */
  delete(ref: ObjectRef): Promise<void>;
  list(bucket: BucketName, prefix: string, options?: { cursor?: string; limit?: number }): Promise<ListPage>;

  /** Parts of at least `MIN_PART_BYTES` but the last, kept until completed or aborted. */
  startMultipart(ref: ObjectRef, contentType: string): Promise<string>;
  putPart(ref: ObjectRef, uploadId: string, number: number, body: Uint8Array): Promise<UploadedPart>;
  completeMultipart(ref: ObjectRef, uploadId: string, parts: UploadedPart[]): Promise<void>;
  /** Aborting what is not there is fine. */
  abortMultipart(ref: ObjectRef, uploadId: string): Promise<void>;
  listMultipart(bucket: BucketName, prefix: string): Promise<OpenMultipart[]>;

  /** A URL that reads this object for a while without any other right. Absolute on S3, `/objects/…` on files. */
  signGet(ref: ObjectRef, options: SignGetOptions): Promise<string>;
  /** A URL to which this object may be PUT once or more for a while. */
  signPut(ref: ObjectRef, options: SignPutOptions): Promise<string>;

  /** Throws when the store cannot be used right now. */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** What S3 demands of every part but the last. */
export const MIN_PART_BYTES = 5 * 1024 * 1024;
