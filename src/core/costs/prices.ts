/**
 * On-demand list prices in US dollars of the regions that projects may use. AWS lists the same prices for us-east-1 and
 * us-west-2 on each of the pages named here; checked in November 2026. Free tiers are left out: an estimate states what
 * usage costs, and an account's free tier may be used up by others.
 */
export interface Price {
  /** Decimal string, exact. */
  dollars: string;
  unit: string;
  source: string;
}

export const pricesCheckedAt = "2026-11";

const lambda = "https://aws.amazon.com/lambda/pricing/";
const apiGateway = "https://aws.amazon.com/api-gateway/pricing/";
const dynamodb = "https://aws.amazon.com/dynamodb/pricing/on-demand/";
const s3 = "https://aws.amazon.com/s3/pricing/";
const logs = "https://aws.amazon.com/cloudwatch/pricing/";
const transfer = "https://aws.amazon.com/ec2/pricing/on-demand/";

export const prices = {
  lambdaRequest: { dollars: "0.0000002", unit: "request", source: lambda },
  lambdaGbSecondArm: { dollars: "0.0000133334", unit: "GB-second (arm64)", source: lambda },
  httpApiRequest: { dollars: "0.000001", unit: "request (512 KB)", source: apiGateway },
  dynamodbRead: { dollars: "0.000000125", unit: "read request unit", source: dynamodb },
  dynamodbWrite: { dollars: "0.000000625", unit: "write request unit", source: dynamodb },
  dynamodbStorage: { dollars: "0.25", unit: "GB-month", source: dynamodb },
  dynamodbPitr: { dollars: "0.20", unit: "GB-month", source: dynamodb },
  s3Storage: { dollars: "0.023", unit: "GB-month", source: s3 },
  s3Get: { dollars: "0.0000004", unit: "GET request", source: s3 },
  logsIngest: { dollars: "0.50", unit: "GB", source: logs },
  logsStorage: { dollars: "0.03", unit: "GB-month (compressed)", source: logs },
  transferOut: { dollars: "0.09", unit: "GB", source: transfer },
} as const satisfies Record<string, Price>;
