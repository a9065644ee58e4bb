/** Whether temporary credentials are worth handing out again. */
import type { AwsCredentials } from "../../core/ports.ts";

/** Only while they last at least this long. */
const freshMilliseconds = 5 * 60_000;

export const isFresh = ({ expiration }: AwsCredentials): boolean => expiration !== undefined && expiration.getTime() - Date.now() > freshMilliseconds;
