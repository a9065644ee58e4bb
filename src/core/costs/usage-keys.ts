/** What a usage file may state, by resource: Infracost's own keys (infracost-usage-example.yml), as far as the blueprint has what they price. */

/** Nested as in the file; a list's end is `true`. */
interface Keys {
  [key: string]: true | Keys;
}

export const usageKeys = {
  "aws_lambda_function.app": { monthly_requests: true, request_duration_ms: true },
  "aws_apigatewayv2_api.api": { monthly_requests: true, request_size_kb: true },
  "aws_dynamodb_table.data": { monthly_read_request_units: true, monthly_write_request_units: true, storage_gb: true, pitr_backup_storage_gb: true },
  "aws_s3_bucket.site": { standard: { storage_gb: true, monthly_tier_1_requests: true, monthly_tier_2_requests: true } },
  "aws_cloudwatch_log_group.app": { monthly_data_ingested_gb: true, storage_gb: true },
  "aws_cloudwatch_log_group.api": { monthly_data_ingested_gb: true, storage_gb: true },
  "aws_data_transfer.out": { monthly_outbound_internet_gb: true },
} as const satisfies Record<string, Keys>;

export const usageAddresses = Object.keys(usageKeys) as UsageAddress[];
export type UsageAddress = keyof typeof usageKeys;

/** `standard.storage_gb`: keys of an address, joined. */
export const keysOf = (address: UsageAddress): string[] => paths(usageKeys[address]);
const paths = (keys: Keys): string[] => Object.entries(keys).flatMap(([key, inner]) => (inner === true ? [key] : paths(inner).map((path) => `${key}.${path}`)));
