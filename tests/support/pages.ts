// A browser without scripts for tests of pages: it keeps cookies, follows redirects and submits forms as they were rendered.
import assert from "node:assert/strict";
import { type HTMLElement, type Node, NodeType, parse } from "node-html-parser";
import type { Language } from "../../lib/platform/languages.ts";
import { PASSWORD, type Person, type TestServer } from "./server.ts";

export interface HtmlPage {
  /** Path and query, after redirects. */
  path: string;
  /** Where the answer leads, when that is another site. */
  leavesTo?: string;
  status: number;
  headers: Headers;
  /** The title of the document without the name of the product. */
  title: string;
  /** The text of the first element that matches; fails the test when there is none. */
  text(selector: string): string;
  all(selector: string): HTMLElement[];
  has(selector: string): boolean;
  /** The table row, list item or card that holds this text, as text; undefined when there is none. */
  row(text: string): string | undefined;
  /** The value of an input, a textarea or a select. */
  value(selector: string): string | undefined;
}

type Fields = Record<string, string | undefined>;

export interface Visitor {
  get(path: string, headers?: Record<string, string>): Promise<HtmlPage>;
  /** Posts fields without a form, as htmx or an attacker may. */
  post(path: string, fields?: Fields, headers?: Record<string, string>): Promise<HtmlPage>;
  /** Submits a form of `page` with its rendered values; `fields` replaces some, undefined leaves one out. */
  submit(page: HtmlPage, selector: string, fields?: Fields): Promise<HtmlPage>;
  cookies: Map<string, string>;
}

/** What htmx sends when it asks for a part of a page. */
export const PARTIAL = { "HX-Request": "true", "HX-Request-Type": "partial" };

/** A visitor who is not signed in. */
export function openVisitor(server: TestServer, language: Language = "en"): Visitor {
  const cookies = new Map<string, string>();

  async function send(method: string, path: string, init: RequestInit = {}): Promise<HtmlPage> {
    const { pathname, search } = new URL(path, server.url);
    const headers = new Headers(init.headers);
    headers.set("Accept-Language", language);
    headers.set("Sec-Fetch-Site", "same-origin");
    headers.set("Sec-Fetch-Dest", headers.has("HX-Request") ? "empty" : "document");
    headers.set("Cookie", [...cookies].map((cookie) => cookie.join("=")).join("; "));
    const response = await fetch(server.url + pathname + search, {
      ...init,
      method,
      headers,
      redirect: "manual",
    });
    keepCookies(cookies, response);
    const text = await response.text();
    const location = response.headers.get("Location");
    if (!location) return readPage(pathname + search, response, text);
    if (new URL(location, server.url).origin === server.url) return await send("GET", location);
    return { ...readPage(pathname + search, response, text), leavesTo: location };
  }

  const post: Visitor["post"] = (path, fields = {}, headers = {}) => {
    const set = Object.entries(fields).filter((field): field is [string, string] => field[1] !== undefined);
    return send("POST", path, { body: new URLSearchParams(set), headers });
  };
  return {
    cookies,
    get: (path, headers) => send("GET", path, { headers }),
    post,
    submit: (page, selector, fields = {}) => {
      const [form] = page.all(selector);
      assert.equal(form?.tagName, "FORM", `a form ${selector} on ${page.path}`);
      const action = form.getAttribute("action") ?? page.path;
      const all = { ...valuesOf(form), ...fields };
      if (form.getAttribute("method") === "post") {
        return post(action, all, { Referer: server.url + page.path });
      }
      const set = Object.entries(all).filter((field): field is [string, string] => field[1] !== undefined);
      return send("GET", `${action}?${new URLSearchParams(set)}`);
    },
  };
}

/** A visitor who is signed in, as a new account unless one is given. */
export async function visit(
  server: TestServer,
  { as, language = "en", ...options }: {
    as?: Person;
    role?: string;
    tenant?: string;
    superuser?: boolean;
    language?: Language;
  } = {},
): Promise<Visitor & { person: Person }> {
  const person = as ?? await server.addPerson(options);
  await server.platform.db.asTenant(
    person.tenantId,
    (sql) => sql`update users set language = ${language} where id = ${person.id}`,
  );
  const visitor = openVisitor(server, language);
  const page = await visitor.post("/sign-in", {
    email: person.email,
    password: PASSWORD,
    tenant_code: person.tenantCode,
    next: "/settings",
  });
  assert.equal(page.path.split("?")[0], "/settings", page.title);
  return { ...visitor, person };
}

function readPage(path: string, { status, headers }: Response, html: string): HtmlPage {
  const root = parse(html);
  const find = (selector: string) => {
    const element = root.querySelector(selector);
    assert.ok(element, `${selector} on ${path}`);
    return element;
  };
  return {
    path,
    status,
    headers,
    title: (root.querySelector("title")?.text ?? "").replace(/ · Akashi$/, ""),
    text: (selector) => textOf(find(selector)),
    all: (selector) => root.querySelectorAll(selector),
    has: (selector) => root.querySelector(selector) !== null,
    row: (text) => root.querySelectorAll("tbody tr, li").map(textOf).find((row) => row.includes(text)),
    value: (selector) => valueOf(find(selector)),
  };
}

/** The text of an element, with one space between the texts of its parts. */
export function textOf(element: HTMLElement): string {
  return textsOf(element).join(" ").replaceAll(/\s+/g, " ").trim();
}

function textsOf(node: Node): string[] {
  return node.nodeType === NodeType.TEXT_NODE ? [node.text] : node.childNodes.flatMap(textsOf);
}

function keepCookies(cookies: Map<string, string>, response: Response): void {
  for (const cookie of response.headers.getSetCookie()) {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie)!;
    if (/; Max-Age=0/i.test(cookie)) cookies.delete(name!);
    else cookies.set(name!, value!);
  }
}

/** The fields that a browser would send for an unchanged form. */
function valuesOf(form: HTMLElement): Record<string, string> {
  const fields = form.querySelectorAll("input[name], textarea[name], select[name]").flatMap((field) => {
    const isOff = /^(checkbox|radio)$/.test(field.getAttribute("type") ?? "") &&
      !field.hasAttribute("checked");
    return isOff ? [] : [[field.getAttribute("name")!, valueOf(field) ?? ""]];
  });
  return Object.fromEntries(fields);
}

function valueOf(field: HTMLElement): string | undefined {
  if (field.tagName === "TEXTAREA") return field.text;
  if (field.tagName !== "SELECT") {
    return field.getAttribute("value") ?? (field.hasAttribute("checked") ? "on" : "");
  }
  const option = field.querySelector("option[selected]") ?? field.querySelector("option");
  return option?.getAttribute("value");
}
