/** Which of several sources a setting's value comes from. Pure: the sources are read elsewhere. */

export const settingNames = ["apiUrl", "tenant", "project", "user", "region", "awsProfile", "environment", "host"] as const;
export type SettingName = (typeof settingNames)[number];
export type SettingValues = Partial<Record<SettingName, string>>;

export interface Layer {
  /** What a person calls the source of one of its values. */
  origin(name: SettingName): string;
  values: SettingValues;
}

/** The first layer that has a value wins; a name that none has is left out. */
export function settle(layers: Layer[]): { values: SettingValues; origins: Partial<Record<SettingName, string>> } {
  const values: SettingValues = {};
  const origins: Partial<Record<SettingName, string>> = {};
  for (const name of settingNames) {
    const layer = layers.find((candidate) => candidate.values[name] !== undefined && candidate.values[name] !== "");
    if (!layer) continue;
    values[name] = layer.values[name];
    origins[name] = layer.origin(name);
  }
  return { values, origins };
}

/** Environment variables of DESIGN section 5. */
export const settingVariables: Record<SettingName, string | undefined> = {
  apiUrl: "CHARTCTL_API_URL",
  tenant: "CHARTCTL_TENANT",
  project: "CHARTCTL_PROJECT",
  user: "CHARTCTL_USER",
  region: "AWS_REGION",
  awsProfile: "AWS_PROFILE",
  environment: "CHARTCTL_ENVIRONMENT",
  /** Only ever of a context: what runs the platform, such as `heroku/NAME`. */
  host: undefined,
};

/** A person's login name as a legal user id; `operator` when nothing of it is left. */
export function userIdFrom(login: string): string {
  const id = login
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+|-+$/g, "")
    .slice(0, 24)
    .replace(/-+$/, "");
  return id === "" ? "operator" : id;
}
