/** AWS's price list as its bulk API publishes it: an index, and per offer a CSV file with five lines about itself. The prices are test data. */
import { createServer } from "node:http";
import { stringify } from "csv-stringify/sync";
import { onLoopback } from "./loopback.ts";

const published = "2026-11-20T12:44:22Z";
const version = "20261120124422";
const disclaimer = 'This pricing list is for informational purposes only. All prices are subject to the "additional terms"\nincluded in the pricing pages.';

/** Columns as AWS's files have them; which attributes there are differs from service to service. */
const shared = [
  "SKU",
  "OfferTermCode",
  "RateCode",
  "TermType",
  "PriceDescription",
  "EffectiveDate",
  "StartingRange",
  "EndingRange",
  "Unit",
  "PricePerUnit",
  "Currency",
  "RelatedTo",
  "LeaseContractLength",
  "PurchaseOption",
  "OfferingClass",
  "Product Family",
  "serviceCode",
];
export type Row = Record<string, string>;

let skus = 0;
/** One product with its tiers: `[from, dollars]`. */
function product(serviceCode: string, family: string, unit: string, attributes: Row, tiers: [string, string][]): Row[] {
  const SKU = `SKU${String(++skus).padStart(13, "0")}`;
  const starts = tiers.map(([from]) => from).sort((a, b) => Number(a) - Number(b));
  return tiers.map(([from, dollars], at) => ({
    SKU,
    OfferTermCode: "JRTCKXETXF",
    RateCode: `${SKU}.JRTCKXETXF.TIER${at}`,
    TermType: "OnDemand",
    PriceDescription: `$${dollars} per ${unit}, "test", from ${from}`,
    EffectiveDate: "2026-11-01",
    StartingRange: from,
    EndingRange: starts[starts.indexOf(from) + 1] ?? "Inf",
    Unit: unit,
    PricePerUnit: dollars,
    Currency: "USD",
    "Product Family": family,
    serviceCode,
    ...attributes,
  }));
}

const prefixes: Record<string, string> = { "us-east-1": "", "us-west-2": "USW2-", "eu-west-1": "EU-", "il-central-1": "ILC1-" };
/** Where nothing is provisioned, and prices aren't wanted. */
const elsewhere = [
  { "Region Code": "us-gov-west-1", "Location Type": "AWS Region" },
  { "Region Code": "us-west-2-lax-1", "Location Type": "AWS Local Zone" },
];

/** What the stand-in publishes, by offer: a test changes it. */
export function priceFiles(): Record<string, Row[]> {
  const files: Record<string, Row[]> = {};
  const add = (...rows: Row[]): void => {
    for (const row of rows) {
      const code = row.serviceCode ?? "";
      files[code] ??= [];
      files[code]?.push(row);
    }
  };
  for (const [region, prefix] of Object.entries(prefixes)) {
    const here = { Location: region, "Location Type": "AWS Region", "Region Code": region };
    const of = (usageType: string, more: Row = {}): Row => ({ ...here, usageType: `${prefix}${usageType}`, ...more });
    const named = (usageType: string, more: Row = {}): Row => ({ ...here, usageType: `${prefix || "USE1-"}${usageType}`, ...more });
    add(
      ...product("AWSLambda", "Serverless", "Requests", of("Request-ARM", { Group: "AWS-Lambda-Requests-ARM" }), [["0", "0.0000002100"]]),
      ...product("AWSLambda", "Serverless", "Requests", of("Request", { Group: "AWS-Lambda-Requests" }), [["0", "0.0000009000"]]),
      ...product("AWSLambda", "Serverless", "Lambda-GB-Second", of("Lambda-GB-Second-ARM", { Group: "AWS-Lambda-Duration-ARM" }), [
        ["7500000000", "0.0000120001"],
        ["0", "0.0000133334"],
        ["18750000000", "0.0000106667"],
      ]),
      ...product("AmazonApiGateway", "API Calls", "Requests", named("ApiGatewayHttpRequest", { operation: "ApiGatewayHttpApi" }), [
        ["0", "0.0000010000"],
        ["300000000", "0.0000009000"],
      ]),
      ...product("AmazonApiGateway", "API Calls", "Requests", named("ApiGatewayRequest", { operation: "ApiGatewayRequest" }), [["0", "0.0000035000"]]),
      ...product("AmazonDynamoDB", "Amazon DynamoDB PayPerRequest Throughput", "ReadRequestUnits", of("ReadRequestUnits"), [["0", "0.0000001250"]]),
      ...product("AmazonDynamoDB", "Amazon DynamoDB PayPerRequest Throughput", "ReadRequestUnits", of("IA-ReadRequestUnits"), [["0", "0.0000001550"]]),
      ...product("AmazonDynamoDB", "Amazon DynamoDB PayPerRequest Throughput", "WriteRequestUnits", of("WriteRequestUnits"), [["0", "0.0000006250"]]),
      ...product("AmazonDynamoDB", "Database Storage", "GB-Mo", of("TimedStorage-ByteHrs"), [
        ["0", "0.0000000000"],
        ["25", "0.2500000000"],
      ]),
      ...product("AmazonDynamoDB", "Database Storage", "GB-Mo", of("TimedPITRStorage-ByteHrs"), [["0", "0.2000000000"]]),
      ...product("AmazonS3", "Storage", "GB-Mo", of("TimedStorage-ByteHrs", { "Storage Class": "General Purpose" }), [
        ["0", "0.0230000000"],
        ["51200", "0.0220000000"],
        ["512000", "0.0210000000"],
      ]),
      ...product("AmazonS3", "API Request", "Requests", of("Requests-Tier1", { Group: "S3-API-Tier1" }), [["0", "0.0000050000"]]),
      // The same price under two SKUs, as S3 has it.
      ...product("AmazonS3", "API Request", "Requests", of("Requests-Tier2", { Group: "S3-API-Tier2" }), [["0", "0.0000004000"]]),
      ...product("AmazonS3", "API Request", "Requests", of("Requests-Tier2", { Group: "S3-API-Tier2", operation: "GetObject" }), [["0", "0.0000004000"]]),
      ...product("AmazonCloudWatch", "Data Payload", "GB", named("VendedLog-Bytes"), [
        ["0", "0.5000000000"],
        ["10240", "0.2500000000"],
        ["30720", "0.1000000000"],
        ["51200", "0.0500000000"],
      ]),
      ...product("AmazonCloudWatch", "Data Payload", "GB", named("DataProcessing-Bytes"), [["0", "0.5000000000"]]),
      ...product("AmazonCloudWatch", "Storage Snapshot", "GB-Mo", of("TimedStorage-ByteHrs"), [["0", "0.0300000000"]]),
      ...product(
        "AWSDataTransfer",
        "Data Transfer",
        "GB",
        {
          "Transfer Type": "AWS Outbound",
          "From Location": region,
          "From Location Type": "AWS Region",
          "To Location": "External",
          "From Region Code": region,
          usageType: `${prefix}DataTransfer-Out-Bytes`,
        },
        [
          ["0", "0.0900000000"],
          ["10240", "0.0850000000"],
        ],
      ),
      ...product(
        "AmazonWorkSpaces",
        "Enterprise Applications",
        "Month",
        {
          ...here,
          "Resource Type": "Hardware",
          Bundle: "Standard",
          "Operating System": "Windows",
          License: "Included",
          "Running Mode": "AlwaysOn",
          "Root Volume": "80 GB",
          "User Volume": "50 GB",
        },
        [["0", "35.0000000000"]],
      ),
    );
  }
  for (const where of elsewhere) add(...product("AWSLambda", "Serverless", "Requests", { ...where, usageType: "UGW1-Request-ARM" }, [["0", "0.0000002400"]]));
  add(
    ...product("AWSLambda", "Serverless", "Requests", { "Region Code": "", usageType: "Global-Request-ARM" }, [["0", "0.0000000000"]]),
    {
      ...(product("AWSLambda", "Serverless", "Requests", { "Region Code": "us-east-1", usageType: "Request-ARM" }, [["0", "9"]])[0] as Row),
      TermType: "Reserved",
    },
    ...product("AmazonCloudFront", "Data Transfer", "GB", { "Transfer Type": "CloudFront Outbound", usageType: "EU-DataTransfer-Out-Bytes" }, [
      ["0", "0.0850000000"],
    ]),
    ...product("AmazonCloudFront", "Request", "Requests", { usageType: "US-Requests-Tier2-HTTPS" }, [["0", "0.0000010000"]]),
  );
  return files;
}

export interface PriceListServer {
  url: string;
  files: Record<string, Row[]>;
  asked: string[];
  /** What a path is answered with instead; `cut`: half of it, and then the connection ends. */
  broken: Map<string, number | "cut">;
  /** Offers whose file has no publication date. */
  undated: Set<string>;
  close(): Promise<void>;
}

export async function startPriceList(files = priceFiles()): Promise<PriceListServer> {
  const state = { files, asked: [] as string[], broken: new Map<string, number | "cut">(), undated: new Set<string>() };
  const server = createServer((incoming, outgoing) => {
    const path = incoming.url ?? "";
    state.asked.push(path);
    const broken = state.broken.get(path);
    if (typeof broken === "number") return void outgoing.writeHead(broken).end();
    const answer = answerTo(path, state);
    if (answer === undefined) return void outgoing.writeHead(404).end();
    if (broken === undefined) return void outgoing.writeHead(200).end(answer);
    outgoing.writeHead(200, { "content-length": String(answer.length) });
    outgoing.write(answer.slice(0, answer.length / 2), () => outgoing.destroy());
  });
  return Object.assign(state, await onLoopback(server));
}

function answerTo(path: string, { files, undated }: Pick<PriceListServer, "files" | "undated">): string | undefined {
  if (path === "/offers/v1.0/aws/index.json") {
    const offers = Object.keys(files).map((code) => [
      code,
      {
        offerCode: code,
        versionIndexUrl: `/offers/v1.0/aws/${code}/index.json`,
        currentVersionUrl: `/offers/v1.0/aws/${code}/current/index.json`,
        currentRegionIndexUrl: `/offers/v1.0/aws/${code}/current/region_index.json`,
      },
    ]);
    return JSON.stringify({ formatVersion: "v1.0", disclaimer, publicationDate: published, offers: Object.fromEntries(offers) });
  }
  const code = /^\/offers\/v1\.0\/aws\/(\w+)\/current\/index\.csv$/.exec(path)?.[1];
  const rows = code === undefined ? undefined : files[code];
  return rows && csvFile(code ?? "", rows, !undated.has(code ?? ""));
}

/** AWS quotes every value. */
function csvFile(code: string, rows: Row[], dated: boolean): string {
  const columns = [...new Set([...shared, ...rows.flatMap((row) => Object.keys(row))])];
  const about = [
    ["FormatVersion", "v1.0"],
    ["Disclaimer", disclaimer],
    ...(dated ? [["Publication Date", published]] : []),
    ["Version", version],
    ["OfferCode", code],
  ];
  return stringify(about, { quoted: true }) + stringify(rows, { header: true, columns, quoted: true, quoted_empty: true });
}
