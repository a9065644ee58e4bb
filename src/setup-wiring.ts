/** What `setup`, `tenants` and `verify` reach: vendors' APIs, templates, another platform; each loaded when it is asked for. */
import { join } from "node:path";
import type { Cli } from "./commands/cli.ts";
import { Secret } from "./core/setup/steps.ts";
import { ChartctlError } from "./errors.ts";
import type { signedIn } from "./signed-in.ts";

type SetupConnections = Pick<
  Cli["connect"],
  "tenants" | "tourFile" | "verification" | "awsSetup" | "heroku" | "container" | "vercel" | "apiAt" | "environment" | "installTerraform"
>;

/** `cli` has these in it: it is asked for when one of them is. `root`: the package's own folder. */
export function setupConnections(cli: () => Cli, hosted: ReturnType<typeof signedIn>, root: string): SetupConnections {
  return {
    tenants: async () => {
      const [{ localRoles, remoteRoles, tenantBooks }, { cloudFormationFiles }, { apiUrl, awsProfile }] = await Promise.all([
        import("./adapters/tenant-roles.ts"),
        import("./adapters/cloudformation-files.ts"),
        cli().given(),
      ]);
      const call = await cli().connect.api();
      const files = { books: tenantBooks(call), templates: cloudFormationFiles(join(root, "templates/cloudformation")) };
      const interrupted = cli().interrupt.gentle;
      if (apiUrl) return { ...files, roles: remoteRoles(call, interrupted) };
      const [{ awsRoleProbe }, { randomBytes }] = await Promise.all([import("./adapters/aws/role-probe.ts"), import("node:crypto")]);
      const probe = awsRoleProbe(await cli().connect.awsEnvironment(), { profile: awsProfile, interrupted });
      return { ...files, roles: localRoles(call, probe, () => randomBytes(16).toString("hex")) };
    },
    tourFile: async () => {
      const [{ readJson, writePrivateJson }, { folders }, { existsSync, rmSync }] = await Promise.all([
        import("./adapters/json-file.ts"),
        import("./adapters/settings.ts"),
        import("node:fs"),
      ]);
      const file = join(folders(process.env).config, "setup-tour.json");
      return {
        read: () => (existsSync(file) ? readJson(file) : {}),
        write: (document) => writePrivateJson(file, document),
        remove: () => rmSync(file, { force: true }),
      };
    },
    verification: async (url) => {
      const [{ platformAt }, { randomUUID }, { writeReport }] = await Promise.all([
        import("./adapters/platform-probe.ts"),
        import("node:crypto"),
        import("./adapters/report-file.ts"),
      ]);
      return { platform: platformAt(url, (await hosted.token(url))?.token), newId: randomUUID, writeReport };
    },
    awsSetup: async () => {
      const [{ awsSetup }, env, { awsProfile }] = await Promise.all([import("./adapters/aws/setup/setup.ts"), cli().connect.awsEnvironment(), cli().given()]);
      return await awsSetup(env, awsProfile);
    },
    heroku: async (asked) => {
      const { herokuInHand } = await import("./setup-hosts.ts");
      return await herokuInHand({ env: process.env, root, cli: cli(), me: hosted.me }, asked);
    },
    container: async ({ chosen, awsRegion, ...asked }) => {
      const { containerInHand } = await import("./setup-hosts.ts");
      return await containerInHand({ ...asked, config: { chosen, awsRegion }, env: process.env, root, version: cli().version });
    },
    vercel: async (asked) => await (await import("./setup-hosts.ts")).vercelInHand(process.env, asked),
    apiAt: async (url) => await hosted.api(url, undefined),
    environment: (names) => secretsFrom(process.env, names),
    installTerraform: async ({ to, releases, dryRun }) => {
      const { hashicorpReleases, installTerraform, platformName } = await import("./adapters/terraform/install.ts");
      return await installTerraform({ folder: to, platform: platformName(process), fetch, releases: releases ?? hashicorpReleases, dryRun });
    },
  };
}

/** Values that must not stand on a command line. Error `variable.unset` (usage). */
function secretsFrom(env: NodeJS.ProcessEnv, names: string[]): Record<string, Secret> {
  return Object.fromEntries(
    names.map((name) => {
      const value = env[name];
      if (value) return [name, new Secret(value)];
      throw new ChartctlError({
        kind: "usage",
        code: "variable.unset",
        message: `${name} is not set in this shell`,
        hint: `set it, and export it: export ${name}`,
      });
    }),
  );
}
