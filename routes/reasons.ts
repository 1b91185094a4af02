import { defineReasons } from "../lib/platform/errors.ts";

/** Why a request is refused before any rule of a noun is asked. */
export const requestError = defineReasons("request", {
  sign_in_required: {
    code: "unauthenticated",
    detail: "Sign in first: send an access token or a session cookie.",
  },
  administrator_required: {
    code: "unauthenticated",
    detail: "Sign in as an administrator, or send a token.",
  },
  superuser_required: { code: "unauthenticated", detail: "Sign in as a superuser to read metrics." },
  read_only_key: { code: "forbidden", detail: "This API key may only read. Make one with the scope write." },
  cross_site: {
    code: "forbidden",
    detail: "This request comes from another site. Reload the page and try again.",
  },
  second_factor_required: {
    code: "forbidden",
    detail:
      "Your organisation asks for a second factor. Set one up at /settings/security, or by POST to /api/v1/auth/me/second-factor/totp and its confirm, then repeat this.",
  },
  malformed_host: { code: "bad_request", detail: "The Host header is not the name of a host." },
  bytes_not_utf8: {
    code: "bad_request",
    detail: "Here are bytes that are not UTF-8: {bytes}. Send them in that encoding.",
  },
  timed_out: { code: "unavailable", detail: "This was not done within {seconds} s.", retryAfter: 5 },
  stalled: {
    code: "timed_out",
    detail:
      "No byte arrived for {seconds} s, or fewer than {least} bytes a second. Nothing was kept; send it again, or in parts by /api/v1/uploads.",
  },
  broken_off: { code: "bad_request", detail: "The connection ended within the request. Nothing was kept." },
  form_too_large: { code: "too_large", detail: "This form is too large." },
  not_a_form: { code: "unsupported", detail: "A form is expected here." },
  encoded_body: {
    code: "unsupported",
    detail: "Bodies with Content-Encoding: {encoding} are not taken. Send the bytes as they are.",
  },
  not_json: { code: "unsupported", detail: "Send this as application/json." },
  json_too_large: { code: "too_large", detail: "A JSON body may have {most} bytes at most." },
  json_too_deep: { code: "invalid", detail: "This JSON is deeper than {most} levels." },
  inexact_number: {
    code: "invalid",
    detail: "Numbers that JSON parsers round or cannot hold are refused. Send them as text.",
  },
  not_utf8: { code: "bad_request", detail: "This JSON is not UTF-8. Send it in that encoding." },
  page_too_large: { code: "invalid", detail: "A page has {most} things at most.", field: "page_size" },
  invalid_address: { code: "invalid", detail: "This address does not fit." },
  endpoint_not_found: { code: "not_found", detail: "There is no such endpoint." },
  page_not_found: { code: "not_found", detail: "There is no such page." },
});

/** Why the bytes of a file cannot be answered. */
export const deliveryError = defineReasons("delivery", {
  file_not_found: { code: "not_found", detail: "There is no such file." },
  object_not_found: { code: "not_found", detail: "There is no such object." },
  link_expired: { code: "forbidden", detail: "This link has run out or was changed. Ask for a new one." },
  changed: { code: "precondition_failed", detail: "This file is not in the state that the request names." },
  object_missing: { code: "not_found", detail: "The object store no longer has this file." },
});
