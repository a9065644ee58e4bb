/** AWS SDK errors, as a person can act on them. */
import { ChartctlError, isChartctlError, messageOf } from "../../errors.ts";

interface SdkError {
  name?: string;
  message?: string;
  code?: string;
  $metadata?: { httpStatusCode?: number };
  $service?: string;
}

const expired = /^(ExpiredToken|ExpiredTokenException|RequestExpired)$/;
const denied = /^(AccessDenied|AccessDeniedException|UnauthorizedOperation|AuthorizationError|UnrecognizedClientException|InvalidClientTokenId|SignatureDoesNotMatch|InvalidAccessKeyId)$/;
const throttled = /Throttl|TooManyRequests|SlowDown|RequestLimitExceeded/i;
const network = /^(ECONNREFUSED|ENOTFOUND|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN|TimeoutError)$/;

/** True for what AWS says of a thing that isn't there, service by service. */
export const isAbsent = (error: unknown): boolean => {
  const { name, $metadata } = error as SdkError;
  return $metadata?.httpStatusCode === 404 || /^(NotFound|NoSuch|ResourceNotFound)/.test(name ?? "");
};

/** `doing` reads as in "AWS refused to …". Errors of ours pass unchanged. */
export function awsError(error: unknown, doing: string): ChartctlError {
  if (isChartctlError(error)) return error;
  const sdk = error as SdkError;
  const name = sdk.name ?? "Error";
  const fail = (kind: "auth" | "external", code: string, message: string, hint: string): ChartctlError =>
    new ChartctlError({ kind, code, message, hint, cause: error, details: { awsError: name, ...(sdk.$metadata?.httpStatusCode ? { status: sdk.$metadata.httpStatusCode } : {}) } });

  if (name === "CredentialsProviderError" || name === "TokenProviderError") {
    return fail("auth", "aws.no-credentials", `No AWS credentials are found to ${doing}`, "sign in (aws sso login), or name a profile: --aws-profile NAME");
  }
  if (expired.test(name)) return fail("auth", "aws.expired-credentials", `The AWS credentials have expired; AWS refused to ${doing}`, "sign in again, such as: aws sso login");
  if (denied.test(name)) return fail("auth", "aws.access-denied", `AWS refused to ${doing}: ${messageOf(error)}`, "check who you are and what the role allows: chartctl doctor");
  if (network.test(sdk.code ?? name) || /ECONNREFUSED|ENOTFOUND|socket hang up/.test(messageOf(error))) {
    return fail("external", "aws.unreachable", `AWS can't be reached to ${doing}: ${messageOf(error) || sdk.code}`, "check the network, proxy and AWS_ENDPOINT_URL: chartctl doctor");
  }
  if (throttled.test(name)) return fail("external", "aws.throttled", `AWS is throttling requests; it refused to ${doing}`, "run the command again in a minute; it goes on where it stopped");
  if ((sdk.$metadata?.httpStatusCode ?? 0) >= 500) return fail("external", "aws.unavailable", `AWS failed to ${doing}: ${messageOf(error)}`, "run the command again; it goes on where it stopped");
  return fail("external", `aws.${name}`, `AWS refused to ${doing}: ${messageOf(error)}`, "look closer: chartctl doctor");
}

/** Runs an AWS call; undefined when the thing isn't there. Any other error is thrown: absence is never assumed. */
export async function orAbsent<T>(doing: string, call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw awsError(error, doing);
  }
}

/** Runs an AWS call and translates its error. */
export async function translated<T>(doing: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw awsError(error, doing);
  }
}
