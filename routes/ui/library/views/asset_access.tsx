import type { AssetDetail } from "../../../../lib/library/assets/schema.ts";
import { type Access, VISIBILITIES } from "../../../../lib/library/assets/schema.ts";
import type { Subject } from "../../../../lib/access/grants/grants.ts";
import { type Right, RIGHTS } from "../../../../lib/access/grants/schema.ts";
import type { Ui } from "../../kit/ui.ts";
import { Icon } from "../../kit/views/icons.tsx";

/** Visibility and grants of an asset, the accounts and groups to share it with, and the result of the last change. */
export interface AccessForm {
  access: Access;
  subjects: Subject[];
  error?: string;
  saved?: boolean;
}

interface AccessProps extends AccessForm {
  ui: Ui;
  asset: AssetDetail;
}

/** The form for visibility and grants. */
export function AssetAccess({ ui, asset, access, subjects, error, saved }: AccessProps) {
  const path = `/assets/${asset.id}/access`;
  const named = [
    ...access.groups.map(({ group_id, ...grant }) => ({ ...grant, kind: "group" as const, id: group_id })),
    ...access.users.map(({ user_id, ...grant }) => ({ ...grant, kind: "user" as const, id: user_id })),
  ];
  const others = subjects.filter(({ id }) =>
    id !== asset.created_by && !named.some((each) => each.id === id)
  );
  return (
    <form
      class="panel__section form"
      id="access"
      method="post"
      action={path}
      hx-nonce={ui.nonce}
      hx-post={path}
      hx-target="#panel-body"
      hx-swap="outerHTML"
    >
      <fieldset class="choices">
        <legend>{ui.t("share.who")}</legend>
        {VISIBILITIES.map((visibility) => (
          <label class="choice">
            <input
              type="radio"
              name="visibility"
              value={visibility}
              checked={visibility === access.visibility}
            />
            <span>
              {ui.t(`visibility.${visibility}`)}
              <span class="field__hint">{ui.t(`share.text_${visibility}`)}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <fieldset class="choices">
        <legend>{ui.t("share.with")}</legend>
        {named.length === 0 && <p class="quiet">{ui.t("share.with_nobody")}</p>}
        {named.map(({ kind, id, name, right }) => (
          <div class="grant">
            <Icon name={kind === "group" ? "people" : "user"} />
            <span class="grant__name" dir="auto">{name}</span>
            <RightSelect ui={ui} name={`${kind}:${id}`} label={name} right={right} removable />
          </div>
        ))}
        {others.length > 0 && (
          <div class="grant">
            <SubjectSelect ui={ui} subjects={others} />
            <RightSelect ui={ui} name="add_right" label={ui.t("share.add")} right="view" />
          </div>
        )}
      </fieldset>
      {error && (
        <p class="field__error" role="alert">
          <Icon name="warning" /> {error}
        </p>
      )}
      <div class="form__row">
        <button class="button button--main" type="submit">{ui.t("app.save")}</button>
        {saved && <span class="quiet" role="status">{ui.t("asset.saved")}</span>}
      </div>
    </form>
  );
}

interface RightProps {
  ui: Ui;
  name: string;
  label: string;
  right: Right;
  removable?: boolean;
}

function RightSelect({ ui, name, label, right, removable }: RightProps) {
  return (
    <select class="input select" name={name} aria-label={ui.t("share.right_of", { name: label })}>
      {RIGHTS.map((each) => (
        <option value={each} selected={each === right}>{ui.t(`share.right_${each}`)}</option>
      ))}
      {removable && <option value="none">{ui.t("share.remove")}</option>}
    </select>
  );
}

function SubjectSelect({ ui, subjects }: { ui: Ui; subjects: Subject[] }) {
  const [groups, people] = (["group", "user"] as const).map((kind) =>
    subjects.filter((subject) => subject.kind === kind)
  );
  return (
    <select class="input select grant__name" name="add" aria-label={ui.t("share.add")}>
      <option value="">{ui.t("share.add_none")}</option>
      {groups!.length > 0 && <Options label={ui.t("share.groups")} subjects={groups!} />}
      {people!.length > 0 && <Options label={ui.t("share.people")} subjects={people!} />}
    </select>
  );
}

function Options({ label, subjects }: { label: string; subjects: Subject[] }) {
  return (
    <optgroup label={label}>
      {subjects.map(({ kind, id, name }) => <option value={`${kind}:${id}`}>{name}</option>)}
    </optgroup>
  );
}
