/** The packaged price table: what it says, and how its text is read and written. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Big from "big.js";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { readMaps } from "../../../scripts/price-maps.mjs";
import type { PriceName } from "../../../src/core/costs/prices/items.ts";
import { itemOf, priceNames, projectPrices } from "../../../src/core/costs/prices/items.ts";
import { listed } from "../../../src/core/costs/prices/listed.ts";
import { packagedPrices } from "../../../src/core/costs/prices/packaged.ts";
import { readAgain, rowsOf, tableIn } from "../../../src/core/costs/prices/price-text.ts";
import { readings } from "../../../src/core/costs/prices/readings.ts";
import type { PriceTable, Tier } from "../../../src/core/costs/prices/table.ts";
import { missingPrices, priceOf, priceTableSchema, regionsOf } from "../../../src/core/costs/prices/table.ts";

const each = (table: PriceTable) =>
  Object.entries(table.places).flatMap(([place, prices]) => Object.keys(prices).map((name) => ({ place, name: name as PriceName })));

describe("the packaged prices", () => {
  const table = packagedPrices;
  it("are a table as it is stored", () => {
    expect(priceTableSchema.parse(table)).toEqual(table);
  });
  it("have every commercial region of AWS's list of then, whole but for HTTP APIs in three", () => {
    expect(regionsOf(table)).toHaveLength(34);
    const partial = regionsOf(table).filter((region) => missingPrices(table, region).length > 0);
    expect(partial.sort()).toEqual(["ap-east-2", "ap-southeast-6", "mx-central-1"]);
    for (const region of partial) expect(missingPrices(table, region)).toEqual(["httpApiRequest"]);
    expect(Object.keys(table.places).filter((place) => place.startsWith("cloudfront-"))).toHaveLength(10);
    expect(projectPrices).toHaveLength(13);
  });
  it("have a source and a day for each, every tier, and nothing that isn't believed", () => {
    for (const { place, name } of each(table)) {
      const price = priceOf(table, place, name);
      const [least, most] = itemOf(name).believed;
      expect(price?.source, `${name} in ${place}`).toMatch(/^(https:\/\/|AWS price list, )/);
      expect(price?.date).toMatch(/^20\d\d-\d\d(-\d\d)?$/);
      expect(price?.date.localeCompare(table.date)).toBe(-1);
      expect(price?.tiers[0]?.[0]).toBe("0");
      expect(new Big(price?.tiers[0]?.[1] ?? "NaN").gte(least) && new Big(price?.tiers[0]?.[1] ?? "NaN").lte(most)).toBe(true);
      for (const [at, [from, dollars]] of (price?.tiers ?? []).entries()) {
        expect(dollars).not.toBeNull();
        if (at > 0) expect(new Big(from).gt(price?.tiers[at - 1]?.[0] ?? "NaN")).toBe(true);
      }
    }
  });
  it("say where a price's later tiers are from, when they were read elsewhere", () => {
    expect(each(table).length).toBeGreaterThan(490);
    const tokyo = priceOf(table, "ap-northeast-1", "transferOut");
    expect(tokyo).toMatchObject({ date: "2026-09-23", source: expect.stringContaining("datatransfer.json (2025-12-02)") });
    expect(tokyo?.tiers.map(([, dollars]) => dollars)).toEqual(["0.114", "0.089", "0.086", "0.084"]);
    expect(priceOf(table, "us-east-1", "s3Put")).toMatchObject({ source: itemOf("s3Put").page, date: "2026-11" });
  });
  /** Looked up once more in AWS's maps by hand, and its CloudFront page. */
  it.each<[string, PriceName, string[], string]>([
    ["mx-central-1", "s3Storage", ["0.02415", "0.0231", "0.02205"], "2025-12-02"],
    ["eu-central-2", "logsIngest", ["0.69", "0.347", "0.139", "0.069"], "2025-12-03"],
    ["ap-southeast-6", "lambdaGbSecondArm", ["0.0000140001", "0.0000126001", "0.0000112"], "2025-12-02"],
    ["af-south-1", "transferOut", ["0.154", "0.147", "0.126", "0.112"], "2025-12-02"],
    ["eu-central-2", "dynamodbPitr", ["0.26928"], "2025-08-28"],
    ["eu-central-2", "httpApiRequest", ["0.00000132", "0.000001188"], "2025-11-20"],
    ["eu-west-3", "workSpaceBase", ["11.31"], "2025-10-03"],
    ["us-east-1", "workSpaceMonth", ["35"], "2026-09-28"],
    ["cloudfront-jp", "cloudFrontOut", ["0.114", "0.089", "0.086", "0.084", "0.08", "0.07", "0.06"], "2026-09-24"],
    ["cloudfront-au", "cloudFrontOut", ["0.114", "0.098", "0.094", "0.092", "0.09", "0.085", "0.08"], "2026-09-24"],
    ["cloudfront-sa", "cloudFrontHttps", ["0.0000022"], "2026-09-24"],
  ])("of %s have %s at %j", (place, name, dollars, date) => {
    const price = priceOf(table, place, name);
    expect([price?.tiers.map((tier) => tier[1]), price?.date]).toEqual([dollars, date]);
  });
  it("agree wherever a price was read twice", () => {
    const [first, again] = [tableIn(listed, "2025-12-06"), tableIn(readings, "2026-11-26")];
    expect(each(again).length).toBeGreaterThan(130);
    for (const { place, name } of each(again))
      expect(first.places[place]?.[name]?.tiers.slice(0, again.places[place]?.[name]?.tiers.length), `${name} in ${place}`).toEqual(
        again.places[place]?.[name]?.tiers,
      );
  });
});

describe("prices as text", () => {
  const amount = fc.bigInt({ min: 1n, max: 10n ** 12n }).map((digits) => new Big(digits.toString()).div("1e10").toFixed());
  const tiers = fc.array(fc.option(amount), { minLength: 1, maxLength: 4 }).map((all) => all.map((dollars, at): Tier => [String(at * 10_240), dollars]));
  const prices = fc.dictionary(fc.constantFrom<PriceName[]>(...priceNames), tiers, { minKeys: 1 });
  it("are read as they were written", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom("us-east-1", "mx-central-1", "cloudfront-eu"), prices, { minKeys: 1 }), (given) => {
        const places = Object.fromEntries(
          Object.entries(given).map(([place, of]) => [
            place,
            Object.fromEntries(Object.entries(of).map(([name, all]) => [name, { tiers: all, evidence: "here" }])),
          ]),
        );
        const table: PriceTable = { date: "2026-01-01", evidence: { here: { source: "a list", date: "2025-12-31" } }, places };
        const text = { source: "a list", date: "2025-12-31", rows: rowsOf(table, "here") };
        expect(tableIn({ here: text }, "2026-01-01")).toEqual(table);
      }),
    );
  });

  const list = tableIn({ list: { source: "the list", date: "2026-02-01", rows: "place s3Get transferOut\nus-east-2 0.4 0.09/10240:0.085" } }, "2026-02-01");
  const read = (date: string, rows: string): PriceTable => readAgain(list, { page: { source: "a page", date, rows } });
  it("read again, have the newer day, and the list's later tiers while the first is the same", () => {
    const table = read("2026-03-01", "place s3Get transferOut\nus-east-2 - 0.09");
    expect(priceOf(table, "us-east-2", "transferOut")).toEqual({
      tiers: [
        ["0", "0.09"],
        ["10240", "0.085"],
      ],
      source: "a page; later tiers: the list (2026-02-01)",
      date: "2026-03-01",
    });
    expect(priceOf(table, "us-east-2", "s3Get")).toEqual(priceOf(list, "us-east-2", "s3Get"));
  });
  it("read again at another price, have later tiers that nobody knows", () => {
    expect(priceOf(read("2026-03-01", "place transferOut\nus-east-2 0.08"), "us-east-2", "transferOut")).toEqual({
      tiers: [
        ["0", "0.08"],
        ["10240", null],
      ],
      source: "a page",
      date: "2026-03-01",
    });
  });
  it("read before the list, are passed over; of a place that the list lacks, they are kept", () => {
    expect(read("2026-01-31", "place transferOut\nus-east-2 0.08").places).toEqual(list.places);
    expect(priceOf(read("2026-01-31", "place s3Get\nxx-south-1 0.7"), "xx-south-1", "s3Get")).toEqual({
      tiers: [["0", "0.7"]],
      source: "a page",
      date: "2026-01-31",
    });
  });
});

describe("AWS's maps, as scripts/prices.mjs --maps reads them", () => {
  const folder = mkdtempSync(join(tmpdir(), "maps-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const at = (price: string, more: object = {}) => ({ rateCode: "A.B.C", price, ...more });
  const manifest = { hawkFilePublicationDate: "2026-05-06T07:08:09Z" };
  const file = (service: string, content: object): void => writeFileSync(join(folder, `${service}.json`), JSON.stringify(content));
  const map = (service: string, regions: object): void => file(service, { manifest, sets: {}, regions });
  const sent = (sku: string, until: string, price: string) => [`${sku} ${until} Transfer`, { ...at(price, { "Per Month": until }), rateCode: `${sku}.B.C` }];
  it("give tiers by region, leave out what isn't whole, and know each map's day", () => {
    map("lambda", {
      "EU (Paris)": {
        "Lambda Requests-ARM": at("0.0000002000"),
        "Lambda Duration-ARM": at("0.0000133334"),
        "Lambda Duration-ARM Tier2": at("0.0000120001"),
      },
      "AWS GovCloud (US)": { "Lambda Requests-ARM": at("0.0000002400") },
    });
    for (const service of ["apigateway", "dynamodb", "cloudwatch"]) map(service, {});
    map("s3", { "Mexico (Central)": { "PUT COPY/POST or LIST requests per Requests": at("10.0000000000") } });
    map("cloudfront", {
      "": Object.fromEntries([sent("CME9BRJSS2F5PBYE", "Inf", "0.0890000000"), sent("CME9BRJSS2F5PBYE", "10240", "0.1140000000")]),
      Japan: { "CloudFront Request-Tier2 HTTPS GET and HEAD requests": at("0.0000012000") },
    });
    const tiers = { "Next 10 TB": [0, 10_240], "Next 40 TB": [10_240, 51_200], "Next 100 TB": [51_200, 153_600], "Greater than 150 TB": [153_600, "Inf"] };
    file(
      "datatransfer",
      Object.fromEntries(
        Object.entries(tiers).map(([text, [from, until]]) => [
          `DataTransfer External Outbound ${text}`,
          { [`EU (Paris) (StartingRange: ${from}, EndingRange: ${until})`]: "0.0900000000" },
        ]),
      ),
    );
    const bundle = (mode: string, per: string): string =>
      `[Windows Standard ${mode} Billed by the ${per} Included] Windows Standard 2vCPU 4 GB Memory Root and User Volume80 GB 50 GB ${mode} Billed by the ${per} License Included`;
    file("workspaces", {
      [bundle("AlwaysOn", "month")]: { "EU (Paris)": "40.6000000000" },
      [bundle("AutoStop", "month")]: { "EU (Paris)": "11.3100000000" },
      [bundle("AutoStop", "hour")]: { "EU (Paris)": "0.3500000000", "AWS GovCloud (US)": "0.3600000000" },
    });
    file("dates", { datatransfer: "2026-05-01", workspaces: "2026-05-02" });
    const read = Object.fromEntries(readMaps(folder).map((one) => [one.offer, one]));
    expect(read.AWSLambda).toMatchObject({ published: manifest.hawkFilePublicationDate, source: expect.stringContaining("/lambda/USD/current/lambda.json") });
    expect(read.AWSLambda?.prices).toEqual({
      places: { "eu-west-3": { lambdaRequest: [["0", "0.0000002"]] } },
      unclear: [{ place: "eu-west-3", name: "lambdaGbSecondArm" }],
    });
    expect(read.AmazonS3?.prices.places).toEqual({ "mx-central-1": { s3Put: [["0", "10"]] } });
    expect(read.AmazonCloudFront?.prices.places).toEqual({
      "cloudfront-jp": {
        cloudFrontOut: [
          ["0", "0.114"],
          ["10240", "0.089"],
        ],
        cloudFrontHttps: [["0", "0.0000012"]],
      },
    });
    expect(read.AWSDataTransfer).toMatchObject({ published: "2026-05-01", prices: { places: { "eu-west-3": { transferOut: { length: 4 } } } } });
    expect(read.AmazonWorkSpaces?.prices.places).toEqual({
      "eu-west-3": { workSpaceMonth: [["0", "40.6"]], workSpaceBase: [["0", "11.31"]], workSpaceHour: [["0", "0.35"]] },
    });
  });
});
