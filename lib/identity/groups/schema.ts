import { z } from "zod";
import { ROLES } from "../../access/context.ts";
import { text } from "../../platform/text.ts";
import { defineReasons } from "../../platform/errors.ts";

/** A group as lists show it. */
export const groupSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  description: z.string().nullable(),
  member_count: z.number().int(),
  created_at: z.string(),
  updated_at: z.string(),
});
export type Group = z.infer<typeof groupSchema>;

export const memberSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  email: z.string(),
  role: z.enum(ROLES),
  is_active: z.boolean(),
  added_at: z.string(),
});
export type Member = z.infer<typeof memberSchema>;

/** A group with its members, by name. */
export const groupDetailSchema = groupSchema.extend({ members: z.array(memberSchema) });
export type GroupDetail = z.infer<typeof groupDetailSchema>;

const name = text(255).trim().min(1);
const description = text(2_000).trim().nullable();

export const newGroupSchema = z.object({ name, description: description.default(null) });
export type NewGroup = z.output<typeof newGroupSchema>;

export const groupPatchSchema = z.object({ name: name.optional(), description: description.optional() });
export type GroupPatch = z.infer<typeof groupPatchSchema>;

export const groupFilterSchema = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(100),
  skip: z.coerce.number().int().min(0).max(1_000_000).default(0),
});
export type GroupFilter = z.output<typeof groupFilterSchema>;

/** Why an operation on a group fails. */
export const groupError = defineReasons("group", {
  not_found: { code: "not_found", detail: "There is no such group." },
  member_not_found: { code: "not_found", detail: "There is no such member." },
  name_taken: { code: "conflict", detail: "Another group has this name." },
  too_many: { code: "conflict", detail: "There are {most} groups, which is the most." },
  too_many_members: { code: "conflict", detail: "This group has {most} members, which is the most." },
});
