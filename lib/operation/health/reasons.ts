import { defineReasons } from "../../platform/errors.ts";

/** Why a backup cannot be marked. */
export const backupError = defineReasons("backup", {
  in_future: { code: "invalid", detail: "A backup was made in the past: give --at as ISO 8601." },
});

/** Why a part of the installation is unhealthy. */
export const healthError = defineReasons("health", {
  no_worker: { code: "unavailable", detail: "no live worker" },
  mails_stuck: { code: "unavailable", detail: "{count} messages wait for the mail server" },
  timed_out: { code: "unavailable", detail: "no answer in {milliseconds} ms" },
});
