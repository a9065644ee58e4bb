/** What a service is called, whichever source names it. */
import type { LineKind } from "./cost-source.ts";

/**
 * One name for a service: the report has product codes, Cost Explorer has names, and splits EC2 where the report doesn't.
 * What isn't listed keeps the name that its source gives it.
 */
const names: Record<string, string> = {
  AmazonS3: "Amazon Simple Storage Service",
  AWSLambda: "AWS Lambda",
  AmazonDynamoDB: "Amazon DynamoDB",
  AmazonApiGateway: "Amazon API Gateway",
  AmazonCloudWatch: "AmazonCloudWatch",
  AmazonCloudFront: "Amazon CloudFront",
  AmazonWorkSpaces: "Amazon WorkSpaces",
  AmazonEC2: "Amazon Elastic Compute Cloud",
  "EC2 - Other": "Amazon Elastic Compute Cloud",
  "Amazon Elastic Compute Cloud - Compute": "Amazon Elastic Compute Cloud",
  AmazonVPC: "Amazon Virtual Private Cloud",
  AmazonRDS: "Amazon Relational Database Service",
  AmazonRoute53: "Amazon Route 53",
  AmazonSNS: "Amazon Simple Notification Service",
  AWSQueueService: "Amazon Simple Queue Service",
  AmazonAthena: "Amazon Athena",
  AWSGlue: "AWS Glue",
  AWSCostExplorer: "AWS Cost Explorer",
  awskms: "AWS Key Management Service",
  AWSSecretsManager: "AWS Secrets Manager",
  AWSCloudTrail: "AWS CloudTrail",
};

/** Cost Explorer has taxes as a service of their own; the report has them at the service that they are paid for. */
export const serviceName = (given: string, kind: LineKind): string => (kind === "tax" ? "Tax" : Object.hasOwn(names, given) ? (names[given] as string) : given);
