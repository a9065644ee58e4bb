import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { awsConfig, terraformEnvironment } from "../../../src/adapters/terraform/environment.ts";

const made = (base: NodeJS.ProcessEnv, cliConfig?: string) => terraformEnvironment(base, "run", "us-west-2", cliConfig);

describe("Terraform's environment", () => {
  it("has no credentials, arguments or settings of the operator's own", () => {
    const theirs = [
      ...["ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN", "ROLE_ARN", "WEB_IDENTITY_TOKEN_FILE", "DEFAULT_PROFILE"].map((name) => `AWS_${name}`),
      ...["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN"],
      ...["TF_CLI_ARGS", "TF_CLI_ARGS_plan", "TF_VAR_name", "TF_WORKSPACE", "TF_DATA_DIR", "TF_LOG", "TF_LOG_PROVIDER", "TF_REATTACH_PROVIDERS"],
      ...["CHARTCTL_TOKEN", "NODE_OPTIONS"],
    ];
    const { env } = made(Object.fromEntries(theirs.map((name) => [name, "operator"])));
    for (const name of theirs) expect(env, name).not.toHaveProperty(name);
    expect(Object.values(env)).not.toContain("operator");
  });

  it("keeps endpoints, proxies and places", () => {
    const kept = { AWS_ENDPOINT_URL: "http://x", AWS_ENDPOINT_URL_S3: "http://y", HTTPS_PROXY: "http://z", PATH: "/bin", HOME: "/h", TF_PLUGIN_CACHE_DIR: "c" };
    expect(made(kept).env).toMatchObject(kept);
  });

  it("has our profile, and nothing that asks or reports", () => {
    expect(made({ AWS_PROFILE: "mine", AWS_CONFIG_FILE: "mine", AWS_SHARED_CREDENTIALS_FILE: "mine", AWS_REGION: "eu-west-1" }).env).toMatchObject({
      AWS_PROFILE: "chartctl",
      AWS_CONFIG_FILE: "run/aws-config",
      AWS_SHARED_CREDENTIALS_FILE: "run/aws-credentials",
      AWS_REGION: "us-west-2",
      AWS_EC2_METADATA_DISABLED: "true",
      CHECKPOINT_DISABLE: "1",
      TF_IN_AUTOMATION: "1",
      TF_INPUT: "0",
    });
  });

  it("drops a Terraform configuration that isn't there, keeps one that is, and prefers ours", () => {
    expect(made({ TF_CLI_CONFIG_FILE: "no-such-file" }).env).not.toHaveProperty("TF_CLI_CONFIG_FILE");
    expect(made({ TF_CLI_CONFIG_FILE: "package.json" }).env.TF_CLI_CONFIG_FILE).toBe("package.json");
    expect(made({ TF_CLI_CONFIG_FILE: "package.json" }, "ours").env.TF_CLI_CONFIG_FILE).toBe("ours");
  });

  it("translates AWS_CA_BUNDLE where it can, and otherwise forbids a shared provider", () => {
    const { env, mayShareProvider } = made({ AWS_CA_BUNDLE: "ca.pem" });
    expect({ mayShareProvider, bundle: env.AWS_CA_BUNDLE, certificates: env.SSL_CERT_FILE }).toEqual(
      process.platform === "linux"
        ? { mayShareProvider: true, bundle: undefined, certificates: "ca.pem" }
        : { mayShareProvider: false, bundle: "ca.pem", certificates: undefined },
    );
    expect(made({}).mayShareProvider).toBe(true);
  });
});

describe("the profile", () => {
  it("gives the helper its words as they are, whatever stands in a path", () => {
    const word = fc.string({ unit: fc.constantFrom(..."ab '\"$`\\;&|*?#~!()é".split("")), minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), (words) => {
        const line = awsConfig([process.execPath, "-e", "process.stdout.write(JSON.stringify(process.argv.slice(1)))", "--", ...words], "us-east-1")
          .split("\n")
          .find((each) => each.startsWith("credential_process"));
        const command = line?.replace("credential_process = ", "") ?? "";
        expect(JSON.parse(execFileSync("/bin/sh", ["-c", command], { encoding: "utf8" }))).toEqual(words);
      }),
      { numRuns: 15 },
    );
  });
});
