/** A value that a command can't do without, and that nobody gave. */
import { idSchema } from "../contract/names.ts";
import { ChartctlError } from "../errors.ts";
import type { Settings } from "./cli.ts";

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
  const checked = idSchema.safeParse(value);
  if (checked.success) return checked.data;
  throw new ChartctlError({
    kind: "usage",
    code: "name.invalid",
    message: `The ${name} id ${JSON.stringify(value.slice(0, 60))} ${checked.error.issues[0]?.message ?? "is not valid"}`,
    hint: `such as: ${flag} ${name === "tenant" ? "acme" : "sales-2026"}`,
    details: { [name]: value },
  });
}
