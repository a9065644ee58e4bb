/** The Terraform (or OpenTofu) that runs: found on PATH, or named. */
import { resolve } from "node:path";
import { execa } from "execa";
import { ChartctlError } from "../../errors.ts";

export interface TerraformBinary {
  path: string;
  product: "terraform" | "tofu";
  version: string;
}

/** Import blocks came with 1.5 (HashiCorp's upgrade guide); OpenTofu has had them since its first, 1.6. */
const oldest = [1, 5] as const;

/** Errors (`external`): `terraform.missing`, `terraform.too-old`. `CHARTCTL_TERRAFORM` names another program. */
export async function findTerraform(env: NodeJS.ProcessEnv): Promise<TerraformBinary> {
  const named = env.CHARTCTL_TERRAFORM;
  // A path is meant from here; Terraform itself runs in another folder.
  const names = named ? [named.includes("/") ? resolve(named) : named] : ["terraform", "tofu"];
  let tooOld: ChartctlError | undefined;
  for (const name of names) {
    const version = await versionOf(name, env);
    if (version === undefined) continue;
    const [major = 0, minor = 0] = version.split(".").map(Number);
    if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1]))
      return { path: name, product: /tofu[^/]*$/.test(name) ? "tofu" : "terraform", version };
    tooOld ??= new ChartctlError({
      kind: "external",
      code: "terraform.too-old",
      message: `${name} ${version} is too old; chartctl needs ${oldest.join(".")} or newer`,
      hint: install,
      details: { version },
    });
  }
  if (tooOld) throw tooOld;
  throw new ChartctlError({
    kind: "external",
    code: "terraform.missing",
    message: env.CHARTCTL_TERRAFORM
      ? `${env.CHARTCTL_TERRAFORM} (CHARTCTL_TERRAFORM) is not a Terraform that runs`
      : "Terraform is not installed: neither terraform nor tofu is on PATH",
    hint: install,
  });
}

const install = "install it: https://developer.hashicorp.com/terraform/install (or brew install terraform), then: chartctl doctor";

async function versionOf(name: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const { stdout, failed } = await execa(name, ["version", "-json"], {
    env: { ...env, CHECKPOINT_DISABLE: "1", TF_CLI_CONFIG_FILE: undefined },
    extendEnv: false,
    reject: false,
    timeout: 20_000,
  });
  if (failed) return undefined;
  try {
    return String((JSON.parse(stdout) as { terraform_version: string }).terraform_version);
  } catch {
    return undefined;
  }
}
