/**
 * Prices that were read again after listed.ts: at AWS's own pages, or where others quote AWS's list by usage type, SKU or version. All
 * agreed with listed.ts. Where only a first tier was read, only that is here. `node scripts/prices.mjs`, once it reads a newer list, makes
 * every one of them the older one, which is then passed over.
 */
import type { PriceText } from "./price-text.ts";

export const readings: Record<string, PriceText> = {
  london: {
    source: "AWS price list, eu-west-2: EUW2-ApiGatewayHttpRequest",
    date: "2026-09-05",
    rows: `
      place httpApiRequest
      eu-west-2 0.00000116`,
  },
  edge: {
    source: "AWS price list, AmazonCloudFront 2026-08-31",
    date: "2026-09-06",
    rows: `
      place cloudFrontOut cloudFrontHttps
      cloudfront-us 0.085/10240:0.08/51200:0.06/153600:0.04/512000:0.03/1048576:0.025/5242880:0.02 0.000001`,
  },
  frankfurt: {
    source: "AWS price list, eu-central-1: AmazonDynamoDB, AWSLambda, AmazonCloudWatch",
    date: "2026-09-11",
    rows: `
      place dynamodbRead dynamodbWrite dynamodbStorage dynamodbPitr logsIngest logsStorage
      eu-central-1 0.0000001525 0.0000007625 0.306 0.2448 0.63 0.0324`,
  },
  mumbai: {
    source: "AWS price list, ap-south-1, by usage type",
    date: "2026-09-18",
    rows: `
      place httpApiRequest dynamodbRead dynamodbWrite dynamodbStorage logsIngest logsStorage
      ap-south-1 0.00000105 0.0000001425 0.00000071 0.285 0.67 0.03`,
  },
  tokyo: {
    source: "AWS price list, ap-northeast-1, by usage type",
    date: "2026-09-23",
    rows: `
      place logsIngest transferOut
      ap-northeast-1 0.76 0.114`,
  },
  usageTypes: {
    source: "AWS price list, by usage type",
    date: "2026-09-24",
    rows: `
      place httpApiRequest dynamodbRead dynamodbWrite dynamodbStorage s3Storage s3Put s3Get logsStorage
      us-east-2 0.000001 0.000000125 0.000000625 0.25 0.023 0.000005 0.0000004 -
      eu-west-1 0.00000111 0.0000001415 0.000000705 0.283 0.023 0.000005 0.0000004 -
      eu-central-1 0.0000012 0.0000001525 0.0000007625 0.306 0.0245 0.0000054 0.00000043 -
      ap-northeast-1 0.00000129 0.0000001425 0.000000715 0.285 0.025 0.0000047 0.00000037 0.033
      ap-northeast-2 0.00000123 0.0000001355 0.00000068 0.27075 0.025 0.0000045 0.00000035 0.0314
      ap-southeast-1 0.00000125 0.0000001425 0.00000071 0.285 0.025 0.000005 0.0000004 -
      ap-southeast-2 0.00000129 0.0000001425 0.00000071 0.285 0.025 0.0000055 0.00000044 -
      ap-south-1 0.00000105 0.0000001425 0.00000071 0.285 0.025 0.000005 0.0000004 -`,
  },
  edges: {
    source: "AWS price list, AmazonCloudFront, by usage type",
    date: "2026-09-24",
    rows: `
      place cloudFrontOut cloudFrontHttps
      cloudfront-ap 0.12 0.0000012
      cloudfront-au 0.114 0.00000125
      cloudfront-ca 0.085 0.000001
      cloudfront-eu 0.085 0.0000012
      cloudfront-in 0.109 0.0000012
      cloudfront-jp 0.114 0.0000012
      cloudfront-me 0.11 0.0000012
      cloudfront-sa 0.11 0.0000022
      cloudfront-za 0.11 0.0000012`,
  },
  desktops: {
    source: "https://b0.p.awsstatic.com/pricing/2.0/meteredUnitMaps/workspaces/USD/current/workspaces.json",
    date: "2026-09-28",
    rows: `
      place workSpaceMonth workSpaceBase workSpaceHour
      us-east-1 35 9.75 0.3`,
  },
  california: {
    source: "AWS price list, us-west-1: SKUs C3CJ8ENJSX6PD83A, 2B5A2GVFNUDVUX8R, ZQZVEJJY7MRQHAQV and others",
    date: "2026-09-29",
    rows: `
      place httpApiRequest dynamodbRead dynamodbWrite dynamodbStorage dynamodbPitr s3Storage s3Put logsIngest logsStorage transferOut
      us-west-1 0.00000117 0.0000001395 0.000000695 0.28 0.224 0.026 0.0000055 0.67 0.033 0.09`,
  },
  ohio: {
    source: "AWS price list, us-east-2: AmazonDynamoDB 2026-09-11, SKU 9R977R3Z4DEQKWJB",
    date: "2026-09-29",
    rows: `
      place httpApiRequest dynamodbRead dynamodbWrite dynamodbStorage
      us-east-2 0.000001 0.000000125 0.000000625 0.25`,
  },
  ireland: {
    source: "AWS price list, eu-west-1: AmazonDynamoDB 20260911124422, AmazonS3 20260928230416 and others of that month",
    date: "2026-10-04",
    rows: `
      place httpApiRequest dynamodbRead dynamodbWrite dynamodbStorage dynamodbPitr s3Storage s3Put s3Get logsIngest logsStorage transferOut
      eu-west-1 0.00000111 0.0000001415 0.000000705 0.283 0.22 0.023 0.000005 0.0000004 0.57 0.03 0.09`,
  },
  seoul: {
    source: "AWS price list, ap-northeast-2",
    date: "2026-10-06",
    rows: `
      place httpApiRequest dynamodbRead dynamodbWrite s3Storage s3Put s3Get logsIngest logsStorage
      ap-northeast-2 0.00000123 0.0000001355 0.00000068 0.025 0.0000045 0.00000035 0.76 0.0314`,
  },
  lambda: {
    source: "https://calculator.aws/pricing/2.0/meteredUnitMaps/lambda/USD/current/lambda.json",
    date: "2026-11",
    rows: `
      place lambdaRequest lambdaGbSecondArm
      us-east-2 0.0000002 0.0000133334
      us-west-1 0.0000002 0.0000133334
      ca-central-1 0.0000002 0.0000133334
      sa-east-1 0.0000002 0.0000133334
      eu-west-1 0.0000002 0.0000133334
      eu-west-2 0.0000002 0.0000133334
      eu-west-3 0.0000002 0.0000133334
      eu-north-1 0.0000002 0.0000133334
      eu-south-1 0.00000023 0.0000156138
      eu-central-1 0.0000002 0.0000133334
      ap-northeast-1 0.0000002 0.0000133334
      ap-northeast-2 0.0000002 0.0000133334
      ap-northeast-3 0.0000002 0.0000133334
      ap-southeast-1 0.0000002 0.0000133334
      ap-southeast-2 0.0000002 0.0000133334
      ap-south-1 0.0000002 0.0000133334
      ap-east-1 0.00000028 0.0000183
      af-south-1 0.00000027 0.00001768
      me-south-1 0.00000025 0.0000165334`,
  },
  /** Each price's own page, all its tiers; AWS lists the same for both. */
  pages: {
    source: "page",
    date: "2026-11",
    rows: `
      place lambdaRequest lambdaGbSecondArm httpApiRequest dynamodbRead dynamodbWrite dynamodbStorage dynamodbPitr s3Storage s3Put s3Get logsIngest logsStorage transferOut
      us-east-1 0.0000002 0.0000133334/7500000000:0.0000120001/18750000000:0.0000106667 0.000001/300000000:0.0000009 0.000000125 0.000000625 0.25 0.2 0.023/51200:0.022/512000:0.021 0.000005 0.0000004 0.5/10240:0.25/30720:0.1/51200:0.05 0.03 0.09/10240:0.085/51200:0.07/153600:0.05
      us-west-2 0.0000002 0.0000133334/7500000000:0.0000120001/18750000000:0.0000106667 0.000001/300000000:0.0000009 0.000000125 0.000000625 0.25 0.2 0.023/51200:0.022/512000:0.021 0.000005 0.0000004 0.5/10240:0.25/30720:0.1/51200:0.05 0.03 0.09/10240:0.085/51200:0.07/153600:0.05`,
  },
};
