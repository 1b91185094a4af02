import { z } from "zod";

/** What a grant allows, within the limits of the role. */
export const RIGHTS = ["view", "edit"] as const;
export type Right = typeof RIGHTS[number];

const MAX_GRANTS = 200;
const userGrantSchema = z.object({ user_id: z.uuid(), right: z.enum(RIGHTS).default("view") });
const groupGrantSchema = z.object({ group_id: z.uuid(), right: z.enum(RIGHTS).default("view") });

/** The complete set of grants to be; each account and group once. */
export const newGrantsSchema = z.object({
  users: z.array(userGrantSchema).max(MAX_GRANTS).default([]),
  groups: z.array(groupGrantSchema).max(MAX_GRANTS).default([]),
});
export type NewGrants = z.output<typeof newGrantsSchema>;

/** The grants of an asset, by name. */
export const grantsSchema = z.object({
  users: z.array(userGrantSchema.required().extend({ name: z.string() })),
  groups: z.array(groupGrantSchema.required().extend({ name: z.string() })),
});
export type Grants = z.infer<typeof grantsSchema>;

/** Who receives events about an asset: the whole tenant, or these accounts and administrators while they have the role. */
export type Audience = "everyone" | { people: string[]; administrators: string[] };
