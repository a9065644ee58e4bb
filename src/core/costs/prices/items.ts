/** What has a price: how AWS's price list and its bill name it, and what an amount of it is called. */

export interface PriceItem {
  unit: string;
  /** AWS's page about this price. */
  page: string;
  /** The offer in AWS's price list. */
  offer: Offer;
  /** In the price list, after the region's mark: `USW2-Request-ARM` is `Request-ARM`. Undefined: `where` alone says which. */
  listed?: string;
  /** Attributes of the product that must be so; names as in the price list, in lower case, letters and digits alone. */
  where?: Record<string, string>;
  /** What a bill calls it, when that isn't `listed` alone. */
  billed?: readonly string[];
  /** Who bills it, by the names of service-names.ts; undefined: whichever service it was used through. */
  service?: string;
  /** The first tier's price is believed between these, in dollars; outside, the list isn't what it says it is. */
  believed: readonly [least: string, most: string];
}

export const offers = [
  "AWSLambda",
  "AmazonApiGateway",
  "AmazonDynamoDB",
  "AmazonS3",
  "AmazonCloudWatch",
  "AWSDataTransfer",
  "AmazonCloudFront",
  "AmazonWorkSpaces",
] as const;
export type Offer = (typeof offers)[number];

const page = (path: string): string => `https://aws.amazon.com/${path}/`;
const lambda = { page: page("lambda/pricing"), offer: "AWSLambda", service: "AWS Lambda" } as const;
const dynamodb = { page: page("dynamodb/pricing/on-demand"), offer: "AmazonDynamoDB", service: "Amazon DynamoDB" } as const;
const s3 = { page: page("s3/pricing"), offer: "AmazonS3", service: "Amazon Simple Storage Service" } as const;
const logs = { page: page("cloudwatch/pricing"), offer: "AmazonCloudWatch", service: "AmazonCloudWatch" } as const;
const cloudFront = { page: page("cloudfront/pricing"), offer: "AmazonCloudFront", service: "Amazon CloudFront" } as const;
/** A bundle's root and user volumes are part of its price. */
const workSpace = (runningMode: string, unit: string) => ({
  page: page("workspaces-family/workspaces/pricing"),
  offer: "AmazonWorkSpaces" as const,
  service: "Amazon WorkSpaces",
  where: {
    resourcetype: "Hardware",
    bundle: "Standard",
    operatingsystem: "Windows",
    license: "Included",
    rootvolume: "80 GB",
    uservolume: "50 GB",
    runningmode: runningMode,
    unit,
  },
});

export const priceItems = {
  lambdaRequest: { ...lambda, unit: "request", listed: "Request-ARM", billed: ["Request-ARM", "Request"], believed: ["0.00000002", "0.000002"] },
  lambdaGbSecondArm: { ...lambda, unit: "GB-second (arm64)", listed: "Lambda-GB-Second-ARM", believed: ["0.0000013", "0.00013"] },
  httpApiRequest: {
    unit: "request (512 KB)",
    page: page("api-gateway/pricing"),
    offer: "AmazonApiGateway",
    service: "Amazon API Gateway",
    listed: "ApiGatewayHttpRequest",
    believed: ["0.0000001", "0.00001"],
  },
  dynamodbRead: { ...dynamodb, unit: "read request unit", listed: "ReadRequestUnits", believed: ["0.00000001", "0.000002"] },
  dynamodbWrite: { ...dynamodb, unit: "write request unit", listed: "WriteRequestUnits", believed: ["0.00000005", "0.00001"] },
  dynamodbStorage: { ...dynamodb, unit: "GB-month", listed: "TimedStorage-ByteHrs", believed: ["0.02", "2.5"] },
  dynamodbPitr: { ...dynamodb, unit: "GB-month", listed: "TimedPITRStorage-ByteHrs", believed: ["0.02", "2"] },
  s3Storage: { ...s3, unit: "GB-month", listed: "TimedStorage-ByteHrs", believed: ["0.002", "0.23"] },
  s3Put: { ...s3, unit: "PUT request", listed: "Requests-Tier1", believed: ["0.0000005", "0.00005"] },
  s3Get: { ...s3, unit: "GET request", listed: "Requests-Tier2", believed: ["0.00000004", "0.000004"] },
  // A function's logs are vended logs since May 2025, in tiers; the first costs what other logs cost.
  logsIngest: { ...logs, unit: "GB", listed: "VendedLog-Bytes", billed: ["VendedLog-Bytes", "DataProcessing-Bytes"], believed: ["0.05", "5"] },
  logsStorage: { ...logs, unit: "GB-month (compressed)", listed: "TimedStorage-ByteHrs", believed: ["0.003", "0.3"] },
  transferOut: {
    unit: "GB",
    page: page("ec2/pricing/on-demand"),
    offer: "AWSDataTransfer",
    listed: "DataTransfer-Out-Bytes",
    where: { transfertype: "AWS Outbound", tolocation: "External" },
    believed: ["0.009", "0.9"],
  },
  cloudFrontOut: { ...cloudFront, unit: "GB", listed: "DataTransfer-Out-Bytes", believed: ["0.0085", "0.85"] },
  cloudFrontHttps: { ...cloudFront, unit: "HTTPS request", listed: "Requests-Tier2-HTTPS", believed: ["0.0000001", "0.00001"] },
  workSpaceMonth: { ...workSpace("AlwaysOn", "Month"), unit: "month (Standard, always on)", believed: ["3", "350"] },
  workSpaceBase: { ...workSpace("AutoStop", "Month"), unit: "month (Standard, auto-stop)", believed: ["0.9", "98"] },
  workSpaceHour: {
    ...workSpace("AutoStop", "Hour"),
    // An hour has no volumes.
    where: { resourcetype: "Hardware", bundle: "Standard", operatingsystem: "Windows", license: "Included", runningmode: "AutoStop", unit: "Hour" },
    unit: "hour (Standard, auto-stop)",
    believed: ["0.03", "3"],
  },
} as const satisfies Record<string, PriceItem>;

export type PriceName = keyof typeof priceItems;
export const priceNames = Object.keys(priceItems) as PriceName[];
export const itemOf = (name: PriceName): PriceItem => priceItems[name];

/** Prices that a project's estimate is made of; a region that has them all is complete. */
export const projectPrices = [
  "lambdaRequest",
  "lambdaGbSecondArm",
  "httpApiRequest",
  "dynamodbRead",
  "dynamodbWrite",
  "dynamodbStorage",
  "dynamodbPitr",
  "s3Storage",
  "s3Put",
  "s3Get",
  "logsIngest",
  "logsStorage",
  "transferOut",
] as const satisfies PriceName[];

/** A usage type of these says nothing without its service: `TimedStorage-ByteHrs` is what three of them call their storage. */
export const sharedTypeServices: readonly string[] = (() => {
  const sold = projectPrices.map(itemOf).flatMap(({ listed, billed, service }) => (billed ?? [listed]).map((type) => ({ type, service })));
  const shared = sold.filter((one) => sold.some((other) => other.type === one.type && other.service !== one.service));
  return [...new Set(shared.flatMap(({ service }) => service ?? []))];
})();

/** `USW2-Request-ARM` without its region; us-east-1 has none, or `USE1`, and Ireland is `EU`. */
export const withoutRegion = (usageType: string): string => usageType.replace(/^(?:EU|[A-Z]{3}\d)-/, "");
