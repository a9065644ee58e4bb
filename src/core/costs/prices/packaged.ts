/**
 * On-demand list prices in US dollars, as far as they could be read at AWS, or in what others quote from AWS's price list with its
 * SKU or version. What couldn't be read isn't here, and a tier that couldn't be is null: nothing is guessed from another region.
 * us-east-1 and us-west-2, where projects are made, are whole; AWS lists the same prices for both. `node scripts/prices.mjs` makes the
 * whole table from AWS's price list, for every commercial region.
 */
import type { PriceName } from "./items.ts";
import type { PriceTable, Tier } from "./table.ts";

const evidence = {
  pages: { source: "page", date: "2026-11" },
  /** First tiers; two tables made from it agree on each of these regions. */
  calculator: { source: "https://calculator.aws/pricing/2.0/meteredUnitMaps/lambda/USD/current/lambda.json", date: "2026-11" },
  ireland: { source: "AWS price list, eu-west-1: AmazonDynamoDB 20260911124422, AmazonS3 20260928230416 and others of that month", date: "2026-10-04" },
  california: { source: "AWS price list, us-west-1: SKUs C3CJ8ENJSX6PD83A, 2B5A2GVFNUDVUX8R, ZQZVEJJY7MRQHAQV and others", date: "2026-09-29" },
  tokyo: { source: "AWS price list, ap-northeast-1, by usage type", date: "2026-09-23" },
  frankfurt: { source: "AWS price list, eu-central-1: AmazonDynamoDB, AWSLambda, AmazonCloudWatch", date: "2026-09-11" },
  seoul: { source: "AWS price list, ap-northeast-2", date: "2026-10-06" },
  mumbai: { source: "AWS price list, ap-south-1, by usage type", date: "2026-09-18" },
  ohio: { source: "AWS price list, us-east-2: AmazonDynamoDB 2026-09-11, SKU 9R977R3Z4DEQKWJB", date: "2026-09-29" },
  london: { source: "AWS price list, eu-west-2: EUW2-ApiGatewayHttpRequest", date: "2026-09-05" },
  edges: { source: "AWS price list, AmazonCloudFront 2026-08-31", date: "2026-09-06" },
} satisfies PriceTable["evidence"];
type Evidence = keyof typeof evidence;

/** One price for any amount, or tiers. */
const prices = (from: Evidence, listed: Partial<Record<PriceName, string | Tier[]>>): PriceTable["places"][string] =>
  Object.fromEntries(
    Object.entries(listed).map(([name, price]) => [name, { tiers: typeof price === "string" ? [["0", price] satisfies Tier] : price, evidence: from }]),
  );
/** Only the first tier is known; the next begins at `next`. */
const first = (dollars: string, next: string): Tier[] => [
  ["0", dollars],
  [next, null],
];
/** Where AWS's tiers end: arm64 GB-seconds, HTTP API requests, GB in S3, GB of vended logs and GB sent. */
const ends = { gbSeconds: "7500000000", requests: "300000000", stored: "51200", logs: "10240", sent: "10240" };

const lambda = (request: string, gbSecond: string) => prices("calculator", { lambdaRequest: request, lambdaGbSecondArm: first(gbSecond, ends.gbSeconds) });
const usualLambda = lambda("0.0000002", "0.0000133334");

const northVirginiaAndOregon = prices("pages", {
  lambdaRequest: "0.0000002",
  lambdaGbSecondArm: [
    ["0", "0.0000133334"],
    ["7500000000", "0.0000120001"],
    ["18750000000", "0.0000106667"],
  ],
  httpApiRequest: [
    ["0", "0.000001"],
    ["300000000", "0.0000009"],
  ],
  dynamodbRead: "0.000000125",
  dynamodbWrite: "0.000000625",
  dynamodbStorage: "0.25",
  dynamodbPitr: "0.20",
  s3Storage: [
    ["0", "0.023"],
    ["51200", "0.022"],
    ["512000", "0.021"],
  ],
  s3Put: "0.000005",
  s3Get: "0.0000004",
  logsIngest: [
    ["0", "0.50"],
    ["10240", "0.25"],
    ["30720", "0.10"],
    ["51200", "0.05"],
  ],
  logsStorage: "0.03",
  transferOut: [
    ["0", "0.09"],
    ["10240", "0.085"],
    ["51200", "0.07"],
    ["153600", "0.05"],
  ],
});

export const packagedPrices: PriceTable = {
  date: "2026-11-26",
  evidence,
  places: {
    "us-east-1": northVirginiaAndOregon,
    "us-west-2": northVirginiaAndOregon,
    "us-east-2": {
      ...usualLambda,
      ...prices("ohio", {
        httpApiRequest: first("0.000001", ends.requests),
        dynamodbRead: "0.000000125",
        dynamodbWrite: "0.000000625",
        dynamodbStorage: "0.25",
      }),
    },
    "us-west-1": {
      ...usualLambda,
      ...prices("california", {
        httpApiRequest: first("0.00000117", ends.requests),
        dynamodbRead: "0.0000001395",
        dynamodbWrite: "0.000000695",
        dynamodbStorage: "0.28",
        dynamodbPitr: "0.224",
        s3Storage: first("0.026", ends.stored),
        s3Put: "0.0000055",
        logsIngest: first("0.67", ends.logs),
        logsStorage: "0.033",
        transferOut: first("0.09", ends.sent),
      }),
    },
    "ca-central-1": usualLambda,
    "sa-east-1": usualLambda,
    "eu-west-1": {
      ...usualLambda,
      ...prices("ireland", {
        httpApiRequest: first("0.00000111", ends.requests),
        dynamodbRead: "0.0000001415",
        dynamodbWrite: "0.000000705",
        dynamodbStorage: "0.283",
        dynamodbPitr: "0.22",
        s3Storage: first("0.023", ends.stored),
        s3Put: "0.000005",
        s3Get: "0.0000004",
        logsIngest: first("0.57", ends.logs),
        logsStorage: "0.03",
        transferOut: first("0.09", ends.sent),
      }),
    },
    "eu-west-2": { ...usualLambda, ...prices("london", { httpApiRequest: first("0.00000116", ends.requests) }) },
    "eu-west-3": usualLambda,
    "eu-north-1": usualLambda,
    "eu-south-1": lambda("0.00000023", "0.0000156138"),
    "eu-central-1": {
      ...usualLambda,
      ...prices("frankfurt", {
        dynamodbRead: "0.0000001525",
        dynamodbWrite: "0.0000007625",
        dynamodbStorage: "0.306",
        dynamodbPitr: "0.2448",
        logsIngest: first("0.63", ends.logs),
        logsStorage: "0.0324",
      }),
    },
    "ap-northeast-1": {
      ...usualLambda,
      ...prices("tokyo", {
        httpApiRequest: first("0.00000129", ends.requests),
        dynamodbRead: "0.0000001425",
        dynamodbWrite: "0.000000715",
        dynamodbStorage: "0.285",
        s3Storage: first("0.025", ends.stored),
        s3Put: "0.0000047",
        s3Get: "0.00000037",
        logsIngest: first("0.76", ends.logs),
        transferOut: first("0.114", ends.sent),
      }),
    },
    "ap-northeast-2": {
      ...usualLambda,
      ...prices("seoul", {
        httpApiRequest: first("0.00000123", ends.requests),
        dynamodbRead: "0.0000001355",
        dynamodbWrite: "0.00000068",
        s3Storage: first("0.025", ends.stored),
        s3Put: "0.0000045",
        s3Get: "0.00000035",
        logsIngest: first("0.76", ends.logs),
        logsStorage: "0.0314",
      }),
    },
    "ap-northeast-3": usualLambda,
    "ap-southeast-1": usualLambda,
    "ap-southeast-2": usualLambda,
    "ap-south-1": {
      ...usualLambda,
      ...prices("mumbai", {
        httpApiRequest: first("0.00000105", ends.requests),
        dynamodbRead: "0.0000001425",
        dynamodbWrite: "0.00000071",
        dynamodbStorage: "0.285",
        logsIngest: first("0.67", ends.logs),
        logsStorage: "0.03",
      }),
    },
    "ap-east-1": lambda("0.00000028", "0.0000183000"),
    "af-south-1": lambda("0.00000027", "0.0000176800"),
    "me-south-1": lambda("0.00000025", "0.0000165334"),
    "cloudfront-us": prices("edges", {
      cloudFrontOut: [
        ["0", "0.085"],
        ["10240", "0.080"],
        ["51200", "0.060"],
        ["153600", "0.040"],
        ["512000", "0.030"],
        ["1048576", "0.025"],
        ["5242880", "0.020"],
      ],
      cloudFrontHttps: "0.000001",
    }),
  },
};
