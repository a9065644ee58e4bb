/** Values that a command can't do without. */
import { idFault } from "../contract/id.ts";
import { ChartctlError } from "../errors.ts";
import type { Cli, Settings } from "./cli.ts";

const flags = {
  tenant: { flag: "--tenant", variable: "CHARTCTL_TENANT", list: "chartctl tenants" },
  project: { flag: "--project", variable: "CHARTCTL_PROJECT", list: "chartctl projects" },
} as const;

/** Error `usage` when the value is missing, or no legal id. */
export function required(settings: Settings, name: keyof typeof flags): string {
  const value = settings[name];
  const { flag, variable, list } = flags[name];
  if (value === undefined || value === "") {
    throw new ChartctlError({
      kind: "usage",
      code: `${name}.missing`,
      message: `No ${name} is named`,
      hint: `name it with ${flag} ID, ${variable} or chartctl.json; see what there is: ${list}`,
    });
  }
  const fault = idFault(value);
  if (fault === undefined) return value;
  throw new ChartctlError({
    kind: "usage",
    code: "name.invalid",
    message: `The ${name} id ${JSON.stringify(value.slice(0, 60))} ${fault}`,
    hint: `such as: ${flag} ${name === "tenant" ? "acme" : "sales-2026"}`,
    details: { [name]: value },
  });
}

/** Error `api-url.missing` (usage): the embedded API has nobody to sign in. */
export function hostedUrl({ apiUrl }: Settings): string {
  if (apiUrl) return apiUrl;
  throw new ChartctlError({
    kind: "usage",
    code: "api-url.missing",
    message: "No hosted control API is named, and the embedded one has no users",
    hint: "name it with --api-url URL or CHARTCTL_API_URL; sign in: chartctl login",
  });
}

/** Whom a command is about: the one who is named, or whoever the token belongs to. */
export async function userOf({ given, connect }: Cli): Promise<string> {
  const { apiUrl, user, origins } = await given();
  return apiUrl && origins.user === "default" ? (await connect.me()).userId : user;
}
