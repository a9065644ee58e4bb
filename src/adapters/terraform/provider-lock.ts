/** The checksums by which Terraform itself refuses a provider that was tampered with (its "dependency lock file"). */
import { awsProviderVersion } from "../../blueprints/provider-version.ts";

/**
 * Terraform's h1 (Go's dirhash of the unpacked package), by version and platform: only what was measured by us. On others
 * `terraform init` relies on the registry's signature alone. A new version has none until it is measured.
 */
const packages: Record<string, Record<string, string>> = {
  "5.100.0": { "linux-x64": "h1:edXOJWE4ORX8Fm+dpVpICzMZJat4AX0VRCAy/xkcOc0=" },
};

/** Text of `.terraform.lock.hcl`; undefined where no checksum is known. `platform` is Node's: `linux-x64`. */
export function providerLock(platform: string): string | undefined {
  const hash = packages[awsProviderVersion]?.[platform];
  return (
    hash &&
    `provider "registry.terraform.io/hashicorp/aws" {\n  version     = "${awsProviderVersion}"\n  constraints = "${awsProviderVersion}"\n  hashes      = ["${hash}"]\n}\n`
  );
}
