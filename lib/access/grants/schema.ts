import { z } from "zod";

/** What somebody may do with a thing that was shared with them. Their role still bounds it. */
export const RIGHTS = ["view", "edit"] as const;
export type Right = typeof RIGHTS[number];

const MOST = 200;
const userGrantSchema = z.object({ user_id: z.uuid(), right: z.enum(RIGHTS).default("view") });
const groupGrantSchema = z.object({ group_id: z.uuid(), right: z.enum(RIGHTS).default("view") });

/** With whom a thing is to be shared, all of it; each person and group once. */
export const newGrantsSchema = z.object({
  users: z.array(userGrantSchema).max(MOST).default([]),
  groups: z.array(groupGrantSchema).max(MOST).default([]),
});
export type NewGrants = z.output<typeof newGrantsSchema>;

/** With whom a thing is shared, by name. */
export const grantsSchema = z.object({
  users: z.array(userGrantSchema.required().extend({ name: z.string() })),
  groups: z.array(groupGrantSchema.required().extend({ name: z.string() })),
});
export type Grants = z.infer<typeof grantsSchema>;

/** Who hears of a thing: everybody of its tenant, or those named; administrators as long as they are. */
export type Audience = "everyone" | { people: string[]; administrators: string[] };
