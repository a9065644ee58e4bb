/** Where Terraform finds providers on a machine without a way out (DESIGN section 8). */
import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";

const registry = "registry.terraform.io";
const roots = ["/opt", "/usr/share", "/usr/local/share"];

export interface Mirror {
  /** The folder that holds `registry.terraform.io`. */
  path: string;
  found: "CHARTCTL_PLUGIN_MIRROR" | "folder";
}

/** Undefined when the user's own Terraform settings decide, or nothing is found: Terraform's implied folders and the registry then serve. */
export function findMirror(env: NodeJS.ProcessEnv): Mirror | undefined {
  if (env.CHARTCTL_PLUGIN_MIRROR) return { path: resolve(env.CHARTCTL_PLUGIN_MIRROR), found: "CHARTCTL_PLUGIN_MIRROR" };
  if (userSettings(env)) return undefined;
  const folder = roots.flatMap((root) => foldersIn(root)).find((path) => existsSync(join(path, registry, "hashicorp", "aws")));
  return folder === undefined ? undefined : { path: folder, found: "folder" };
}

/** The user's own CLI configuration, if there is one. */
export function userSettings(env: NodeJS.ProcessEnv): string | undefined {
  const named = env.TF_CLI_CONFIG_FILE;
  const own = join(env.HOME ?? homedir(), ".terraformrc");
  return [named, own].find((file) => file !== undefined && existsSync(file));
}

function foldersIn(root: string): string[] {
  try {
    return readdirSync(root, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(root, entry.name));
  } catch {
    return []; // not there, or not ours to read
  }
}

/** The CLI configuration that uses a mirror for the AWS provider, and the registry for nothing else. */
export const mirrorConfig = (path: string): string =>
  `provider_installation {\n  filesystem_mirror {\n    path    = ${JSON.stringify(path)}\n    include = ["hashicorp/aws"]\n  }\n  direct {\n    exclude = ["hashicorp/aws"]\n  }\n}\n`;
