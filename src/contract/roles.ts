/** Who may do what: each endpoint names the least role that it wants. */
import { z } from "zod";

/** From the least to the most: each may do what those before it may. */
export const roles = ["member", "admin", "owner", "global_owner"] as const;
export const roleSchema = z.enum(roles);
export type Role = z.infer<typeof roleSchema>;

export const atLeast = (role: Role, wanted: Role): boolean => roles.indexOf(role) >= roles.indexOf(wanted);

/** The lesser of two: a token never gives more than its user has. */
export const lesser = (one: Role, other: Role): Role => (atLeast(one, other) ? other : one);
