import { defineReasons } from "../errors.ts";

/** Why a program cannot be run. */
export const processError = defineReasons("process", {
  not_installed: {
    code: "unavailable",
    detail: "{program} is not installed: install the package {package}",
  },
});
