/** Names that a person types, as the platform accepts them (DESIGN section 3). */
import { z } from "zod";
import { idMaxLength, idPattern, idRules } from "./id.ts";

/** A tenant's, user's or project's id. */
export const idSchema = z.string().max(idMaxLength, idRules.length).regex(idPattern, idRules.pattern);

/** Ten random lower-case characters that the control API gives a project once, and never again. */
export const projectKeyPattern = /^[a-z0-9]{10}$/;
export const projectKeySchema = z.string().regex(projectKeyPattern);

const allowedRegions = ["us-east-1", "us-west-2"] as const;
export const regionSchema = z.enum(allowedRegions);

const environments = ["development", "staging", "production"] as const;
export const environmentSchema = z.enum(environments);

export const accountIdSchema = z.string().regex(/^\d{12}$/, "must be 12 digits");
export const roleArnSchema = z.string().regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,128}$/, "must look like arn:aws:iam::123456789012:role/NAME");

/** A table as Athena names it, in chartctl's own database. */
export const reportTableSchema = z.string().regex(/^[a-z0-9_]{1,255}$/, "must hold only a-z, 0-9 and underscores");
