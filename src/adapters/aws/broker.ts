/** The platform as its broker role, which `setup aws` makes: the one principal that tenants' roles trust. */
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import type { AwsCredentials } from "../../core/ports.ts";
import type { AwsEnvironment } from "./clients.ts";
import { clientSettings } from "./clients.ts";
import { translated } from "./errors.ts";
import { isFresh, temporary } from "./temporary.ts";

/** Role chaining allows one hour at most (IAM user guide, "Roles terms and concepts"). */
const durationSeconds = 3_600;

/** With `CHARTCTL_BROKER_ROLE_ARN`, the operator's credentials serve for nothing but becoming the broker. */
export function asBroker(
  env: AwsEnvironment,
  operator: () => Promise<AwsCredentials>,
  options: { abortSignal?: AbortSignal } = {},
): () => Promise<AwsCredentials> {
  const RoleArn = env.CHARTCTL_BROKER_ROLE_ARN;
  if (!RoleArn) return operator;
  let session: Promise<AwsCredentials> | undefined;
  const assume = async (): Promise<AwsCredentials> => {
    const sts = new STSClient(clientSettings(env, "STS", env.AWS_REGION ?? "us-east-1", await operator()));
    const command = new AssumeRoleCommand({ RoleArn, RoleSessionName: "chartctl", DurationSeconds: durationSeconds });
    return await translated(`work as the broker ${RoleArn}`, async () => temporary(await sts.send(command, options)));
  };
  return async () => {
    const earlier = session;
    if (earlier) {
      const known = await earlier.catch(() => undefined);
      if (known && isFresh(known)) return known;
    }
    if (session === earlier || !session) session = assume(); // otherwise, somebody else was first
    return await session;
  };
}
