// Object storage: one interface over S3 and over files. Keys are `/`-separated and generated, never user input.

export type BucketName = "originals" | "proxies" | "thumbnails";

export interface ObjectRef {
  bucket: BucketName;
  key: string;
}

export interface PutOptions {
  contentType: string;
  /** Length in bytes, when known. A body of another length is rejected and leaves nothing behind. */
  contentLength?: number;
  /** Throws `conflict` when the object already exists. */
  onlyIfAbsent?: boolean;
  /** Throws `too_large` as soon as the body is longer; leaves nothing behind. */
  maxBytes?: number;
  signal?: AbortSignal;
}

export interface StoredObject {
  bytes: number;
  /** Lower-case hex, computed while storing. */
  sha256: string;
}

export interface ObjectHead {
  bytes: number;
  contentType: string;
  etag: string;
  modifiedAt: Date;
}

/** First and last byte, inclusive as in HTTP; without `end` to the end of the object. */
export interface ByteRange {
  start: number;
  end?: number;
}

export interface ObjectBody extends ObjectHead {
  body: ReadableStream<Uint8Array>;
  /** The range of the object in `body`: inclusive, within 0 … bytes - 1. */
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
  /** File name for the browser's download; makes the response an attachment. */
  downloadAs?: string;
  contentType?: string;
}

export interface SignPutOptions {
  expiresSeconds: number;
  contentType?: string;
}

export interface Storage {
  readonly kind: "s3" | "files";
  /** The bucket's configured name (`akashi-originals`). */
  bucketName(bucket: BucketName): string;
  /** Creates missing buckets. */
  prepare(): Promise<void>;

  /**
   * Stores a body of any length in constant memory, hashing it on the way. Atomic: readers see the whole object or
   * none.
   */
  put(
    ref: ObjectRef,
    body: ReadableStream<Uint8Array> | Uint8Array,
    options: PutOptions,
  ): Promise<StoredObject>;
  /** Undefined when the object does not exist. Throws `invalid` for a range outside it. */
  get(ref: ObjectRef, range?: ByteRange, signal?: AbortSignal): Promise<ObjectBody | undefined>;
  head(ref: ObjectRef): Promise<ObjectHead | undefined>;
  /** Throws `not_found` when the source is missing. */
  copy(from: ObjectRef, to: ObjectRef): Promise<void>;
  /** Idempotent: deleting a missing object succeeds. */
  delete(ref: ObjectRef): Promise<void>;
  list(bucket: BucketName, prefix: string, options?: { cursor?: string; limit?: number }): Promise<ListPage>;

  /** Parts have at least `MIN_PART_BYTES`, except the last one; they are kept until completed or aborted. */
  startMultipart(ref: ObjectRef, contentType: string): Promise<string>;
  putPart(ref: ObjectRef, uploadId: string, number: number, body: Uint8Array): Promise<UploadedPart>;
  completeMultipart(ref: ObjectRef, uploadId: string, parts: UploadedPart[]): Promise<void>;
  /** Idempotent: aborting an upload that does not exist succeeds. */
  abortMultipart(ref: ObjectRef, uploadId: string): Promise<void>;
  listMultipart(bucket: BucketName, prefix: string): Promise<OpenMultipart[]>;

  /** A URL that grants reading this object for a limited time. Absolute on S3, `/objects/…` on files. */
  signGet(ref: ObjectRef, options: SignGetOptions): Promise<string>;
  /** A URL that grants PUT on this object, any number of times, for a limited time. */
  signPut(ref: ObjectRef, options: SignPutOptions): Promise<string>;

  /** Throws when the store cannot be used right now. */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** Minimum size of every part but the last, as in S3. */
export const MIN_PART_BYTES = 5 * 1024 * 1024;
