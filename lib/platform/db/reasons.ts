import { defineReasons } from "../errors.ts";

/** Why the database cannot be used. */
export const databaseError = defineReasons("database", {
  unavailable: {
    code: "unavailable",
    detail: "The database does not answer right now. Try again in a moment.",
    retryAfter: 5,
  },
  full: {
    code: "storage_full",
    detail: "The disk of the database is full. Nothing was changed; try again when there is room.",
    retryAfter: 60,
  },
  timed_out: { code: "unavailable", detail: "The database did not answer in {milliseconds} ms." },
});
