import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { resumeChecksum } from "../../../../lib/library/uploads/checksum.ts";
import { sweepUploads } from "../../../../lib/library/uploads/discard.ts";
import { tinyPng } from "../../../support/media.ts";
import { readMetric } from "../../../support/metrics.ts";
import { type Client, openTestServer } from "../../../support/server.ts";
import { until } from "../../../support/until.ts";

const MIB = 1024 * 1024;
const b64 = (text: string) => new TextEncoder().encode(text).toBase64();

function tus(client: Client) {
  const headers = { "Tus-Resumable": "1.0.0" };
  return {
    create: (length: number | string, metadata: Record<string, string>) =>
      client.fetch("/api/v1/uploads", {
        method: "POST",
        headers: {
          ...headers,
          "Upload-Length": String(length),
          "Upload-Metadata": Object.entries(metadata).map(([key, value]) => `${key} ${b64(value)}`).join(","),
        },
      }),
    append: (path: string, offset: number, body: BodyInit) =>
      client.fetch(path, {
        method: "PATCH",
        body,
        headers: {
          ...headers,
          "Upload-Offset": String(offset),
          "Content-Type": "application/offset+octet-stream",
        },
      }),
    head: (path: string) => client.fetch(path, { method: "HEAD", headers }),
    end: (path: string) => client.fetch(path, { method: "DELETE", headers }),
  };
}

Deno.test("uploads", async (t) => {
  const server = await openTestServer();
  const client = await server.client();
  const { create, append, head, end } = tus(client);
  const begin = async (length: number, metadata: Record<string, string> = { filename: "a.bin" }) => {
    const response = await create(length, metadata);
    assert.equal(response.status, 201, await response.text());
    return response.headers.get("Location")!;
  };
  const offsetOf = async (path: string) => Number((await head(path)).headers.get("Upload-Offset"));
  const { storage, db } = server.platform;
  const objects = async () => (await storage.list("originals", "")).objects.map(({ key }) => key);
  const tails = async () => (await objects()).filter((key) => key.includes("/tail/"));
  const pending = async () => {
    const [row] = await db.asSystem((sql) => sql`select count(*) from pending_objects`);
    return Number(row!.count);
  };

  /** Runs `work` just before the next call of `verb` on the store. */
  const beforeNext = <Verb extends "get" | "listMultipart">(verb: Verb, work: () => Promise<unknown>) => {
    const original = storage[verb] as (...args: unknown[]) => Promise<unknown>;
    storage[verb] = (async (...args: unknown[]) => {
      storage[verb] = original as typeof storage[Verb];
      await work();
      return await original.apply(storage, args);
    }) as typeof storage[Verb];
  };

  await t.step("bytes sent in pieces of any size become one asset with the right hash", async () => {
    const bytes = crypto.getRandomValues(new Uint8Array(65_536));
    const whole = new Uint8Array(20 * MIB + 12_345);
    for (let at = 0; at < whole.length; at += bytes.length) {
      whole.set(bytes.subarray(0, whole.length - at), at);
    }
    const path = await begin(whole.length, { filename: "Vídeo é.bin", title: "Olá" });
    const cuts = [0, 1, 5_000, 8 * MIB + 1, 9 * MIB, whole.length];
    let last: Response | undefined;
    for (let i = 1; i < cuts.length; i++) {
      last = await append(path, cuts[i - 1]!, whole.subarray(cuts[i - 1], cuts[i]));
      assert.equal(last.status, 204, await last.text());
      assert.equal(last.headers.get("Upload-Offset"), String(cuts[i]));
      assert.equal(await offsetOf(path), cuts[i]);
    }
    const id = last!.headers.get("Akashi-Asset-Id")!;
    const asset = await client.json("GET", `/api/v1/assets/${id}`);
    assert.equal(asset.checksum_sha256, createHash("sha256").update(whole).digest("hex"));
    assert.deepEqual([asset.title, asset.original_filename, asset.file_size_bytes], [
      "Olá",
      "Vídeo é.bin",
      whole.length,
    ]);
    const stored = await server.platform.storage.head({
      bucket: "originals",
      key: asset.primary_storage_path!,
    });
    assert.equal(stored?.bytes, whole.length);
    assert.equal((await head(path)).headers.get("Akashi-Asset-Id"), id);
    assert.deepEqual(await server.platform.storage.listMultipart("originals", ""), []);
    assert.deepEqual([await tails(), await pending()], [[], 0]);
  });

  await t.step("the options of an upload hold once its last byte is in", async () => {
    const bytes = tinyPng();
    const path = await begin(bytes.length, {
      filename: "a.png",
      asset_type: "audio",
      extract_metadata: "false",
      generate_proxy: "false",
    });
    const last = await append(path, 0, bytes);
    const id = last.headers.get("Akashi-Asset-Id");
    const asset = await client.json("GET", `/api/v1/assets/${id}`);
    assert.equal(asset.asset_type, "image");
    assert.deepEqual(asset.ingest_notes, [
      { code: "asset_type_corrected", declared: "audio", actual: "image" },
    ]);
    const jobs = await client.json("GET", `/api/v1/jobs?asset_id=${id}`);
    assert.deepEqual(jobs.map((job: { job_type: string }) => job.job_type), ["thumbnail"]);
  });

  await t.step("a wrong offset is a conflict that says where to go on", async () => {
    const path = await begin(10);
    const response = await append(path, 3, new Uint8Array(7));
    assert.equal(response.status, 409);
    assert.match((await response.json()).detail, /byte 0, not 3/);
  });

  await t.step("more bytes than announced are refused", async () => {
    const path = await begin(10);
    const response = await append(path, 0, new Uint8Array(11));
    assert.equal(response.status, 413);
    await response.body?.cancel();
    assert.equal((await append(path, 0, new Uint8Array(10))).status, 204);
  });

  await t.step("after a broken connection the upload resumes with what arrived", async () => {
    const whole = new Uint8Array(10 * MIB).fill(9);
    const path = await begin(whole.length, { filename: "cut.bin" });
    const connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(new URL(server.url).port) });
    const request = new TextEncoder().encode(
      `PATCH ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${client.token}\r\nTus-Resumable: 1.0.0\r\n` +
        `Upload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\nContent-Length: ${whole.length}\r\n\r\n`,
    );
    for (const bytes of [request, whole.subarray(0, 9 * MIB)]) {
      for (let sent = 0; sent < bytes.length;) sent += await connection.write(bytes.subarray(sent));
    }
    connection.close();
    const offset = 9 * MIB;
    await until("all that arrived is kept", async () => await offsetOf(path) === offset);
    const done = await append(path, offset, whole.subarray(offset));
    const asset = await client.json("GET", `/api/v1/assets/${done.headers.get("Akashi-Asset-Id")}`);
    assert.equal(asset.checksum_sha256, createHash("sha256").update(whole).digest("hex"));
    const duplicate = await begin(whole.length);
    const answer = await append(duplicate, 0, whole);
    assert.equal(answer.headers.get("Akashi-Duplicate-Of"), asset.id);
    const counted = await readMetric("uploads_total");
    assert.equal(counted['way="resumable",event="interrupted"'], 1);
    assert.ok(counted['way="resumable",event="resumed"']! >= 1);
    assert.ok(counted['way="resumable",event="started"']! >= counted['way="resumable",event="finished"']!);
  });

  await t.step("a writer that was replaced while sending records nothing more", async () => {
    const whole = crypto.getRandomValues(new Uint8Array(3_000));
    const path = await begin(whole.length, { filename: "overtaken.bin" });
    const id = path.split("/").at(-1)!;
    const interrupted = async () =>
      (await readMetric("uploads_total"))['way="resumable",event="interrupted"'] ?? 0;
    const before = await interrupted();
    const connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(new URL(server.url).port) });
    const request = `PATCH ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${client.token}\r\n` +
      "Tus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\n" +
      "Content-Length: 2000\r\n\r\nwrong bytes";
    await connection.write(new TextEncoder().encode(request));
    await until("the first one writes", async () => {
      const [row] = await db.asSystem((sql) => sql`select writer_id from uploads where id = ${id}`);
      return row!.writer_id !== null;
    });
    assert.equal((await append(path, 0, whole.subarray(0, 1_500))).status, 204);
    const kept = await tails();
    assert.equal(kept.length, 1);
    connection.close();
    await until("the first one has noticed", async () => await interrupted() > before);
    await until("what it brought is gone", async () => await pending() === 0);
    assert.deepEqual(await tails(), kept);
    const done = await append(path, 1_500, whole.subarray(1_500));
    const asset = await client.json("GET", `/api/v1/assets/${done.headers.get("Akashi-Asset-Id")}`);
    assert.equal(asset.checksum_sha256, createHash("sha256").update(whole).digest("hex"));
    assert.deepEqual(await tails(), []);
  });

  await t.step("a tail missing from the store has to be sent again", async () => {
    const whole = crypto.getRandomValues(new Uint8Array(65_536));
    const path = await begin(whole.length, { filename: "lost.bin" });
    assert.equal((await append(path, 0, whole.subarray(0, 1_000))).status, 204);
    const [key] = await tails();
    await storage.delete({ bucket: "originals", key: key! });
    const response = await append(path, 1_000, whole.subarray(1_000));
    assert.equal(response.status, 409);
    assert.match((await response.json()).detail, /after byte 0 is lost/);
    assert.equal(await offsetOf(path), 0);
    const done = await append(path, 0, whole);
    const asset = await client.json("GET", `/api/v1/assets/${done.headers.get("Akashi-Asset-Id")}`);
    assert.equal(asset.checksum_sha256, createHash("sha256").update(whole).digest("hex"));
  });

  await t.step(
    "a writer that is replaced while it reads the tail gets a conflict and loses nothing",
    async () => {
      const path = await begin(3_000);
      assert.equal((await append(path, 0, new Uint8Array(1_000))).status, 204);
      beforeNext(
        "get",
        async () => assert.equal((await append(path, 1_000, new Uint8Array(500))).status, 204),
      );
      const response = await append(path, 1_000, new Uint8Array(700));
      assert.equal(response.status, 409);
      assert.match((await response.json()).detail, /Another request/);
      assert.equal(await offsetOf(path), 1_500);
      assert.equal((await end(path)).status, 204);
    },
  );

  await t.step("a tail of the wrong length is discarded without a trace", async () => {
    const path = await begin(3_000);
    assert.equal((await append(path, 0, new Uint8Array(1_000))).status, 204);
    const [key] = await tails();
    await storage.put({ bucket: "originals", key: key! }, new Uint8Array(3), { contentType: "text/plain" });
    const response = await append(path, 1_000, new Uint8Array(1_000));
    assert.equal(response.status, 409);
    assert.match((await response.json()).detail, /after byte 0 is lost/);
    assert.deepEqual([await tails(), await pending()], [[], 0]);
    assert.equal((await end(path)).status, 204);
  });

  await t.step("a server of the previous version may continue in between", async () => {
    const whole = crypto.getRandomValues(new Uint8Array(5_000));
    const path = await begin(whole.length, { filename: "older.bin" });
    const id = path.split("/").at(-1)!;
    assert.equal((await append(path, 0, whole.subarray(0, 1_000))).status, 204);
    // It does not know tails in the store: it is at byte 0 and keeps its own tail in the row.
    const own = whole.subarray(0, 700);
    const hash = (await resumeChecksum(null)).update(own).save();
    await db.asSystem((sql) =>
      sql`update uploads set received_bytes = 700, head = ${own}, tail = ${own}, hash_state = ${hash}
          where id = ${id} and received_bytes = 0`
    );
    assert.equal(await offsetOf(path), 700);
    assert.equal((await append(path, 700, whole.subarray(700, 3_000))).status, 204);
    assert.equal((await tails()).length, 1);
    const done = await append(path, 3_000, whole.subarray(3_000));
    assert.equal(done.status, 204, await done.text());
    const asset = await client.json("GET", `/api/v1/assets/${done.headers.get("Akashi-Asset-Id")}`);
    assert.equal(asset.checksum_sha256, createHash("sha256").update(whole).digest("hex"));
    assert.deepEqual([await tails(), await pending()], [[], 0]);
  });

  await t.step("aborting an upload deletes it", async () => {
    const open = await server.platform.storage.listMultipart("originals", "");
    const there = await objects();
    const path = await begin(1000);
    assert.equal((await append(path, 0, new Uint8Array(10))).status, 204);
    assert.equal((await objects()).length, there.length + 1);
    assert.equal((await end(path)).status, 204);
    assert.equal((await head(path)).status, 404);
    assert.deepEqual(await server.platform.storage.listMultipart("originals", ""), open);
    assert.deepEqual(await objects(), there);
  });

  await t.step("bytes that arrive while an upload is aborted are deleted with it", async () => {
    const there = await objects();
    const path = await begin(1000);
    assert.equal((await append(path, 0, new Uint8Array(10))).status, 204);
    beforeNext(
      "listMultipart",
      async () => assert.equal((await append(path, 10, new Uint8Array(10))).status, 204),
    );
    assert.equal((await end(path)).status, 204);
    assert.deepEqual([await objects(), await pending()], [there, 0]);
  });

  await t.step("an expired upload is swept with its parts", async () => {
    const there = await objects();
    const path = await begin(20 * MIB);
    assert.equal((await append(path, 0, new Uint8Array(9 * MIB))).status, 204);
    const kept = await begin(20 * MIB);
    const id = path.split("/").at(-1)!;
    await server.platform.db.asSystem((sql) =>
      sql`update uploads set expires_at = now() - interval '1 second' where id = ${id}`
    );
    const open = (await server.platform.storage.listMultipart("originals", "")).length;
    assert.equal(await sweepUploads(server.platform), 1);
    assert.equal((await head(path)).status, 404);
    assert.equal((await head(kept)).status, 200);
    assert.equal((await server.platform.storage.listMultipart("originals", "")).length, open - 1);
    assert.equal(await pending(), 0);
    assert.deepEqual(await objects(), there);
  });

  await t.step("an upload belongs to the member who started it", async () => {
    const path = await begin(10);
    for (const person of [await server.addPerson(), await server.addPerson({ tenant: "other" })]) {
      const other = tus(await server.client(person));
      assert.equal((await other.head(path)).status, 404);
      const response = await other.append(path, 0, new Uint8Array(10));
      assert.equal(response.status, 404);
      await response.body?.cancel();
    }
  });

  await t.step(
    "a superuser's upload goes into the tenant that its metadata names; others' is refused",
    async () => {
      await server.addPerson({ tenant: "elsewhere" });
      const refused = await create(3, { filename: "a.txt", tenant_code: "elsewhere" });
      assert.equal(refused.status, 403, await refused.text());
      const superuser = await server.client(await server.addPerson({ superuser: true }));
      const begun = await tus(superuser).create(3, { filename: "a.txt", tenant_code: "elsewhere" });
      assert.equal(begun.status, 201, await begun.text());
      const ended = await tus(superuser).append(begun.headers.get("Location")!, 0, "abc");
      assert.equal(ended.status, 204, await ended.text());
      const id = ended.headers.get("Akashi-Asset-Id");
      const asset = await superuser.json("GET", `/api/v1/assets/${id}?tenant_code=elsewhere`);
      assert.match(asset.primary_storage_path!, /^elsewhere\//);
    },
  );

  await t.step(
    "a type that the tenant does not accept is refused at the first bytes and deleted",
    async () => {
      const take = (settings: unknown) =>
        server.platform.db.asOwner((sql) =>
          sql`update tenants set settings = ${sql.json(settings as never)} where code = 'akashi'`
        );
      await take({ asset_types: ["image"] });
      const path = await begin(20 * MIB, { filename: "a.png", title: "", generate_proxy: "" });
      assert.equal((await append(path, 0, "a")).status, 204, "one byte tells nothing yet");
      const refused = await append(path, 1, new TextEncoder().encode(" text".repeat(20_000)));
      assert.equal(refused.status, 415);
      assert.match((await refused.json()).detail, /takes image/);
      assert.equal((await head(path)).status, 404);
      const small = await begin(4, { filename: "b.txt" });
      beforeNext("listMultipart", () => Promise.reject(new Error("no store")));
      const failed = await append(small, 0, "text");
      assert.equal(failed.status, 500, "what could not be forgotten is not taken for that");
      await failed.body?.cancel();
      assert.equal(await offsetOf(small), 0);
      const png = tinyPng();
      const taken = await append(await begin(png.length, { filename: "a.txt" }), 0, png);
      assert.equal(taken.status, 204, await taken.text());
      await take({});
    },
  );

  await t.step("requests that are not tus are refused with a reason", async () => {
    const noVersion = await client.fetch("/api/v1/uploads", {
      method: "POST",
      headers: { "Upload-Length": "1" },
    });
    assert.equal(noVersion.status, 412);
    assert.equal(noVersion.headers.get("Tus-Version"), "1.0.0");
    await noVersion.body?.cancel();
    for (const [length, metadata] of [["x", { filename: "a" }], [0, { filename: "a" }], [5, {}]] as const) {
      const response = await create(length, metadata as Record<string, string>);
      assert.equal(response.status, 422, await response.text());
    }
    const endless = await create("", { filename: "a" });
    assert.equal((await endless.json()).errors[0].path, "upload-length");
    for (const length of ["1e1", "0x5", "5.0", "0"]) {
      const odd = await create(length, { filename: "a" });
      assert.equal((await odd.json()).errors[0].path, "upload-length", length);
    }
    const unsaid = await client.fetch("/api/v1/uploads", {
      method: "POST",
      headers: { "Tus-Resumable": "1.0.0", "Upload-Defer-Length": "1" },
    });
    assert.deepEqual((await unsaid.json()).errors, [{ path: "upload-length", message: "is missing" }]);
    const viewer = tus(await server.client(await server.addPerson({ role: "viewer" })));
    assert.equal((await viewer.create(1, { filename: "a" })).status, 403);
  });

  await server.close();
});
