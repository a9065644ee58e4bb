/** How every AWS client is made: endpoint, retries and time limits, from one place. */
import type { AwsCredentials } from "../../core/ports.ts";

/** Settings of a client; `endpoint` covers `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_<SERVICE>`. */
export interface ClientSettings {
  region: string;
  credentials?: AwsCredentials | (() => Promise<AwsCredentials>);
  endpoint?: string;
  maxAttempts: number;
  requestHandler: { connectionTimeout: number; requestTimeout: number; throwOnRequestTimeout: true };
}

export type AwsEnvironment = Record<string, string | undefined>;

/** A dead endpoint answers in seconds, a slow IAM still gets through. */
const connectionTimeout = 3_000;
const requestTimeout = 30_000;

export function clientSettings(env: AwsEnvironment, service: string, region: string, credentials?: ClientSettings["credentials"]): ClientSettings {
  // The SDK's own notice about Node 20 is none of the user's business.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";
  const endpoint = endpointOf(env, service);
  return {
    region,
    maxAttempts: 4,
    // Without `throwOnRequestTimeout`, the SDK only warns and waits on.
    requestHandler: { connectionTimeout, requestTimeout, throwOnRequestTimeout: true },
    ...(credentials ? { credentials } : {}),
    ...(endpoint ? { endpoint } : {}),
  };
}

export const endpointOf = (env: AwsEnvironment, service: string): string | undefined => env[`AWS_ENDPOINT_URL_${service}`] ?? env.AWS_ENDPOINT_URL;

/** Emulators serve buckets as a path of their one address; AWS itself as host names. */
export const usesPathStyle = (env: AwsEnvironment): boolean => Boolean(env.AWS_ENDPOINT_URL_S3 ?? env.AWS_ENDPOINT_URL);
