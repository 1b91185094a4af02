import { ROLES } from "../../../../lib/access/context.ts";
import type { Ui } from "../../kit/ui.ts";

interface RoleProps {
  ui: Ui;
  name?: string;
  id?: string;
  /** For a select without a visible label. */
  label?: string;
  role?: string;
}

/** Selects a role. */
export function RoleSelect({ ui, name = "role", id, label, role = "viewer" }: RoleProps) {
  return (
    <select class="input select" id={id} name={name} aria-label={label}>
      {ROLES.map((each) => <option value={each} selected={each === role}>{ui.t(`role.${each}`)}</option>)}
    </select>
  );
}
