// Editing an asset on its page. A field of the form is one entry of `editSchema` and one of `FIELDS`.
import type { z } from "zod";
import { type AssetDetail, assetPatchSchema } from "../../../../lib/library/assets/schema.ts";
import type { Ui } from "../../kit/ui.ts";
import type { TextKey } from "../../kit/words.ts";
import { Field } from "../../kit/views/field.tsx";

const editSchema = assetPatchSchema.pick({ title: true, description: true }).required();
type FieldName = keyof typeof editSchema.shape;

interface FieldOptions {
  label: TextKey;
  /** What is shown when the value is refused. */
  invalid: TextKey;
  /** A blank value is stored as null. */
  isOptional?: boolean;
  maxlength?: number;
  long?: boolean;
  autofocus?: boolean;
}

const FIELDS: Record<FieldName, FieldOptions> = {
  title: { label: "asset.title_label", invalid: "asset.title_needed", maxlength: 500, autofocus: true },
  description: {
    label: "asset.description_label",
    invalid: "asset.description_too_long",
    isOptional: true,
    long: true,
  },
};
const NAMES = Object.keys(FIELDS) as FieldName[];

/** The form as it was sent or is first shown, and which of its fields were refused. */
export interface Edit {
  values: Record<FieldName, string>;
  refused: FieldName[];
}

/** The form filled with what the asset has. */
export function editOf(asset: AssetDetail): Edit {
  return { values: mapFields((name) => asset[name] ?? ""), refused: [] };
}

/** Reads the form: the patch that it asks for, undefined when a field is refused, and the form to show again. */
export function readEdit(
  fields: Record<string, string>,
): { patch?: z.output<typeof editSchema>; edit: Edit } {
  const values = mapFields((name) => fields[name] ?? "");
  const isNull = (name: FieldName) => FIELDS[name].isOptional && values[name].trim() === "";
  const { data, error } = editSchema.safeParse(mapFields((name) => isNull(name) ? null : values[name]));
  const refused = NAMES.filter((name) => error?.issues.some(({ path }) => path[0] === name));
  return { patch: data, edit: { values, refused } };
}

function mapFields<T>(valueOf: (name: FieldName) => T): Record<FieldName, T> {
  return Object.fromEntries(NAMES.map((name) => [name, valueOf(name)])) as Record<FieldName, T>;
}

export function EditForm({ ui, asset, edit }: { ui: Ui; asset: AssetDetail; edit: Edit }) {
  const path = `/assets/${asset.id}`;
  return (
    <form
      class="panel__section form"
      method="post"
      action={path}
      hx-nonce={ui.nonce}
      hx-post={path}
      hx-target="#panel-body"
      hx-swap="outerHTML"
      novalidate
    >
      {NAMES.map((name) => {
        const { label, invalid, isOptional: _, ...attributes } = FIELDS[name];
        return (
          <Field
            ui={ui}
            name={name}
            label={ui.t(label)}
            value={edit.values[name]}
            error={edit.refused.includes(name) ? ui.t(invalid) : undefined}
            {...attributes}
          />
        );
      })}
      <div class="form__row">
        <button class="button button--main" type="submit">{ui.t("app.save")}</button>
        <a
          class="button button--bare"
          href={path}
          hx-nonce={ui.nonce}
          hx-get={`${path}/panel`}
          hx-target="#panel-body"
          hx-swap="outerHTML"
          hx-boost="false"
        >
          {ui.t("app.cancel")}
        </a>
      </div>
    </form>
  );
}
