/** The environment of Terraform and the provider: credentials only by the run folder's profile, nothing by accident. */
import { existsSync } from "node:fs";
import { join } from "node:path";

/** What would give Terraform other credentials, arguments or places than ours. */
const removed = [
  /^AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|SECURITY_TOKEN|ROLE_ARN|ROLE_SESSION_NAME|WEB_IDENTITY_TOKEN_FILE|CONTAINER_.*|PROFILE|DEFAULT_PROFILE|EXTERNAL_ID|SESSION_NAME)$/,
  /^TF_(CLI_ARGS.*|VAR_.*|WORKSPACE|DATA_DIR|LOG.*|REATTACH_PROVIDERS|INPUT)$/,
  /^CHARTCTL_TOKEN$/,
  /^NODE_OPTIONS$/,
];

const profileName = "chartctl";

export interface TerraformEnvironment {
  env: NodeJS.ProcessEnv;
  /** The provider takes AWS_CA_BUNDLE once in its life; where it can't be translated, one provider serves many commands badly. */
  mayShareProvider: boolean;
}

/** `folder` holds aws-config and aws-credentials. */
export function terraformEnvironment(base: NodeJS.ProcessEnv, folder: string, region: string, cliConfig: string | undefined): TerraformEnvironment {
  const env = Object.fromEntries(Object.entries(base).filter(([name]) => !removed.some((pattern) => pattern.test(name))));
  const bundle = env.AWS_CA_BUNDLE;
  const translatable = bundle === undefined || process.platform === "linux";
  if (bundle !== undefined && translatable) {
    delete env.AWS_CA_BUNDLE; // its second Configure fails with it; Go reads SSL_CERT_FILE on Linux
    env.SSL_CERT_FILE ??= bundle;
  }
  if (cliConfig !== undefined) env.TF_CLI_CONFIG_FILE = cliConfig;
  else if (env.TF_CLI_CONFIG_FILE && !existsSync(env.TF_CLI_CONFIG_FILE)) delete env.TF_CLI_CONFIG_FILE;
  return {
    mayShareProvider: translatable,
    env: {
      ...env,
      AWS_CONFIG_FILE: join(folder, "aws-config"),
      AWS_SHARED_CREDENTIALS_FILE: join(folder, "aws-credentials"),
      AWS_PROFILE: profileName,
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_EC2_METADATA_DISABLED: "true",
      CHECKPOINT_DISABLE: "1",
      TF_IN_AUTOMATION: "1",
      TF_INPUT: "0",
    },
  };
}

/** A profile whose credentials come from a command (AWS SDKs and Tools guide, "Process credential provider"). */
export const awsConfig = (command: string[], region: string): string =>
  `[profile ${profileName}]\nregion = ${region}\ncredential_process = exec ${command.map(shellWord).join(" ")}\n`;

/** The SDK for Go hands the line to `sh -c`; a value that begins with a quote it would unquote first, hence `exec`. */
const shellWord = (word: string): string => `'${word.replaceAll("'", String.raw`'\''`)}'`;
