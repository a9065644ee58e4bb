/** Whether temporary credentials are worth handing out again. */
import type { AssumeRoleCommandOutput } from "@aws-sdk/client-sts";
import type { AwsCredentials } from "../../core/ports.ts";

/** Only while they last at least this long. */
const freshMilliseconds = 5 * 60_000;

export const isFresh = ({ expiration }: AwsCredentials): boolean => expiration !== undefined && expiration.getTime() - Date.now() > freshMilliseconds;

/** What AssumeRole answered. */
export function temporary({ Credentials: given }: AssumeRoleCommandOutput): AwsCredentials {
  if (!given?.AccessKeyId || !given.SecretAccessKey || !given.SessionToken || !given.Expiration) throw new Error("STS answered without credentials");
  return { accessKeyId: given.AccessKeyId, secretAccessKey: given.SecretAccessKey, sessionToken: given.SessionToken, expiration: given.Expiration };
}
