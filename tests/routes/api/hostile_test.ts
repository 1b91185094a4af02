// What somebody with bad intent, or a bad line, has tried before.
import assert from "node:assert/strict";
import { tinyPng } from "../../support/media.ts";
import { openTestServer } from "../../support/server.ts";
import { until } from "../../support/until.ts";

Deno.test("hostile", async (t) => {
  const server = await openTestServer();
  const person = await server.addPerson();
  const client = await server.client(person);
  const { port } = new URL(server.url);

  await t.step("JSON that is deep is refused, and everything goes on", async () => {
    for (const depth of [40, 6_500, 20_000]) {
      const body = `{"title":"deep","extra":{"a":${"[".repeat(depth)}${"]".repeat(depth)}}}`;
      const response = await client.fetch("/api/v1/assets", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body,
      });
      assert.equal(response.status, 422, await response.text());
    }
    assert.equal((await client.json("GET", "/api/v1/assets")).total, 0);
  });

  await t.step("a form of no stated length is cut off at its limit", async () => {
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(65_536)),
    });
    const response = await fetch(`${server.url}/sign-in`, {
      method: "POST",
      headers: { "Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin" },
      body: endless,
    });
    assert.equal(response.status, 413);
    await response.body?.cancel();
  });

  await t.step("made-up methods make no new metrics", async () => {
    for (const method of ["AAA", "BBB"]) {
      const connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
      await connection.write(
        new TextEncoder().encode(`${method} /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`),
      );
      await connection.read(new Uint8Array(1000));
      connection.close();
    }
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    assert.ok(!/method="(AAA|BBB)"/.test(metrics));
  });

  await t.step("a NUL in a form's file name is said to be one", async () => {
    const body =
      `--b\r\nContent-Disposition: form-data; name="file"; filename*=UTF-8''a%00b.txt\r\n\r\nx\r\n--b--\r\n`;
    const response = await client.fetch("/api/v1/ingest", {
      method: "POST",
      headers: { "Content-Type": "multipart/form-data; boundary=b" },
      body,
    });
    assert.equal(response.status, 422, await response.text());
  });

  await t.step("a time that the calendar does not have is refused", async () => {
    for (const recorded_at of ["", "0000-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "yesterday"]) {
      const { errors } = await client.json("POST", "/api/v1/assets", { title: "x", recorded_at }, 422);
      assert.deepEqual(errors.map(({ path }: { path: string }) => path), ["recorded_at"]);
    }
    const cursor = btoa(JSON.stringify(["0000-01-01T00:00:00Z", crypto.randomUUID()]));
    await client.json("GET", `/api/v1/assets?cursor=${cursor}`, undefined, 422);
  });

  await t.step("a time that the database cannot hold or write is refused, wherever it stands", async () => {
    const far = [
      "2026-01-01T00:00:00+16:00",
      "2026-01-01T00:00:00-23:59",
      "9999-12-31T23:59:59-01:00",
      "1000-01-01T00:00:00+01:00",
    ];
    for (const time of far) {
      await client.json("POST", "/api/v1/assets", { title: "x", recorded_at: time }, 422);
      const cursor = encodeURIComponent(btoa(JSON.stringify([time, crypto.randomUUID()])));
      await client.json("GET", `/api/v1/assets?cursor=${cursor}`, undefined, 422);
      await client.json("GET", `/api/v1/audit?from=${encodeURIComponent(time)}`, undefined, 422);
    }
    const recorded_at = "2026-01-01T00:00:00+15:59";
    assert.equal(
      (await client.json("POST", "/api/v1/assets", { title: "x", recorded_at }, 201)).recorded_at,
      "2025-12-31T08:01:00+00:00",
    );
  });

  await t.step("JSON that is not UTF-8 is refused, never stored with its letters lost", async () => {
    const title = Uint8Array.from("São Paulo", (letter) => letter.charCodeAt(0));
    const [head, tail] = ['{"title":"', '"}'].map((part) => new TextEncoder().encode(part));
    const response = await client.fetch("/api/v1/assets", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: new Blob([head!, title, tail!]),
    });
    assert.equal(response.status, 400);
    assert.match((await response.json()).detail, /UTF-8/);
  });

  await t.step("what does not fit is said in words that tell what to send", async () => {
    const told = async (body: unknown) =>
      (await client.json("POST", "/api/v1/assets", body, 422)).errors
        .map(({ path, message }: { path: string; message: string }) => `${path} ${message}`);
    assert.deepEqual(await told({ asset_type: "film" }), [
      "title is missing",
      "asset_type must be one of video, audio, image, document, sequence",
    ]);
    assert.deepEqual(await told({ title: 1, code: "" }), ["title must be text", "code must not be empty"]);
    assert.deepEqual(await told({ title: "x".repeat(501) }), ["title must have at most 500 characters"]);
    const { errors } = await client.json("GET", "/api/v1/assets?page_size=0&page=x", undefined, 422);
    assert.deepEqual(errors.map(({ message }: { message: string }) => message).toSorted(), [
      "must be a number",
      "must be at least 1",
    ]);
    const house = { name: "TV", issuer: "https://login.example.org", client_id: "akashi" };
    const domains = { ...house, email_domains: ["no domain ".repeat(26)] };
    const twice = await client.json("POST", "/api/v1/providers", domains, 422);
    assert.deepEqual(twice.errors, [
      { path: "email_domains.0", message: "must have at most 253 characters" },
      { path: "email_domains.0", message: "expected a domain such as example.org" },
    ]);
    // What follows from the wrong type is not told.
    const key = await client.json("POST", "/api/v1/api-keys", { name: "k", scopes: "read" }, 422);
    assert.deepEqual(key.errors, [{ path: "scopes", message: "must be a list" }]);
  });

  await t.step("an upload that nobody could finish is refused at its beginning", async () => {
    for (const [length, status] of [["9007199254740991", 413], ["99999999999999999999", 422]] as const) {
      const response = await client.fetch("/api/v1/uploads", {
        method: "POST",
        headers: {
          "Tus-Resumable": "1.0.0",
          "Upload-Length": length,
          "Upload-Metadata": `filename ${btoa("a")}`,
        },
      });
      assert.equal(response.status, status);
      await response.body?.cancel();
    }
  });

  await t.step("naming another tenant is refused by every kind of request", async () => {
    await server.addPerson({ tenant: "elsewhere" });
    for (const path of ["/assets", "/jobs", "/auth/me", `/assets/${crypto.randomUUID()}`]) {
      await client.json("GET", `/api/v1${path}?tenant_code=elsewhere`, undefined, 403);
    }
    const { id } = await client.json("POST", "/api/v1/assets", { title: "mine" }, 201);
    const long = await client.json("PATCH", `/api/v1/assets/${id}`, { tenant_code: "x".repeat(51) }, 422);
    assert.deepEqual(long.errors.map(({ path }: { path: string }) => path), ["tenant_code"]);
    for (const [method, path] of [["PATCH", `/assets/${id}`], ["PATCH", "/auth/me"], ["POST", "/api-keys"]]) {
      await client.json(method!, `/api/v1${path}`, { name: "x", tenant_code: "elsewhere" }, 403);
    }
    const form = new FormData();
    form.set("tenant_code", "elsewhere");
    form.set("purpose", "preview");
    form.set("file", new File([tinyPng()], "a.png"));
    const upload = await client.fetch(`/api/v1/assets/${id}/upload`, { method: "POST", body: form });
    assert.equal(upload.status, 403, await upload.text());

    const superuser = await server.client(await server.addPerson({ superuser: true }));
    const { asset_id } = await (await superuser.fetch("/api/v1/ingest", { method: "POST", body: form }))
      .json();
    await superuser.json("GET", `/api/v1/assets/${asset_id}`, undefined, 404);
    const asset = await superuser.json("GET", `/api/v1/assets/${asset_id}?tenant_code=elsewhere`);
    assert.match(asset.primary_storage_path!, /^elsewhere\//);
    assert.equal((await superuser.json("GET", "/api/v1/jobs?tenant_code=elsewhere")).length, 3);
    await superuser.json("POST", "/api/v1/groups", { name: "Theirs", tenant_code: "elsewhere" }, 201);
    assert.deepEqual(await superuser.json("GET", "/api/v1/groups"), []);
    await superuser.json("POST", "/api/v1/groups", { name: "Nobody's", tenant_code: "nowhere" }, 404);
  });

  await t.step("a superuser who names another tenant stays who they are", async () => {
    const superuser = await server.client(await server.addPerson({ superuser: true }));
    const me = await superuser.json("GET", "/api/v1/auth/me");
    assert.deepEqual(await superuser.json("GET", "/api/v1/auth/me?tenant_code=elsewhere"), me);
    const named = { name: "Still me", tenant_code: "elsewhere" };
    assert.equal((await superuser.json("PATCH", "/api/v1/auth/me", named)).tenant_code, me.tenant_code);
    const wrong = { current_password: "wrong", new_password: "another horse battery" };
    await superuser.json("POST", "/api/v1/auth/me/change-password?tenant_code=elsewhere", wrong, 422);
    await superuser.json("GET", "/api/v1/auth/me?tenant_code=nowhere", undefined, 404);
    const { errors } = await superuser.json("POST", "/api/v1/api-keys", named, 422);
    assert.equal(errors[0]!.path, "tenant_code");
    assert.deepEqual(await superuser.json("GET", "/api/v1/api-keys?tenant_code=elsewhere"), []);
  });

  await t.step("storing that fails in an unforeseen way answers, and keeps nothing", async () => {
    const { storage } = server.platform;
    const put = storage.put;
    storage.put = () => Promise.reject(new Error("on purpose"));
    const form = new FormData();
    form.set("file", new File([new Uint8Array(8_000_000)], "a.bin"));
    const response = await client.fetch("/api/v1/ingest", {
      method: "POST",
      body: form,
      signal: AbortSignal.timeout(15_000),
    });
    storage.put = put;
    assert.equal(response.status, 500);
    await response.body?.cancel();
    const [pending] = await server.platform.db.asSystem((sql) => sql`select count(*) from pending_objects`);
    assert.equal(pending!.count, 0);
  });

  await server.close();
});

Deno.test("what is made by hand comes before what workers make", async () => {
  const server = await openTestServer({ worker: true });
  const client = await server.client();
  const { id } = await client.json("POST", "/api/v1/assets", { title: "by hand", asset_type: "image" }, 201);
  const send = async (purpose: string, bytes: Uint8Array<ArrayBuffer>) => {
    const form = new FormData();
    form.set("purpose", purpose);
    form.set("file", new File([bytes], `${purpose}.png`, { type: "image/png" }));
    const response = await client.fetch(`/api/v1/assets/${id}/upload`, { method: "POST", body: form });
    assert.equal(response.status, 200, await response.text());
  };
  const [older, newer] = [tinyPng(), tinyPng()];
  await send("thumbnail", older);
  await send("thumbnail", newer);
  await send("original", tinyPng());
  await until("the asset is available", async () => {
    const { status } = await client.json("GET", `/api/v1/assets/${id}`);
    assert.notEqual(status, "failed");
    return status === "available";
  });
  const shown = await client.fetch(`/media/assets/${id}/thumbnail`);
  assert.deepEqual(await shown.bytes(), newer);
  await server.close();
});

Deno.test("a job of what is in the trash is not done again", async () => {
  const server = await openTestServer();
  const client = await server.client();
  const ingested = await client.fetch("/api/v1/ingest/a.png", { method: "PUT", body: tinyPng() });
  const { asset_id, jobs } = await ingested.json();
  await server.platform.db.asSystem((sql) => sql`update jobs set status = 'failed' where id = ${jobs[0].id}`);
  await client.json("DELETE", `/api/v1/assets/${asset_id}`);
  const refused = await client.json("POST", `/api/v1/jobs/${jobs[0].id}/retry`, undefined, 409);
  assert.match(refused.detail, /trash/);
  await client.json("POST", `/api/v1/assets/${asset_id}/restore`);
  const retried = await client.json("POST", `/api/v1/jobs/${jobs[0].id}/retry`);
  assert.deepEqual([retried.id, retried.status], [jobs[0].id, "pending"]);
  assert.ok(retried.message, "a retry says what it did beside the job");
  await server.close();
});
