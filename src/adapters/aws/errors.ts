/** AWS SDK errors, as a person can act on them. */
import { ChartctlError, isChartctlError, messageOf } from "../../errors.ts";

interface SdkError {
  name?: string;
  message?: string;
  code?: string;
  $metadata?: { httpStatusCode?: number; attempts?: number };
  $service?: string;
}

const expired = /^(ExpiredToken|ExpiredTokenException|RequestExpired)$/;
const denied = /^(AccessDenied|AccessDeniedException|Forbidden|UnauthorizedOperation|AuthorizationError|AuthorizationErrorException)$/;
const unknown =
  /^(UnrecognizedClientException|InvalidClientTokenId|SignatureDoesNotMatch|InvalidSignatureException|IncompleteSignature|InvalidAccessKeyId|AuthFailure)$/;
const skewed = /^(RequestTimeTooSkewed|RequestInTheFuture)$/;
const throttled = /Throttl|TooManyRequests|SlowDown|RequestLimitExceeded/i;
const network = /^(ECONNREFUSED|ENOTFOUND|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN|TimeoutError)$/;

/**
 * True for what AWS says of a thing that isn't there, service by service: by its name, because whatever else answers at an
 * endpoint may say 404, too.
 */
const isAbsent = (error: unknown): boolean =>
  /^(NoSuch\w+|NotFound|NotFoundException|ResourceNotFoundException|TableNotFoundException|\w+NotFoundError)$/.test((error as SdkError).name ?? "");

/** `doing` reads as in "AWS refused to …". Errors of ours pass unchanged. */
export function awsError(error: unknown, doing: string): ChartctlError {
  if (isChartctlError(error)) return error;
  const sdk = error as SdkError;
  const name = sdk.name ?? "Error";
  const status = sdk.$metadata?.httpStatusCode ?? 0;
  // AWS answers a wrong signature with the request as it saw it, session token included: that is neither said nor kept.
  const cause = unknown.test(name) ? undefined : error;
  const fail = (kind: "auth" | "external", code: string, message: string, hint: string): ChartctlError =>
    new ChartctlError({ kind, code, message, hint, cause, details: { awsError: name, ...(status ? { status } : {}) } });

  if (name === "CredentialsProviderError" || name === "TokenProviderError") {
    if (/expired/i.test(messageOf(error)))
      return fail(
        "auth",
        "aws.expired-credentials",
        `The AWS session has expired; there are no credentials to ${doing}`,
        "sign in again, such as: aws sso login",
      );
    return fail(
      "auth",
      "aws.no-credentials",
      `No AWS credentials are found to ${doing}`,
      "sign in (aws sso login), or name a profile: --aws-profile NAME (or AWS_PROFILE)",
    );
  }
  if (expired.test(name))
    return fail("auth", "aws.expired-credentials", `The AWS credentials have expired; AWS refused to ${doing}`, "sign in again, such as: aws sso login");
  if (unknown.test(name))
    return fail(
      "auth",
      "aws.invalid-credentials",
      `AWS doesn't know the credentials (${name}); it refused to ${doing}`,
      "check the access key, or sign in again: chartctl doctor",
    );
  if (skewed.test(name))
    return fail("external", "aws.clock-skew", `AWS refused to ${doing}: this machine's clock is wrong`, "set the clock (NTP), then: chartctl doctor");
  if (denied.test(name) || status === 403)
    return fail("auth", "aws.access-denied", `AWS refused to ${doing}: ${messageOf(error)}`, "check who you are and what the role allows: chartctl doctor");
  const [, waited] = /(?:exceeded the configured|timed out after) (\d+) ms (?:requestTimeout|of inactivity)/.exec(messageOf(error)) ?? [];
  if (waited !== undefined)
    return fail(
      "external",
      "aws.timeout",
      `AWS didn't ${doing}: ${timesAsked(sdk)}no answer within ${Number(waited) / 1_000} seconds`,
      "check the network, proxy and AWS_ENDPOINT_URL: chartctl doctor",
    );
  if (network.test(sdk.code ?? name) || network.test(name) || /ECONNREFUSED|ENOTFOUND|socket hang up/.test(messageOf(error))) {
    return fail(
      "external",
      "aws.unreachable",
      `AWS can't be reached to ${doing}: ${reason(error)}`,
      "check the network, proxy and AWS_ENDPOINT_URL: chartctl doctor",
    );
  }
  if (throttled.test(name))
    return fail(
      "external",
      "aws.throttled",
      `AWS is throttling requests; it refused to ${doing}`,
      "run the command again in a minute; it goes on where it stopped",
    );
  if (status >= 500)
    return fail("external", "aws.unavailable", `AWS failed to ${doing}: ${words(error, status)}`, "run the command again; it goes on where it stopped");
  return fail("external", `aws.${name}`, `AWS refused to ${doing}: ${words(error, status)}`, "look closer: chartctl doctor");
}

/** The SDK's own words about what it couldn't parse help nobody. */
const words = (error: unknown, status: number): string =>
  /Deserialization error/.test(messageOf(error))
    ? `it answered ${status || "something"} that isn't in AWS's format (AWS_ENDPOINT_URL, a proxy?)`
    : messageOf(error);

/** Why nothing answered; Node tries each address of a name, and tells of each. */
function reason(error: unknown): string {
  const text = error instanceof AggregateError ? error.errors.map(messageOf).join("; ") : messageOf(error);
  const [, unconnected] = /did not establish a connection .* timeout of (\d+) ms/.exec(text) ?? [];
  return unconnected === undefined ? text || (error as SdkError).code || "no answer" : `no connection within ${Number(unconnected) / 1_000} seconds`;
}

const timesAsked = ({ $metadata: { attempts = 1 } = {} }: SdkError): string => (attempts > 1 ? `asked ${attempts} times, ` : "");

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

/** Of a question, which changes nothing: there is nothing that the next one could go on with. */
export const ofQuestion = (error: ChartctlError): ChartctlError =>
  error.code === "aws.throttled" || error.code === "aws.unavailable"
    ? new ChartctlError({
        ...error,
        message: error.message,
        cause: error.cause,
        hint: "ask again in a minute, with the same command: nothing of this answer is kept",
      })
    : error;
