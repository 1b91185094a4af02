import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { tinyPng } from "../../../support/media.ts";
import { openTestServer } from "../../../support/server.ts";
import { until } from "../../../support/until.ts";

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

Deno.test("ingest", async (t) => {
  const server = await openTestServer();
  const client = await server.client();
  const send = (form: FormData) => client.fetch("/api/v1/ingest", { method: "POST", body: form });
  const formOf = (
    bytes: Uint8Array<ArrayBuffer>,
    name: string,
    fields: Record<string, string> = {},
    type?: string,
  ) => {
    const form = new FormData();
    form.set("file", new File([bytes], name, { type }));
    for (const [key, value] of Object.entries(fields)) form.set(key, value);
    return form;
  };

  /** Counts the rows and objects of the tenant, which a refused file must leave unchanged. */
  async function census() {
    const [rows] = await server.platform.db.asOwner((sql) =>
      sql`select (select count(*) from assets) as assets, (select count(*) from storage_locations) as locations,
                 (select count(*) from pending_objects) as pending, (select count(*) from jobs) as jobs`
    );
    const { objects } = await server.platform.storage.list("originals", "");
    const open = await server.platform.storage.listMultipart("originals", "");
    return { ...rows, objects: objects.length, open: open.length };
  }

  await t.step(
    "stores the bytes, their hash, the name and the fields, also those that follow the file",
    async () => {
      const bytes = tinyPng();
      const response = await send(
        formOf(bytes, "Ação nº 1.png", { title: "Ação", description: "d", code: "A-1" }),
      );
      assert.equal(response.status, 201);
      const { asset_id, status, message, jobs, duplicate_of } = await response.json();
      assert.deepEqual([status, duplicate_of], ["processing", null]);
      assert.ok(message);
      assert.deepEqual(jobs.map((job: { job_type: string }) => job.job_type).toSorted(), [
        "metadata",
        "proxy",
        "thumbnail",
      ]);
      const asset = await client.json("GET", `/api/v1/assets/${asset_id}`);
      assert.deepEqual([asset.title, asset.description, asset.code, asset.asset_type], [
        "Ação",
        "d",
        "A-1",
        "image",
      ]);
      assert.equal(asset.checksum_sha256, sha256(bytes));
      assert.equal(asset.file_size_bytes, bytes.length);
      const [original] = asset.storage_locations;
      assert.match(original!.path, /^akashi\/\d{4}\/\d\d\/[0-9a-f-]{36}\/original\/Ação nº 1\.png$/);
      assert.deepEqual([original!.purpose, original!.is_primary, original!.filename], [
        "original",
        true,
        "Ação nº 1.png",
      ]);
      const file = await client.fetch(original!.url);
      assert.deepEqual(new Uint8Array(await file.arrayBuffer()), bytes);
    },
  );

  await t.step("detects the type from the content and notes a wrong declaration", async () => {
    const response = await send(formOf(tinyPng(), "clip.mp4", {}, "video/mp4"));
    const { asset_id } = await response.json();
    const asset = await client.json("GET", `/api/v1/assets/${asset_id}`);
    assert.deepEqual([asset.asset_type, asset.content_type], ["image", "image/png"]);
    assert.deepEqual(asset.ingest_notes, [{
      code: "type_corrected",
      declared: "video/mp4",
      actual: "image/png",
    }]);
    assert.equal(asset.title, "clip");
  });

  await t.step("names the asset that has the same bytes", async () => {
    const bytes = tinyPng();
    const first = await (await send(formOf(bytes, "a.png"))).json();
    const second = await (await send(formOf(bytes, "b.png"))).json();
    assert.equal(second.duplicate_of, first.asset_id);
  });

  await t.step(
    "accepts any non-empty file as a document and leaves out jobs that are not wanted",
    async () => {
      const noise = crypto.getRandomValues(new Uint8Array(10_000));
      const unknown = await (await send(formOf(noise, "strange.bin"))).json();
      assert.equal((await client.json("GET", `/api/v1/assets/${unknown.asset_id}`)).asset_type, "document");
      for (const no of [["false", "0"], ["False", "NO"]]) {
        const form = formOf(tinyPng(), "a.png", { generate_proxy: no[0]!, generate_thumbnail: no[1]! });
        const bare = await (await send(form)).json();
        assert.deepEqual(bare.jobs.map((job: { job_type: string }) => job.job_type), ["metadata"]);
      }
      const unclear = await send(formOf(tinyPng(), "a.png", { generate_proxy: "maybe" }));
      assert.equal(unclear.status, 422);
      assert.equal((await unclear.json()).errors[0].path, "generate_proxy");
    },
  );

  await t.step(
    "extract_metadata=false leaves the metadata job out, in a form and with a raw body",
    async () => {
      const kinds = (jobs: { job_type: string }[]) => jobs.map(({ job_type }) => job_type).toSorted();
      const form = await (await send(formOf(tinyPng(), "a.png", { extract_metadata: "false" }))).json();
      assert.deepEqual([form.status, kinds(form.jobs)], ["processing", ["proxy", "thumbnail"]]);
      const path = "/api/v1/ingest/a.png?extract_metadata=false&generate_proxy=0&generate_thumbnail=no";
      const raw = await (await client.fetch(path, { method: "PUT", body: tinyPng() })).json();
      assert.deepEqual([raw.status, raw.jobs], ["available", []]);
      assert.equal((await client.json("GET", `/api/v1/assets/${raw.asset_id}`)).status, "available");
    },
  );

  await t.step("an asset_type that contradicts the content is corrected and reported", async () => {
    const send = async (path: string, init: RequestInit) => {
      const response = await client.fetch(path, init);
      assert.equal(response.status, 201, await response.clone().text());
      const { asset_id, message } = await response.json();
      const { asset_type, ingest_notes } = await client.json("GET", `/api/v1/assets/${asset_id}`);
      return { message, asset_type, ingest_notes };
    };
    const corrected = {
      message: "File received; by its content it is image, not video",
      asset_type: "image",
      ingest_notes: [{ code: "asset_type_corrected", declared: "video", actual: "image" }],
    };
    const form = formOf(tinyPng(), "a.png", { asset_type: "video" });
    assert.deepEqual(await send("/api/v1/ingest", { method: "POST", body: form }), corrected);
    const raw = { method: "PUT", body: tinyPng() };
    assert.deepEqual(await send("/api/v1/ingest/a.png?asset_type=video", raw), corrected);
    const right = await send("/api/v1/ingest/a.png?asset_type=image", { method: "PUT", body: tinyPng() });
    assert.deepEqual(right, { message: "File received", asset_type: "image", ingest_notes: [] });
  });

  await t.step("makes safe keys of hostile names", async () => {
    for (
      const name of [
        "../../../etc/passwd",
        "a:b\\c.png",
        "...",
        "CON.png",
        "x".repeat(300) + ".png",
        "‮gnp.exe",
      ]
    ) {
      const response = await send(formOf(tinyPng(), name));
      assert.equal(response.status, 201, `${name}: ${await response.clone().text()}`);
      const { asset_id } = await response.json();
      const asset = await client.json("GET", `/api/v1/assets/${asset_id}`);
      assert.ok(!asset.primary_storage_path!.split("/").includes(".."), asset.primary_storage_path!);
    }
  });

  await t.step("the whole name without its extension becomes the title", async () => {
    const titles = {
      "Interview with Dr. Silva and the minister": "Interview with Dr. Silva and the minister",
      [`${"日本".repeat(100)}.mov`]: "日本".repeat(100),
      [`x.${"😀".repeat(20)}`]: `x.${"😀".repeat(20)}`,
      "take.1.mxf": "take.1",
      ["\u0958".repeat(400)]: "\u0915\u093c".repeat(250),
    };
    for (const [name, title] of Object.entries(titles)) {
      const response = await send(formOf(tinyPng(), name));
      assert.equal(response.status, 201, `${name}: ${await response.clone().text()}`);
      const { asset_id } = await response.json();
      assert.equal((await client.json("GET", `/api/v1/assets/${asset_id}`)).title, title);
    }
  });

  await t.step("blank fields count as missing", async () => {
    const blank = {
      title: "",
      description: "",
      code: "",
      asset_type: "",
      tenant_code: "",
      generate_proxy: "",
    };
    const response = await send(formOf(tinyPng(), "blank.png", blank));
    assert.equal(response.status, 201, await response.clone().text());
    const asset = await client.json("GET", `/api/v1/assets/${(await response.json()).asset_id}`);
    assert.deepEqual([asset.title, asset.code], ["blank", null]);
  });

  await t.step("only types that the tenant accepts are stored, decided by content", async () => {
    const take = (settings: unknown) =>
      server.platform.db.asOwner((sql) =>
        sql`update tenants set settings = ${sql.json(settings as never)} where code = 'akashi'`
      );
    await take({ asset_types: ["video", "image"] });
    const before = await census();
    for (
      const refused of [
        await send(formOf(new TextEncoder().encode("a text"), "notes.png", {}, "image/png")),
        await client.fetch("/api/v1/ingest/notes.txt", { method: "PUT", body: "a text" }),
      ]
    ) {
      assert.equal(refused.status, 415);
      const { code, detail } = await refused.json();
      assert.deepEqual([code, detail], [
        "unsupported",
        "This tenant takes video, image; by its content this is document.",
      ]);
    }
    assert.deepEqual(await census(), before);
    // Settings stored by an earlier version may have any value.
    await take({ asset_types: "video" });
    assert.equal((await send(formOf(new TextEncoder().encode("words"), "old.txt"))).status, 201);
    await take({ asset_types: ["video", "image"] });
    const picture = await send(formOf(tinyPng(), "notes.txt", {}, "text/plain"));
    assert.equal(picture.status, 201, await picture.text());
    await take({});
  });

  await t.step("accepts a raw body by PUT", async () => {
    const bytes = tinyPng();
    const response = await client.fetch("/api/v1/ingest/raw%20file.png?title=Raw", {
      method: "PUT",
      body: bytes,
    });
    assert.equal(response.status, 201, await response.clone().text());
    const asset = await client.json("GET", `/api/v1/assets/${(await response.json()).asset_id}`);
    assert.deepEqual([asset.title, asset.checksum_sha256], ["Raw", sha256(bytes)]);
  });

  await t.step(
    "refuses and leaves nothing: empty, no file, two files, wrong type, bad fields, foreign tenant",
    async () => {
      await server.addPerson({ tenant: "foreign" });
      const before = await census();
      const two = formOf(tinyPng(), "a.png");
      two.append("file", new File([tinyPng()], "b.png"));
      const none = new FormData();
      none.set("title", "x");
      const foreignBefore = new FormData();
      foreignBefore.set("tenant_code", "foreign");
      foreignBefore.set("file", new File([tinyPng()], "a.png"));
      const cases: [FormData, number][] = [
        [formOf(new Uint8Array(), "empty.png"), 422],
        [none, 422],
        [two, 422],
        [formOf(tinyPng(), "a.png", { title: "x".repeat(501) }), 422],
        [formOf(tinyPng(), "a.png", { code: "A-1" }), 409],
        [formOf(tinyPng(), "a.png", { tenant_code: "foreign" }), 403],
        [foreignBefore, 403],
      ];
      for (const [form, status] of cases) {
        const response = await send(form);
        assert.equal(response.status, status, await response.clone().text());
        await response.body?.cancel();
      }
      const json = await client.fetch("/api/v1/ingest", {
        method: "POST",
        body: "{}",
        headers: { "Content-Type": "application/json" },
      });
      assert.equal(json.status, 415);
      await json.body?.cancel();
      const empty = await client.fetch("/api/v1/ingest/empty.png", { method: "PUT", body: new Uint8Array() });
      assert.equal(empty.status, 422);
      await empty.body?.cancel();
      assert.deepEqual(await census(), before);
    },
  );

  await t.step("leaves nothing of a form that is cut at any byte", async () => {
    const before = await census();
    const boundary = "cut";
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n`;
    const body = new Uint8Array([...new TextEncoder().encode(head), ...new Uint8Array(3_000_000).fill(7)]);
    for (const length of [10, head.length, head.length + 1, 70_000, 2_500_000]) {
      const connection = await Deno.connect({
        hostname: "127.0.0.1",
        port: Number(new URL(server.url).port),
      });
      const request = `POST /api/v1/ingest HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${client.token}\r\n` +
        `Content-Type: multipart/form-data; boundary=${boundary}\r\nContent-Length: ${
          body.length + 100
        }\r\n\r\n`;
      const bytes = new Uint8Array([...new TextEncoder().encode(request), ...body.subarray(0, length)]);
      for (let sent = 0; sent < bytes.length;) sent += await connection.write(bytes.subarray(sent));
      await new Promise((resolve) => setTimeout(resolve, 50));
      connection.close();
    }
    const unfinished = new TextEncoder().encode(head + "no end");
    const response = await client.fetch("/api/v1/ingest", {
      method: "POST",
      body: unfinished,
      headers: { "Content-Type": `multipart/form-data; boundary=${boundary}` },
    });
    assert.equal(response.status, 400, await response.clone().text());
    await response.body?.cancel();
    // The server cleans up once it notices the broken connection.
    await new Promise((resolve) => setTimeout(resolve, 500));
    await until("nothing is left", async () => isDeepStrictEqual(await census(), before)).catch(() => {});
    assert.deepEqual(await census(), before);
  });

  await t.step("addFile() fills a placeholder once and keeps manual renditions", async () => {
    const { id } = await client.json("POST", "/api/v1/assets", { title: "later" }, 201);
    const upload = (purpose: string, bytes = tinyPng(), name = "a.png") => {
      const form = new FormData();
      form.set("purpose", purpose);
      form.set("file", new File([bytes], name));
      return client.fetch(`/api/v1/assets/${id}/upload`, { method: "POST", body: form });
    };
    const bytes = tinyPng();
    const stored = await (await upload("original", bytes)).json();
    assert.deepEqual(
      [stored.asset_id, stored.file_size_bytes, stored.checksum_sha256, stored.status],
      [id, bytes.length, sha256(bytes), "processing"],
    );
    assert.ok(stored.storage_location_id && stored.bucket && stored.path);
    const statuses = [
      (await upload("original")).status,
      (await upload("nonsense")).status,
      (await upload("preview")).status,
    ];
    assert.deepEqual(statuses, [409, 422, 200]);
    const asset = await client.json("GET", `/api/v1/assets/${id}`);
    assert.deepEqual(asset.storage_locations.map((l: { purpose: string }) => l.purpose), [
      "original",
      "preview",
    ]);
    assert.equal((await client.json("GET", `/api/v1/jobs?asset_id=${id}`)).length, 3);
  });

  await server.close();
});

Deno.test("ingest refuses more than the limit and keeps nothing", async () => {
  const server = await openTestServer({ settings: { UPLOAD_MAX_BYTES: "100000" } });
  const client = await server.client();
  const form = new FormData();
  form.set("file", new File([new Uint8Array(200_000)], "large.bin"));
  const response = await client.fetch("/api/v1/ingest", { method: "POST", body: form });
  assert.equal(response.status, 413);
  await response.body?.cancel();
  assert.equal((await server.platform.storage.list("originals", "")).objects.length, 0);
  assert.equal((await client.json("GET", "/api/v1/assets")).total, 0);
  await server.close();
});
