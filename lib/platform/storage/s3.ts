// Object storage on any S3 server with path-style addresses. Tested with Versity S3 Gateway and MinIO.
import type { Config } from "../config.ts";
import { storageError } from "./reasons.ts";
import type { BucketName, ListPage, ObjectHead, ObjectRef, OpenMultipart, Storage } from "./storage.ts";
import { canBegin, checkKey, encodeKey } from "./names.ts";
import { isMissing, openS3Client, type S3Client } from "./s3_client.ts";
import { abortParts, COMPLETE_TIMEOUT_MS, completeParts, putObject, putPart, startParts } from "./s3_put.ts";
import { getObject } from "./s3_get.ts";
import { bucketNames } from "./signed.ts";

const CHECK_TIMEOUT_MS = 3_000;
const LIST_LIMIT = 1000;
const MULTIPART_PAGES = 10;

interface Store {
  client: S3Client;
  names: Record<BucketName, string>;
  region: string;
  copyBytes: number;
}

/**
 * Opens the store at `S3_ENDPOINT`; nothing is sent before the first call. A server that is unreachable or failing
 * throws `unavailable`. `copyBytes` is the most that one copy request may move (5 GiB on S3).
 */
export function openS3Storage(
  config: Config,
  { copyBytes = 5 * 1024 ** 3 }: { copyBytes?: number } = {},
): Storage {
  const client = openS3Client(config);
  const names = bucketNames(config);
  const store = { client, names, region: config.S3_REGION, copyBytes };
  const at = (ref: ObjectRef) => locate(store, ref);
  return {
    kind: "s3",
    bucketName: (bucket) => names[bucket],
    prepare: async () => {
      for (const name of new Set(Object.values(names))) await makeBucket(store, name);
    },

    put: async (ref, body, options) => await putObject(client, at(ref), body, options),
    get: async (ref, range, signal) => await getObject(client, at(ref), range, signal),
    head: (ref) => head(store, ref),
    copy: (from, to) => copy(store, from, to),
    delete: async (ref) => void await client.call((s3, limits) => s3.deleteObject(at(ref), limits)),
    list: (bucket, prefix, options) => list(store, bucket, prefix, options),

    startMultipart: async (ref, contentType) => await startParts(client, at(ref), contentType),
    putPart: async (ref, UploadId, number, body) =>
      await putPart(client, { ...at(ref), UploadId }, number, body),
    completeMultipart: async (ref, UploadId, parts) =>
      await completeParts(client, { ...at(ref), UploadId }, parts),
    abortMultipart: async (ref, UploadId) => await abortParts(client, { ...at(ref), UploadId }),
    listMultipart: (bucket, prefix) => listUploads(store, bucket, prefix),

    signGet: async (ref, options) => await client.signGet(at(ref), options),
    signPut: async (ref, options) => await client.signPut(at(ref), options),

    check: () => check(store),
    close: async () => await client.close(),
  };
}

function locate({ names }: Store, ref: ObjectRef): { Bucket: string; Key: string } {
  checkKey(ref);
  return { Bucket: names[ref.bucket], Key: ref.key };
}

/** Several processes may create the bucket at once; it only matters that it exists in the end. */
async function makeBucket({ client, region }: Store, Bucket: string): Promise<void> {
  const exists = () => client.call((s3, limits) => s3.headBucket({ Bucket }, limits));
  if (await orUndefined(exists())) return;
  // S3 CreateBucket: the default region must be omitted, any other one must be given.
  const place = region === "us-east-1"
    ? {}
    : { CreateBucketConfiguration: { LocationConstraint: region as "eu-west-1" } };
  try {
    await client.call((s3, limits) => s3.createBucket({ Bucket, ...place }, limits));
  } catch (error) {
    if (!await orUndefined(exists())) throw error;
  }
}

async function head(store: Store, ref: ObjectRef): Promise<ObjectHead | undefined> {
  const target = locate(store, ref);
  const answer = await orUndefined(store.client.call((s3, limits) => s3.headObject(target, limits)));
  return answer && headOf(answer);
}

interface S3Head {
  ContentLength?: number;
  ContentType?: string;
  ETag?: string;
  LastModified?: Date;
}

function headOf({ ContentLength = 0, ContentType, ETag = "", LastModified }: S3Head): ObjectHead {
  return {
    bytes: ContentLength,
    contentType: ContentType ?? "application/octet-stream",
    etag: ETag,
    modifiedAt: LastModified ?? new Date(0),
  };
}

async function copy(store: Store, from: ObjectRef, to: ObjectRef): Promise<void> {
  const [source, target] = [locate(store, from), locate(store, to)];
  const found = await head(store, from);
  if (!found) throw storageError("source_missing");
  if (source.Bucket === target.Bucket && source.Key === target.Key) return;
  const CopySource = `${source.Bucket}/${encodeKey(source.Key)}`;
  if (found.bytes > store.copyBytes) return await copyInParts(store, CopySource, target, found);
  await store.client.call((s3, limits) => s3.copyObject({ ...target, CopySource }, limits), {
    timeoutMs: COMPLETE_TIMEOUT_MS,
  });
}

async function copyInParts(
  { client, copyBytes }: Store,
  CopySource: string,
  target: { Bucket: string; Key: string },
  { bytes, etag, contentType }: ObjectHead,
): Promise<void> {
  const upload = { ...target, UploadId: await startParts(client, target, contentType) };
  try {
    const parts = [];
    for (let start = 0, number = 1; start < bytes; start += copyBytes, number++) {
      const end = Math.min(start + copyBytes, bytes) - 1;
      const input = {
        ...upload,
        PartNumber: number,
        CopySource,
        CopySourceIfMatch: etag,
        CopySourceRange: `bytes=${start}-${end}`,
      };
      const { CopyPartResult } = await client.call((s3, limits) => s3.uploadPartCopy(input, limits), {
        timeoutMs: COMPLETE_TIMEOUT_MS,
      });
      parts.push({ number, etag: CopyPartResult!.ETag!, bytes: end - start + 1 });
    }
    await completeParts(client, upload, parts);
  } catch (error) {
    await abortParts(client, upload).catch(() => {});
    throw error;
  }
}

async function list(
  { client, names }: Store,
  bucket: BucketName,
  prefix: string,
  { cursor, limit = LIST_LIMIT }: { cursor?: string; limit?: number } = {},
): Promise<ListPage> {
  if (!canBegin(prefix)) return { objects: [], nextCursor: null };
  const input = {
    Bucket: names[bucket],
    Prefix: prefix,
    StartAfter: cursor,
    MaxKeys: Math.min(Math.max(1, limit), LIST_LIMIT),
  };
  const { Contents = [], IsTruncated } = await client.call((s3, limits) => s3.listObjectsV2(input, limits));
  const objects = Contents.map(({ Key, Size = 0, LastModified }) => ({
    key: Key!,
    bytes: Size,
    modifiedAt: LastModified ?? new Date(0),
  }));
  return { objects, nextCursor: IsTruncated ? objects.at(-1)?.key ?? null : null };
}

/** MinIO matches an upload by its whole key or by no prefix at all, so the prefix is filtered here. */
async function listUploads(
  { client, names }: Store,
  bucket: BucketName,
  prefix: string,
): Promise<OpenMultipart[]> {
  const found: OpenMultipart[] = [];
  let marker: { KeyMarker?: string; UploadIdMarker?: string } = {};
  for (let page = 0; page < MULTIPART_PAGES; page++) {
    const input = { Bucket: names[bucket], ...marker };
    const answer = await client.call((s3, limits) => s3.listMultipartUploads(input, limits));
    for (const { Key, UploadId, Initiated } of answer.Uploads ?? []) {
      if (Key?.startsWith(prefix)) {
        found.push({ key: Key, uploadId: UploadId!, startedAt: Initiated ?? new Date(0) });
      }
    }
    if (!answer.IsTruncated) break;
    marker = { KeyMarker: answer.NextKeyMarker, UploadIdMarker: answer.NextUploadIdMarker };
  }
  return found;
}

/** One quick request for each bucket, without retries. */
async function check({ client, names }: Store): Promise<void> {
  const looks = Object.values(names).map(async (Bucket) => {
    const options = { once: true, timeoutMs: CHECK_TIMEOUT_MS };
    const found = await orUndefined(client.call((s3, limits) => s3.headBucket({ Bucket }, limits), options));
    if (!found) throw storageError("bucket_missing", { bucket: Bucket });
  });
  await Promise.all(looks);
}

async function orUndefined<T>(running: Promise<T>): Promise<T | undefined> {
  try {
    return await running;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
