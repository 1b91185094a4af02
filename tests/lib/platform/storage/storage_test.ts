// The storage contract, held on every store: on files always, on S3 servers when the environment names them.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { loadConfig } from "../../../../lib/platform/config.ts";
import type { AppError, ErrorCode } from "../../../../lib/platform/errors.ts";
import { MIN_PART_BYTES, type ObjectRef, type Storage } from "../../../../lib/platform/storage/storage.ts";
import { openFileStorage, verifySignedUrl } from "../../../../lib/platform/storage/files.ts";
import { attachment } from "../../../../lib/platform/storage/names.ts";
import { openS3Storage } from "../../../../lib/platform/storage/s3.ts";
import { deleteBucket } from "../../../support/s3_bucket.ts";
import { until } from "../../../support/until.ts";

const MiB = 1024 * 1024;
const environment = loadConfig();
const run = crypto.randomUUID().slice(0, 8);

interface Store {
  storage: Storage;
  /** Sends a request to a signed URL, absolute or relative. */
  send(url: string, init?: RequestInit): Promise<Response>;
  /** Names of partly written temporary files. */
  leftovers(): Promise<string[]>;
  close(): Promise<void>;
}

interface StoreKind {
  store: string;
  /** Why this store is not tested here. */
  skip?: string;
  open(): Promise<Store>;
  /** Creates the buckets that all cases share. */
  prepare?(): Promise<void>;
  /** Deletes the buckets and their objects. */
  remove?(): Promise<void>;
}

const STORES: StoreKind[] = [
  { store: "files", open: openFiles },
  s3Store("S3_ENDPOINT", environment.S3_ENDPOINT),
  s3Store("AKASHI_TEST_S3_SECOND_ENDPOINT", Deno.env.get("AKASHI_TEST_S3_SECOND_ENDPOINT")),
];

Deno.test.beforeAll(async () => {
  for (const { prepare } of STORES) await prepare?.();
});
Deno.test.afterAll(async () => {
  for (const { remove } of STORES) await remove?.();
});

function s3Store(variable: string, endpoint?: string): StoreKind {
  if (!endpoint) {
    const skip = `${variable} is not set`;
    return { store: "S3", skip, open: () => Promise.reject(new Error(skip)) };
  }
  return {
    store: `S3 at ${endpoint}`,
    open: () => Promise.resolve(openS3(endpoint)),
    prepare: () => prepareBuckets(endpoint),
    remove: () => removeBuckets(endpoint),
  };
}

async function openFiles(): Promise<Store> {
  const folder = await Deno.makeTempDir({ prefix: "akashi-storage-" });
  const config = loadConfig({ APP_ENV: "test", AKASHI_DATA_DIR: folder });
  const storage = await openFileStorage(config);
  await storage.prepare();
  return {
    storage,
    send: (url, init) => serve(storage, config, new Request(new URL(url, "http://akashi.test"), init)),
    leftovers: () => namesIn(`${folder}/objects/.temp`),
    async close() {
      await storage.close();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

function openS3(endpoint: string): Store {
  // Small enough that the contract test uses multipart copy.
  const storage = openS3Storage(s3Config(endpoint), { copyBytes: 6 * MiB });
  return {
    storage,
    send: fetch,
    leftovers: () => Promise.resolve([]),
    close: () => storage.close(),
  };
}

async function prepareBuckets(endpoint: string): Promise<void> {
  const storage = openS3Storage(s3Config(endpoint));
  await storage.prepare();
  await storage.close();
}

async function removeBuckets(endpoint: string): Promise<void> {
  const config = s3Config(endpoint);
  const storage = openS3Storage(config);
  for (const bucket of ["originals", "proxies", "thumbnails"] as const) {
    for (const { key } of (await storage.list(bucket, "")).objects) await storage.delete({ bucket, key });
    await deleteBucket(config, storage.bucketName(bucket));
  }
  await storage.close();
}

function s3Config(endpoint: string) {
  return loadConfig({
    APP_ENV: "test",
    S3_ENDPOINT: endpoint,
    S3_REGION: environment.S3_REGION,
    S3_ACCESS_KEY_ID: environment.S3_ACCESS_KEY_ID ?? "unset",
    S3_SECRET_ACCESS_KEY: environment.S3_SECRET_ACCESS_KEY ?? "unset",
    S3_BUCKET_ORIGINALS: `akashi-test-${run}-originals`,
    S3_BUCKET_PROXIES: `akashi-test-${run}-proxies`,
    S3_BUCKET_THUMBNAILS: `akashi-test-${run}-thumbnails`,
  });
}

/** A minimal `/objects/…` handler, reduced to what the contract needs. */
async function serve(
  storage: Storage,
  config: ReturnType<typeof loadConfig>,
  request: Request,
): Promise<Response> {
  const access = verifySignedUrl(config, new URL(request.url), request.method);
  const type = request.headers.get("content-type") ?? undefined;
  if (!access || (request.method === "PUT" && access.contentType && access.contentType !== type)) {
    await request.body?.cancel();
    return new Response(null, { status: 403 });
  }
  if (request.method === "PUT") {
    await storage.put(access.ref, request.body ?? new Uint8Array(), {
      contentType: type ?? "application/octet-stream",
    });
    return new Response();
  }
  const object = await storage.get(access.ref);
  if (!object) return new Response(null, { status: 404 });
  return new Response(object.body, {
    headers: {
      "content-type": access.contentType ?? object.contentType,
      ...(access.downloadAs === undefined ? {} : { "content-disposition": attachment(access.downloadAs) }),
    },
  });
}

/** Declares a case for every store. Each run has a client of its own, and on files a folder of its own. */
function onEveryStore(name: string, run: (store: Store) => Promise<void>): void {
  for (const { store, skip, open } of STORES) {
    Deno.test({
      name: `${name} (on ${store}${skip ? `, skipped: ${skip}` : ""})`,
      ignore: skip !== undefined,
      // The SDK keeps idle sockets open; the file store must leave nothing open.
      sanitizeOps: store === "files",
      sanitizeResources: store === "files",
      async fn() {
        const opened = await open();
        try {
          await run(opened);
        } finally {
          await opened.close();
        }
      },
    });
  }
}

let keysMade = 0;

/** A key that no other case uses. */
function fresh(name = "file.bin"): ObjectRef {
  return { bucket: "originals", key: `t/2026/01/${++keysMade}/original/${name}` };
}

function putText(storage: Storage, ref: ObjectRef, body = "hello") {
  return storage.put(ref, new TextEncoder().encode(body), { contentType: "text/plain" });
}

async function assertNothingLeft({ storage, leftovers }: Store, ref: ObjectRef): Promise<void> {
  assert.equal(await storage.head(ref), undefined);
  assert.deepEqual(await storage.listMultipart(ref.bucket, ref.key), []);
  assert.deepEqual(await leftovers(), []);
}

onEveryStore(
  "prepare() does nothing when the buckets are there, also several at once",
  async ({ storage }) => {
    await Promise.all([storage.prepare(), storage.prepare(), storage.prepare()]);
    await storage.check();
  },
);

for (const bytes of [0, 1, 4 * MiB, 8 * MiB, 8 * MiB + 1, 21 * MiB + 12345]) {
  onEveryStore(
    `put() gives back ${bytes} bytes when the length is known and when it is not`,
    async ({ storage }) => {
      const data = pattern(bytes);
      for (const contentLength of [undefined, bytes]) {
        const ref = fresh("película ✓ (1)+&=%.mxf");
        const body = streamOf(data, 100_003);
        const stored = await storage.put(ref, body, { contentType: "application/mxf", contentLength });
        assert.deepEqual(stored, { bytes, sha256: sha256(data) });
        assert.equal((await storage.head(ref))?.bytes, bytes);
        const object = await storage.get(ref);
        assert.deepEqual(object?.range, { start: 0, end: bytes - 1 });
        assert.equal(sha256(await read(object!.body)), stored.sha256);
      }
    },
  );
}

onEveryStore("put() keeps every byte in its place when there are many parts", async ({ storage }) => {
  const ref = fresh();
  const data = pattern(61 * MiB);
  await storage.put(ref, streamOf(data, 1_000_003), { contentType: "a/b" });
  assert.equal(sha256(await read((await storage.get(ref))!.body)), sha256(data));
  await storage.delete(ref);
});

onEveryStore("put() takes bytes as they are and replaces what is there", async ({ storage }) => {
  const ref = fresh();
  await putText(storage, ref, "first");
  const before = await storage.head(ref);
  assert.equal(before?.contentType, "text/plain");
  assert.deepEqual(await storage.head(ref), before);
  assert.ok(Math.abs(before.modifiedAt.getTime() - Date.now()) < 60_000);
  await storage.put(ref, pattern(9 * MiB), { contentType: "video/mp4" });
  const after = await storage.head(ref);
  assert.deepEqual([after?.bytes, after?.contentType], [9 * MiB, "video/mp4"]);
  assert.notEqual(after?.etag, before.etag);
});

for (const bytes of [1000, 20 * MiB]) {
  onEveryStore(
    `put() of ${bytes} bytes leaves nothing when the length differs from the declared one`,
    async (store) => {
      const { storage } = store;
      for (const contentLength of [bytes - 1, bytes + 1, 1, 0, bytes * 2]) {
        const ref = fresh();
        const putting = storage.put(ref, streamOf(pattern(bytes), 65536), {
          contentType: "a/b",
          contentLength,
        });
        await rejects(putting, "invalid");
        await assertNothingLeft(store, ref);
      }
    },
  );

  onEveryStore(`put() of ${bytes} bytes leaves nothing when it is more than allowed`, async (store) => {
    const { storage } = store;
    const ref = fresh();
    let cancelled = false;
    const body = streamOf(pattern(bytes), 65536, () => cancelled = true);
    await rejects(storage.put(ref, body, { contentType: "a/b", maxBytes: bytes - 1 }), "too_large");
    assert.ok(cancelled || bytes < 65536);
    await assertNothingLeft(store, ref);
    const told = { contentType: "a/b", contentLength: bytes, maxBytes: bytes - 1 };
    await rejects(storage.put(ref, streamOf(pattern(bytes), 65536), told), "too_large");
    await storage.put(ref, streamOf(pattern(bytes), 65536), { contentType: "a/b", maxBytes: bytes });
    assert.equal((await storage.head(ref))?.bytes, bytes);
  });

  onEveryStore(`put() leaves nothing when the body breaks after ${bytes} bytes`, async (store) => {
    const { storage } = store;
    const ref = fresh();
    const body = streamOf(pattern(bytes), 65536, undefined, new Error("the line was cut"));
    await assert.rejects(storage.put(ref, body, { contentType: "a/b" }), /the line was cut/);
    await assertNothingLeft(store, ref);
  });

  onEveryStore(
    `put() stops at once when aborted while the body stalls after ${bytes} bytes`,
    async (store) => {
      const { storage } = store;
      const ref = fresh();
      const abort = new AbortController();
      let cancelled: unknown;
      const body = stallingAfter(pattern(bytes), (reason) => cancelled = reason);
      const putting = storage.put(ref, body, { contentType: "a/b", signal: abort.signal });
      setTimeout(() => abort.abort(new Error("enough")), 300);
      const start = performance.now();
      await assert.rejects(putting, /enough/);
      assert.ok(performance.now() - start < 3000);
      assert.match(String(cancelled), /enough/);
      await assertNothingLeft(store, ref);
    },
  );

  onEveryStore(
    `put() of ${bytes} bytes refuses to replace when it must not`,
    async ({ storage, leftovers }) => {
      const ref = fresh();
      const options = { contentType: "a/b", onlyIfAbsent: true };
      const tries = await Promise.allSettled([1, 2, 3].map(() => storage.put(ref, pattern(bytes), options)));
      const failures = tries.filter((one) => one.status === "rejected").map((one) => one.reason.code);
      assert.deepEqual(failures, ["conflict", "conflict"]);
      await rejects(storage.put(ref, pattern(5), { ...options, contentType: "c/d" }), "conflict");
      const head = await storage.head(ref);
      assert.deepEqual([head?.bytes, head?.contentType], [bytes, "a/b"]);
      assert.deepEqual(await storage.listMultipart(ref.bucket, ref.key), []);
      assert.deepEqual(await leftovers(), []);
    },
  );
}

onEveryStore("put() takes nothing when the signal was aborted before", async (store) => {
  const { storage } = store;
  const ref = fresh();
  const signal = AbortSignal.abort(new Error("before"));
  await assert.rejects(storage.put(ref, pattern(5), { contentType: "a/b", signal }), /before/);
  await assertNothingLeft(store, ref);
});

onEveryStore("put() refuses a content type that would not be one header line", async ({ storage }) => {
  for (const contentType of ["", "a/b\r\nx: y", "ü/b", "a".repeat(256)]) {
    await rejects(storage.put(fresh(), pattern(1), { contentType }), "invalid");
  }
});

onEveryStore("get() answers the range that was asked for", async ({ storage }) => {
  const ref = fresh();
  const data = pattern(2 * MiB);
  await storage.put(ref, data, { contentType: "video/mp4" });
  const cases = [[0, 0], [0, 99], [100, 199], [2 * MiB - 1, 2 * MiB - 1], [1000], [MiB, 9 * MiB], [
    300_000,
    900_001,
  ]];
  for (const [start, end] of cases as [number, number?][]) {
    const object = await storage.get(ref, { start, end });
    const last = Math.min(end ?? Infinity, data.length - 1);
    assert.deepEqual(object?.range, { start, end: last });
    assert.equal(object.bytes, data.length);
    assert.equal(sha256(await read(object.body)), sha256(data.subarray(start, last + 1)));
  }
  for (const [start, end] of [[2 * MiB], [2 * MiB, 3 * MiB], [5, 4], [-1], [1.5]] as [number, number?][]) {
    await rejects(storage.get(ref, { start, end }), "invalid");
  }
  const empty = fresh();
  await storage.put(empty, new Uint8Array(), { contentType: "a/b" });
  await rejects(storage.get(empty, { start: 0 }), "invalid");
});

onEveryStore("get() closes the file when the reader cancels", async ({ storage }) => {
  const ref = fresh();
  await storage.put(ref, pattern(12 * MiB), { contentType: "a/b" });
  for (let turn = 0; turn < 600; turn++) {
    const object = await storage.get(ref);
    const reader = object!.body.getReader();
    assert.ok((await reader.read()).value!.length > 0);
    await reader.cancel();
  }
  await (await storage.get(ref))!.body.cancel();
  assert.equal((await read((await storage.get(ref))!.body)).length, 12 * MiB);
});

onEveryStore("get() breaks off when aborted", async ({ storage }) => {
  const ref = fresh();
  await storage.put(ref, pattern(12 * MiB), { contentType: "a/b" });
  const abort = new AbortController();
  const reader = (await storage.get(ref, undefined, abort.signal))!.body.getReader();
  await reader.read();
  abort.abort(new Error("gone away"));
  await assert.rejects(async () => {
    while (!(await reader.read()).done);
  }, /gone away/);
  await assert.rejects(storage.get(ref, undefined, abort.signal), /gone away/);
});

onEveryStore("get(), head() and delete() do not throw for a missing object", async (store) => {
  const { storage } = store;
  const ref = fresh();
  await putText(storage, ref);
  for (const key of [`${ref.key}x`, `${ref.key}/below`, "t/2026", "t/2026/01"]) {
    const missing = { ...ref, key };
    assert.equal(await storage.get(missing), undefined);
    assert.equal(await storage.get(missing, { start: 0, end: 5 }), undefined);
    assert.equal(await storage.head(missing), undefined);
    await storage.delete(missing);
  }
  assert.equal((await storage.head(ref))?.bytes, 5);
  await storage.delete(ref);
  await storage.delete(ref);
  await assertNothingLeft(store, ref);
});

onEveryStore("every verb rejects an invalid key", async ({ storage }) => {
  const long = "x".repeat(256);
  const bad = [
    "",
    "/",
    "/etc/passwd",
    "a//b",
    "a/",
    ".",
    "..",
    "../../x",
    "a/../../x",
    "a/./b",
    "a\0b",
    "a\\..\\b",
    "\ud800",
  ];
  for (const key of [...bad, long, `${"x/".repeat(600)}x`, "a\nb"]) {
    const ref: ObjectRef = { bucket: "originals", key };
    const good = fresh();
    const upload = "00000000-0000-0000-0000-000000000000";
    const attempts: (() => Promise<unknown>)[] = [
      () => putText(storage, ref),
      () => storage.get(ref),
      () => storage.head(ref),
      () => storage.delete(ref),
      () => storage.copy(ref, good),
      () => storage.copy(good, ref),
      () => storage.startMultipart(ref, "a/b"),
      () => storage.signGet(ref, { expiresSeconds: 60 }),
      () => storage.signPut(ref, { expiresSeconds: 60 }),
    ];
    for (const attempt of attempts) {
      await rejects(attempt(), "invalid", `${attempt} with ${JSON.stringify(key)}`);
    }
    await assert.rejects(storage.putPart(ref, upload, 1, pattern(1)), { name: "AppError" });
  }
  assert.deepEqual((await storage.list("originals", "../../")).objects, []);
  assert.deepEqual((await storage.list("originals", "t/../../")).objects, []);
  assert.deepEqual((await storage.list("originals", "/")).objects, []);
});

onEveryStore(
  "copy() brings bytes and type across buckets, small and large",
  async ({ storage, leftovers }) => {
    for (const bytes of [10, 20 * MiB]) {
      const from = fresh("käse (1).mov");
      const to: ObjectRef = { bucket: "proxies", key: from.key };
      const data = pattern(bytes);
      await storage.put(from, data, { contentType: "video/quicktime" });
      await storage.copy(from, to);
      await storage.copy(to, to);
      await storage.delete(from);
      assert.equal((await storage.head(to))?.contentType, "video/quicktime");
      assert.equal(sha256(await read((await storage.get(to))!.body)), sha256(data));
      await storage.delete(to);
    }
    await rejects(storage.copy(fresh(), fresh()), "not_found");
    assert.deepEqual(await leftovers(), []);
  },
);

onEveryStore("list() shows pages in the order of keys", async ({ storage }) => {
  const keys = ["l/a", "l/a-b", "l/a.b/1", "l/a.b/2", "l/a0", "l/b/c/d", "l/b/c0", "l/é", "l/z"];
  for (const key of keys.toReversed()) await putText(storage, { bucket: "thumbnails", key });
  const whole = await storage.list("thumbnails", "l/");
  assert.deepEqual(whole.objects.map((object) => object.key), keys.toSorted(byBytes));
  assert.deepEqual([whole.nextCursor, whole.objects[0]?.bytes], [null, 5]);
  assert.ok(Math.abs(whole.objects[0]!.modifiedAt.getTime() - Date.now()) < 60_000);

  for (const limit of [1, 2, 3, 8, 9]) {
    const seen: string[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < 20; page++) {
      const { objects, nextCursor } = await storage.list("thumbnails", "l/", { cursor, limit });
      assert.ok(objects.length <= limit);
      seen.push(...objects.map((object) => object.key));
      if (nextCursor === null) break;
      cursor = nextCursor;
    }
    assert.deepEqual(seen, keys.toSorted(byBytes));
  }
  const below = async (prefix: string) =>
    (await storage.list("thumbnails", prefix)).objects.map(({ key }) => key);
  assert.deepEqual(await below("l/a.b/"), ["l/a.b/1", "l/a.b/2"]);
  assert.deepEqual(await below("l/b/c"), ["l/b/c/d", "l/b/c0"].toSorted(byBytes));
  assert.deepEqual(await below("nothing/"), []);
  assert.deepEqual(await below("l/b/c/d/e"), []);
  for (const key of keys) await storage.delete({ bucket: "thumbnails", key });
  assert.deepEqual(await below(""), []);
});

onEveryStore(
  "completeMultipart() joins parts by number, in whatever order they came",
  async ({ storage, leftovers }) => {
    const pieces = [pattern(5 * MiB, 1), pattern(6 * MiB, 2), pattern(5 * MiB, 3), pattern(77, 4)];
    const expected = sha256(...pieces);
    for (const order of [[1, 2, 3, 4], [4, 3, 2, 1], [1, 3, 2, 4], [2, 1, 4, 3], [1, 2, 2, 3, 4, 4]]) {
      const ref = fresh();
      const upload = await storage.startMultipart(ref, "video/mp4");
      const parts = new Map();
      for (const number of order) {
        const part = await storage.putPart(ref, upload, number, pieces[number - 1]!);
        assert.deepEqual([part.number, part.bytes], [number, pieces[number - 1]!.length]);
        parts.set(number, part);
      }
      assert.equal(await storage.head(ref), undefined);
      await storage.completeMultipart(ref, upload, [...parts.values()]);
      const object = await storage.get(ref);
      assert.equal(object?.contentType, "video/mp4");
      assert.equal(sha256(await read(object.body)), expected);
      assert.deepEqual(await storage.listMultipart(ref.bucket, ref.key), []);
      assert.deepEqual(await leftovers(), []);
    }
  },
);

onEveryStore(
  "completeMultipart() uses the last of several parts with one number, and leaves others out",
  async ({ storage, leftovers }) => {
    const ref = fresh();
    const upload = await storage.startMultipart(ref, "a/b");
    await storage.putPart(ref, upload, 1, pattern(5 * MiB, 1));
    const second = await storage.putPart(ref, upload, 2, pattern(5 * MiB, 2));
    const first = await storage.putPart(ref, upload, 1, pattern(6 * MiB, 9));
    await storage.putPart(ref, upload, 3, pattern(5 * MiB, 3));
    const [fourth, fifth] = await Promise.all([
      storage.putPart(ref, upload, 4, pattern(5 * MiB, 4)),
      storage.putPart(ref, upload, 5, pattern(5, 5)),
    ]);
    await storage.completeMultipart(ref, upload, [fifth, first, second, fourth]);
    const whole = sha256(pattern(6 * MiB, 9), pattern(5 * MiB, 2), pattern(5 * MiB, 4), pattern(5, 5));
    assert.equal(sha256(await read((await storage.get(ref))!.body)), whole);
    assert.deepEqual(await leftovers(), []);
  },
);

onEveryStore("completeMultipart() refuses parts that are not the stored ones", async ({ storage }) => {
  const ref = fresh();
  const upload = await storage.startMultipart(ref, "a/b");
  const small = await storage.putPart(ref, upload, 1, pattern(MIN_PART_BYTES - 1, 1));
  const last = await storage.putPart(ref, upload, 2, pattern(10, 2));
  const wrong = { ...last, etag: small.etag };
  for (const parts of [[small, last], [wrong], [{ ...last, number: 7 }], []]) {
    await rejects(storage.completeMultipart(ref, upload, parts), "invalid");
  }
  assert.equal(await storage.head(ref), undefined);
  await storage.completeMultipart(ref, upload, [small]);
  assert.equal((await storage.head(ref))?.bytes, MIN_PART_BYTES - 1);
  await rejects(storage.putPart(ref, upload, 3, pattern(5)), "not_found");
});

onEveryStore("completeMultipart() is idempotent", async ({ storage }) => {
  const ref = fresh();
  const upload = await storage.startMultipart(ref, "a/b");
  const last = await storage.putPart(ref, upload, 2, pattern(10, 2));
  await storage.completeMultipart(ref, upload, [last]);
  assert.equal((await storage.head(ref))?.bytes, 10);
  // A client that lost the response retries.
  await storage.completeMultipart(ref, upload, [last]);
  await rejects(storage.putPart(ref, upload, 3, pattern(5)), "not_found");
});

onEveryStore("abortMultipart() discards the parts and is idempotent", async (store) => {
  const { storage } = store;
  const ref = fresh();
  const upload = await storage.startMultipart(ref, "a/b");
  const part = await storage.putPart(ref, upload, 1, pattern(100));
  const [open, ...others] = await storage.listMultipart(ref.bucket, ref.key);
  assert.deepEqual([open?.key, open?.uploadId, others], [ref.key, upload, []]);
  assert.ok(Math.abs(open!.startedAt.getTime() - Date.now()) < 60_000);
  for (const prefix of ["", "t/2026/"]) {
    const seen = await storage.listMultipart(ref.bucket, prefix);
    assert.ok(seen.some(({ uploadId }) => uploadId === upload), `prefix "${prefix}"`);
  }
  assert.deepEqual(await storage.listMultipart("proxies", ""), []);
  const elsewhere = { ...ref, key: `${ref.key}x` };
  await rejects(storage.putPart(elsewhere, upload, 1, pattern(5)), "not_found");
  await storage.abortMultipart(ref, upload);
  await storage.abortMultipart(ref, upload);
  await rejects(storage.putPart(ref, upload, 2, pattern(5)), "not_found");
  await rejects(storage.completeMultipart(ref, upload, [part]), "not_found");
  await assertNothingLeft(store, ref);
});

onEveryStore(
  "signGet() grants reading under another name and type, and nothing else",
  async ({ storage, send }) => {
    const ref = fresh("señal+1 & 2.mp4");
    await putText(storage, ref);
    const plain = await send(await storage.signGet(ref, { expiresSeconds: 60 }));
    assert.deepEqual([plain.status, await plain.text()], [200, "hello"]);
    const options = { expiresSeconds: 60, downloadAs: 'a "b" ü.mp4', contentType: "video/mp4" };
    const url = await storage.signGet(ref, options);
    const answer = await send(url);
    assert.equal(await answer.text(), "hello");
    assert.equal(answer.headers.get("content-type"), "video/mp4");
    const disposition = answer.headers.get("content-disposition");
    assert.equal(
      disposition,
      `attachment; filename="a _b_ u.mp4"; filename*=UTF-8''a%20%22b%22%20%C3%BC.mp4`,
    );

    const other = fresh("other.mp4");
    await putText(storage, other, "secret");
    const target = new URL(url, "http://akashi.test");
    const swaps: [string, string][] = [
      [`${ref.key.split("/")[3]}/original/`, `${other.key.split("/")[3]}/original/`],
      ["mp4%22", "exe%22"],
      ["video%2Fmp4", "text%2Fhtml"],
      ["originals", "proxies"],
    ];
    for (const [from, to] of swaps) {
      const changed = target.href.replace(from, to);
      if (changed !== target.href) assert.equal(await statusOf(send(changed)), 403, changed);
    }
    assert.equal(await statusOf(send(url, { method: "PUT", body: "overwritten" })), 403);
    assert.equal(await statusOf(send(url.replace(/ignature=...../, "ignature=00000"))), 403);
    assert.equal(await statusOf(send(url.split("?")[0]!)), 403);
    assert.equal((await storage.head(ref))?.bytes, 5);
  },
);

onEveryStore("signPut() grants PUT on this object with this type", async ({ storage, send }) => {
  const ref = fresh("up.mov");
  const url = await storage.signPut(ref, { expiresSeconds: 60, contentType: "video/quicktime" });
  const put = (type: string) =>
    statusOf(send(url, { method: "PUT", body: "movie", headers: { "content-type": type } }));
  assert.equal(await put("text/html"), 403);
  assert.equal(await storage.head(ref), undefined);
  assert.equal(await put("video/quicktime"), 200);
  const head = await storage.head(ref);
  assert.deepEqual([head?.bytes, head?.contentType], [5, "video/quicktime"]);
  assert.ok([400, 403].includes(await statusOf(send(url))));
  const free = fresh();
  assert.equal(
    await statusOf(
      send(await storage.signPut(free, { expiresSeconds: 60 }), { method: "PUT", body: pattern(6 * MiB) }),
    ),
    200,
  );
  assert.equal((await storage.head(free))?.bytes, 6 * MiB);
});

onEveryStore("a signed URL expires", async ({ storage, send }) => {
  const ref = fresh();
  await putText(storage, ref);
  const url = await storage.signGet(ref, { expiresSeconds: 1 });
  await new Promise((resolve) => setTimeout(resolve, 2100));
  assert.equal(await statusOf(send(url)), 403);
  for (const expiresSeconds of [0, -1, 1.5, 7 * 86400 + 1, NaN]) {
    await rejects(storage.signGet(ref, { expiresSeconds }), "invalid");
  }
});

Deno.test("openFileStorage() keeps objects, types and open uploads when opened again", async () => {
  const folder = await Deno.makeTempDir({ prefix: "akashi-storage-" });
  const config = loadConfig({ APP_ENV: "test", AKASHI_DATA_DIR: folder });
  try {
    const first = await openFileStorage(config);
    await first.prepare();
    const ref: ObjectRef = { bucket: "originals", key: "t/a.mov" };
    await first.put(ref, pattern(10), { contentType: "video/quicktime" });
    const upload = await first.startMultipart({ ...ref, key: "t/b.mov" }, "a/b");
    await first.close();

    const old = new Date(Date.now() - 2 * 86400_000);
    for (
      const path of [".temp/killed", ".multipart/killed/data"].map((name) => `${folder}/objects/${name}`)
    ) {
      await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
      await Deno.writeTextFile(path, "half");
      await Deno.utime(path, old, old);
    }
    await Deno.utime(`${folder}/objects/.multipart/killed`, old, old);
    await Deno.utime(`${folder}/objects/.multipart/${upload}`, old, old);
    await Deno.writeTextFile(`${folder}/objects/.temp/running`, "half");

    const second = await openFileStorage(config);
    await second.prepare();
    assert.equal((await second.head(ref))?.contentType, "video/quicktime");
    assert.deepEqual(await namesIn(`${folder}/objects/.temp`), ["running"]);
    assert.deepEqual(await namesIn(`${folder}/objects/.multipart`), [upload]);
    await second.delete(ref);
    assert.deepEqual(await namesIn(`${folder}/objects/akashi-originals`), []);
    assert.deepEqual(await namesIn(`${folder}/objects/.types/akashi-originals`), []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("put() on files refuses with conflict when a folder stands where the object should", async () => {
  const folder = await Deno.makeTempDir({ prefix: "akashi-storage-" });
  const storage = await openFileStorage(loadConfig({ APP_ENV: "test", AKASHI_DATA_DIR: folder }));
  try {
    await storage.prepare();
    const put = (key: string) =>
      storage.put({ bucket: "originals", key }, pattern(1), { contentType: "a/b" });
    await put("a/b/c");
    for (const key of ["a/b", "a", "a/b/c/d", "a/b/c/d/e"]) await rejects(put(key), "conflict");
    assert.deepEqual(await namesIn(`${folder}/objects/.temp`), []);
    await Promise.all(Array.from({ length: 40 }, async (_, turn) => {
      await put(`busy/folder/${turn}`);
      await storage.delete({ bucket: "originals", key: `busy/folder/${turn}` });
    }));
    assert.equal((await storage.list("originals", "busy/")).objects.length, 0);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("check() on files throws unavailable when the folder is gone", async () => {
  const storage = await openFileStorage(
    loadConfig({ APP_ENV: "test", AKASHI_DATA_DIR: "/nonexistent/akashi" }),
  );
  await rejects(storage.check(), "unavailable");
});

Deno.test("verifySignedUrl() rejects a foreign signature, an expired URL and an invalid path", async () => {
  const config = (secret: string) => loadConfig({ APP_ENV: "test", AKASHI_SECRET: secret.repeat(40) });
  let now = Date.now();
  const clock = { now: () => now };
  const storage = await openFileStorage(config("a"), clock);
  const ref: ObjectRef = { bucket: "originals", key: "t/ä b.mov" };
  const url = new URL(
    await storage.signGet(ref, { expiresSeconds: 60, downloadAs: "x" }),
    "http://akashi.test",
  );
  const verify = (change: (url: URL) => void = () => {}, method = "GET", secret = "a") => {
    const changed = new URL(url);
    change(changed);
    return verifySignedUrl(config(secret), changed, method, clock);
  };
  assert.deepEqual(verify(), { ref, downloadAs: "x", contentType: undefined });
  assert.deepEqual(verify(undefined, "HEAD")?.ref, ref);
  assert.equal(verify(undefined, "GET", "b"), undefined);
  assert.equal(verify(undefined, "PUT"), undefined);
  assert.equal(verify((url) => url.searchParams.set("method", "PUT"), "PUT"), undefined);
  assert.equal(verify((url) => url.searchParams.set("expires", "99999999999")), undefined);
  assert.equal(verify((url) => url.searchParams.delete("download")), undefined);
  assert.equal(verify((url) => url.searchParams.set("type", "text/html")), undefined);
  assert.equal(verify((url) => url.searchParams.set("signature", "")), undefined);
  for (
    const path of ["/objects/", "/objects/akashi-originals/%zz", "/objects/akashi-originals/%2Fetc", "/other"]
  ) {
    assert.equal(verify((url) => url.pathname = path), undefined);
  }
  now += 59_000;
  assert.ok(verify());
  now += 1_000;
  assert.equal(verify(), undefined);
});

const ref: ObjectRef = { bucket: "originals", key: "t/x" };
const everyCall: [string, (storage: Storage) => Promise<unknown>][] = [
  ["get()", (storage) => storage.get(ref)],
  ["head()", (storage) => storage.head(ref)],
  ["put()", (storage) => storage.put(ref, pattern(5), { contentType: "a/b" })],
  ["list()", (storage) => storage.list("originals", "")],
  ["startMultipart()", (storage) => storage.startMultipart(ref, "a/b")],
  ["prepare()", (storage) => storage.prepare()],
  ["check()", (storage) => storage.check()],
];

Deno.test("S3 calls throw unavailable within seconds without a server", async () => {
  await fails("http://127.0.0.1:1", everyCall, 3000);
});

Deno.test("S3 calls throw unavailable when the server is in trouble", async () => {
  for (const status of [500, 503, 403]) {
    const server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen() {} },
      () => new Response(null, { status }),
    );
    await fails(`http://127.0.0.1:${server.addr.port}`, everyCall, 5000);
    await server.shutdown();
  }
});

Deno.test("S3 check() throws unavailable within three seconds when the server takes the connection and is silent", async () => {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const connections: Deno.Conn[] = [];
  const accepting = (async () => {
    for await (const connection of listener) connections.push(connection);
  })();
  await fails(`http://127.0.0.1:${listener.addr.port}`, everyCall.slice(-1), 3500);
  listener.close();
  await accepting;
  for (const connection of connections) connection.close();
});

Deno.test("S3 get() hangs up on the server when its reader cancels or the signal aborts", async () => {
  let open = 0;
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, () => {
    open++;
    const endless = new ReadableStream({
      async pull(controller) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        controller.enqueue(pattern(65536));
      },
      cancel: () => void open--,
    });
    return new Response(endless);
  });
  const storage = openS3Storage(s3Config(`http://127.0.0.1:${server.addr.port}`));
  const abort = new AbortController();
  const [left, right] = [await storage.get(ref), await storage.get(ref, undefined, abort.signal)];
  assert.equal(open, 2);
  await left!.body.cancel();
  const reader = right!.body.getReader();
  await reader.read();
  abort.abort();
  await until("it hung up on both", () => open === 0);
  await assert.rejects(reader.read(), { name: "AbortError" });
  await storage.close();
  await server.shutdown();
});

Deno.test("S3 get() aborts while the server is silent, after its request was garbage collected", async () => {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, () => {
    return new Response(new ReadableStream({ start: (controller) => controller.enqueue(pattern(9)) }));
  });
  const storage = openS3Storage(s3Config(`http://127.0.0.1:${server.addr.port}`));
  const abort = new AbortController();
  const reader = (await storage.get(ref, undefined, abort.signal))!.body.getReader();
  await reader.read();
  const reading = assert.rejects(reader.read(), /gone away/);
  let collected = false;
  const registry = new FinalizationRegistry(() => collected = true);
  registry.register({}, undefined);
  while (!collected) {
    Array.from({ length: 100_000 }, () => ({}));
    await new Promise((resolve) => setTimeout(resolve));
  }
  abort.abort(new Error("gone away"));
  await reading;
  await storage.close();
  await server.shutdown();
});

Deno.test("S3 get() fails in the middle when the server breaks off", async () => {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const answering = (async () => {
    using connection = await listener.accept();
    await connection.read(new Uint8Array(65536));
    await connection.write(
      new TextEncoder().encode("HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\nonly this"),
    );
  })();
  const storage = openS3Storage(s3Config(`http://127.0.0.1:${listener.addr.port}`));
  const object = await storage.get(ref);
  await rejects(read(object!.body), "unavailable");
  await answering;
  await storage.close();
  listener.close();
});

async function fails(endpoint: string, calls: typeof everyCall, withinMs: number): Promise<void> {
  const storage = openS3Storage(s3Config(endpoint));
  for (const [name, call] of calls) {
    const start = performance.now();
    await rejects(call(storage), "unavailable", name);
    assert.ok(performance.now() - start < withinMs, `${name} took ${performance.now() - start} ms`);
  }
  await storage.close();
}

async function rejects(running: Promise<unknown>, code: ErrorCode, message?: string): Promise<void> {
  await assert.rejects(running, (error: AppError) => {
    assert.equal(error.code, code, `${message ?? ""} ${error.stack}`);
    return true;
  }, message);
}

async function statusOf(answering: Promise<Response>): Promise<number> {
  const answer = await answering;
  await answer.body?.cancel();
  return answer.status;
}

/** Bytes that differ everywhere, so that mixed-up blocks are detected. */
function pattern(bytes: number, seed = 0): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(bytes);
  let state = 0x9e3779b9 ^ seed;
  for (let index = 0; index < bytes; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    data[index] = state >>> 24;
  }
  return data;
}

function streamOf(
  data: Uint8Array,
  chunk: number,
  onCancel?: () => void,
  failure?: Error,
): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at < data.length) {
        controller.enqueue(data.slice(at, at += chunk));
      } else if (failure) controller.error(failure);
      else controller.close();
    },
    cancel: onCancel,
  }, { highWaterMark: 0 });
}

function stallingAfter(data: Uint8Array, onCancel: (reason: unknown) => void): ReadableStream<Uint8Array> {
  return new ReadableStream({ start: (controller) => controller.enqueue(data), cancel: onCancel });
}

async function read(body: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  return new Uint8Array(await new Response(body as ReadableStream<Uint8Array<ArrayBuffer>>).arrayBuffer());
}

function sha256(...pieces: Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const piece of pieces) hash.update(piece);
  return hash.digest("hex");
}

function byBytes(a: string, b: string): number {
  const [left, right] = [new TextEncoder().encode(a).toHex(), new TextEncoder().encode(b).toHex()];
  return left < right ? -1 : 1;
}

async function namesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const entry of Deno.readDir(folder)) names.push(entry.name);
  return names.toSorted();
}
