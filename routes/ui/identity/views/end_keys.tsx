import type { Ui } from "../../kit/ui.ts";

/** The choice to end the API keys of the account as well. They stay by default, since programs would stop. */
export function EndKeys({ ui }: { ui: Ui }) {
  return (
    <label class="choice">
      <input type="checkbox" name="end_api_keys" value="true" />
      <span>
        {ui.t("access.end_keys")}
        <span class="field__hint">{ui.t("access.end_keys_hint")}</span>
      </span>
    </label>
  );
}
