/** `costs prices update` against AWS's price list in its published format, and what is used when it fails. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { PriceName } from "../../src/core/costs/prices/items.ts";
import { packagedPrices } from "../../src/core/costs/prices/packaged.ts";
import type { PriceTable } from "../../src/core/costs/prices/table.ts";
import { dataOf, newHome } from "../support/cli.ts";
import type { PriceListServer } from "../support/price-list.ts";
import { priceFiles, startPriceList } from "../support/price-list.ts";

let list: PriceListServer;
let home: ReturnType<typeof newHome>;
beforeAll(async () => {
  list = await startPriceList();
  home = newHome({ CHARTCTL_PRICES_URL: list.url });
});
afterEach(() => {
  list.files = priceFiles();
  list.broken.clear();
  list.undated.clear();
});
afterAll(async () => {
  await list.close();
  home.remove();
});
const file = (): string => join(home.path, "cache", "prices.json");
const inUse = async (): Promise<{ from: string; table: PriceTable }> => dataOf(await home.run("costs", "prices", "--json"));
const errorOf = (stdout: string) => (JSON.parse(stdout) as { error: { code: string; message: string; hint: string } }).error;
const of = (code: string, change: (row: Record<string, string>) => Record<string, string> | undefined): void => {
  list.files[code] = (list.files[code] ?? []).flatMap((row) => [change(row) ?? []].flat());
};

describe("before any update, prices", () => {
  it("are the package's, with date and sources", async () => {
    const { from, table } = await inUse();
    expect([from, table.date]).toEqual(["package", packagedPrices.date]);
    const { stdout } = await home.run("costs", "prices");
    expect(stdout).toContain(`List prices in us-east-1, as of 2026-09-28 to 2026-11; from the package, put\n  together ${packagedPrices.date}`);
    expect(stdout).toMatch(/lambdaRequest +\$0\.20\/1M +request +2026-11\n/);
    expect(stdout).toContain("Complete regions: af-south-1, ap-east-1");
    expect(
      Math.max(
        ...(stdout
          .split("Sources:")[0]
          ?.split("\n")
          .map((line) => line.length) ?? []),
      ),
    ).toBeLessThanOrEqual(80);
  });
  it("say for each region what is missing, and how to get it", async () => {
    const { stdout, code } = await home.run("costs", "prices", "--region", "mx-central-1");
    expect(code).toBe(0);
    expect(stdout).toMatch(/dynamodbRead .* 2025-08-28\n/);
    expect(stdout).toMatch(/Missing: httpApiRequest[\s\S]*chartctl costs prices update/);
    expect(stdout.replace(/\s+/g, " ")).toContain("In part: ap-east-2 (without httpApiRequest), ap-southeast-6 (without httpApiRequest), mx-central-1");
  });
  it("are shown of an edge area, too", async () => {
    const { stdout, code } = await home.run("costs", "prices", "--region", "cloudfront-jp");
    expect(code).toBe(0);
    expect(stdout).toMatch(/cloudFrontOut +\$0\.114 +GB +7/);
    const words = stdout.replaceAll(/\s+/g, " ");
    // Each tier with its unit, and each source with its own day.
    expect(words).toMatch(/cloudFrontOut: \$0\.089 from 10,240 GB, .* from 1,048,576 GB, /);
    expect(words).toMatch(/by usage type \(2026-09-24\), later tiers: \S+cloudfront\.json \(2025-07-01\)[;.]/);
    expect(words).not.toMatch(/\(\d{4}-\d\d-\d\d\) \(/);
  });
  it("count what is used in millions where that is exact, with its unit", async () => {
    const words = (await home.run("costs", "prices")).stdout.replaceAll(/\s+/g, " ");
    expect(words).toContain("lambdaGbSecondArm: $12.0001/1M from 7,500M GB-seconds, ");
    expect(words).toContain("httpApiRequest: $0.90/1M from 300M requests");
    expect(words).toContain("s3Storage: $0.022 from 51,200 GB-month, ");
  });
  it.each([
    ["xx-central-1", "If it is a new one: chartctl costs prices update"],
    ["eu-wset-1", "did you mean eu-west-1? If it is a new one: chartctl costs prices update"],
    ["nowhere", "see which they have: chartctl costs prices"],
  ])("of %s, which isn't there, are refused with a hint", async (region, hint) => {
    const ran = await home.run("costs", "prices", "--region", region, "--json");
    expect([ran.code, errorOf(ran.stdout).code]).toEqual([64, "prices.no-region"]);
    expect(errorOf(ran.stdout).hint).toContain(hint);
  });
  it.each([
    ["cn-north-1", "China"],
    ["us-gov-west-1", "GovCloud"],
    ["eusc-de-east-1", "the European Sovereign Cloud"],
  ])("of %s, in another partition, are refused as that, and no other region is suggested", async (region, partition) => {
    for (const part of ["prices", "estimate"]) {
      const ran = await home.run("costs", part, "--region", region, "--json");
      expect([ran.code, errorOf(ran.stdout).code]).toEqual([64, "prices.no-region"]);
      expect(errorOf(ran.stdout).message).toBe(`Region "${region}" is in ${partition}, a partition of AWS that chartctl has no prices of`);
      expect(errorOf(ran.stdout).hint).not.toMatch(/did you mean|update/);
    }
  });
});

describe("a list that isn't whole is refused, and what was there stays", () => {
  const rowsOf = (usageType: string) => (row: Record<string, string>) => (row.usageType === usageType ? undefined : row);
  const priced = (usageType: string, price: string) => (row: Record<string, string>) => (row.usageType === usageType ? { ...row, PricePerUnit: price } : row);
  it.each<[string, () => void, string]>([
    ["without a price that projects need", () => of("AmazonS3", rowsOf("USW2-Requests-Tier2")), "us-west-2 has no price for s3Get"],
    ["with an absurd price", () => of("AWSLambda", priced("Request-ARM", "0.21")), "us-east-1: lambdaRequest at $0.21"],
    ["with a price that is no number", () => of("AWSLambda", priced("Request-ARM", "free")), "us-east-1 has no price for lambdaRequest"],
    [
      "with a gap between tiers",
      () => of("AWSDataTransfer", (row) => (row.StartingRange === "10240" ? { ...row, StartingRange: "20480" } : row)),
      "transferOut",
    ],
    ["with two prices for one thing", () => of("AmazonS3", (row) => (row.operation === "GetObject" ? { ...row, PricePerUnit: "0.00000041" } : row)), "s3Get"],
    ["without a region that was there", () => {}, "ca-central-1 is gone"],
  ])("%s", async (_, change, why) => {
    change();
    const ran = await home.run("costs", "prices", "update", "--json");
    expect(ran.code).toBe(7);
    const { code, message, hint, details } = errorOf(ran.stdout) as ReturnType<typeof errorOf> & { details: { doubts: string[] } };
    expect(code).toBe("prices.refused");
    expect(details.doubts.join("; ")).toContain(why);
    expect(message).toContain("isn't AWS's whole price list");
    expect(hint).toContain(packagedPrices.date);
    expect(existsSync(file())).toBe(false);
  });
});

describe("a list that can't be read", () => {
  const csv = "/offers/v1.0/aws/AmazonS3/current/index.csv";
  it.each<[string, () => void, string, string]>([
    ["a file that is missing", () => list.broken.set(csv, 404), "prices.list", "is answered with 404"],
    ["an index that is none", () => list.broken.set("/offers/v1.0/aws/index.json", 503), "prices.list", "503"],
    ["an offer that isn't in the index", () => void delete list.files.AmazonDynamoDB, "prices.list", "has no AmazonDynamoDB"],
    ["a connection that ends half way", () => list.broken.set(csv, "cut"), "prices.unreachable", "ended before its end"],
    ["a file without prices", () => of("AmazonS3", () => undefined), "prices.list", "has no prices"],
    ["a file without a date", () => list.undated.add("AmazonS3"), "prices.list", "doesn't say when it was published"],
  ])("%s is told, and changes nothing", async (_, change, code, message) => {
    change();
    const ran = await home.run("costs", "prices", "update", "--json");
    expect(ran.code).toBe(7);
    expect(errorOf(ran.stdout)).toMatchObject({
      code,
      message: expect.stringContaining(message),
      hint: expect.stringContaining(`the prices of ${packagedPrices.date} go on being used`),
    });
    expect((await inUse()).from).toBe("package");
  });
  it("names the host when there is no way out", async () => {
    const ran = await newHome({ CHARTCTL_PRICES_URL: "http://127.0.0.1:9" }).run("costs", "prices", "update", "--json");
    expect(ran.code).toBe(7);
    expect(errorOf(ran.stdout)).toMatchObject({ code: "prices.unreachable", message: expect.stringContaining("127.0.0.1:9") });
  });
  it("takes no address but https, or this machine's", async () => {
    const ran = await newHome({ CHARTCTL_PRICES_URL: "http://prices.example.com" }).run("costs", "prices", "update", "--json");
    expect([ran.code, errorOf(ran.stdout).code]).toEqual([64, "prices.address"]);
  });
});

describe("an update", () => {
  /** Every region that the package has a part of, in AWS's list, too. */
  const everywhere = (): void => {
    for (const [code, rows] of Object.entries(list.files))
      for (const region of Object.keys(packagedPrices.places).filter((place) => !/cloudfront|us-east-1|us-west-2|eu-west-1|il-central-1/.test(place)))
        list.files[code] = [
          ...(list.files[code] ?? []),
          ...rows
            .filter((row) => (row["Region Code"] || row["From Region Code"]) === "us-west-2")
            .map((row) => ({ ...row, SKU: `${row.SKU}${region}`, ...(row["Region Code"] ? { "Region Code": region } : { "From Region Code": region }) })),
        ];
  };
  it("reads every offer once, keeps commercial regions and tiers, and is used from then on", async () => {
    everywhere();
    list.asked.length = 0;
    const ran = await home.run("costs", "prices", "update", "--json");
    expect([ran.code, JSON.parse(ran.stdout).error]).toEqual([0, undefined]);
    const { regions, complete, changes } = dataOf<{ regions: number; complete: string[]; changes: object[] }>(ran);
    expect(list.asked).toHaveLength(1 + 8);
    expect(complete).toHaveLength(regions);
    expect(changes).toContainEqual({ place: "us-east-1", name: "lambdaRequest", was: "0.0000002", is: "0.00000021" });
    expect(changes).toContainEqual({ place: "mx-central-1", name: "httpApiRequest", was: null, is: "0.000001" });
    expect(changes).toContainEqual({ place: "il-central-1", name: "s3Put", was: "0.0000055", is: "0.000005" });
    expect(changes).not.toContainEqual(expect.objectContaining({ place: "us-east-1", name: "dynamodbRead" }));
    const { from, table } = await inUse();
    expect(from).toBe("update");
    expect(Object.keys(table.places)).toEqual(expect.arrayContaining(["il-central-1", "cloudfront-us", "cloudfront-eu"]));
    expect(Object.keys(table.places).filter((place) => /gov|lax/.test(place))).toEqual([]);
    expect(table.places["eu-west-1"]?.lambdaGbSecondArm?.tiers).toEqual([
      ["0", "0.0000133334"],
      ["7500000000", "0.0000120001"],
      ["18750000000", "0.0000106667"],
    ]);
    // What is free at first is no tier, and another class of table another price.
    expect(table.places["us-west-2"]?.dynamodbStorage?.tiers).toEqual([["0", "0.25"]]);
    expect(table.places["us-west-2"]?.dynamodbRead?.tiers).toEqual([["0", "0.000000125"]]);
    expect(table.places["us-east-1"]?.workSpaceMonth?.tiers).toEqual([["0", "35"]]);
    expect(table.evidence.AmazonS3).toEqual({
      source: `${list.url}/offers/v1.0/aws/AmazonS3/current/index.csv`,
      date: "2026-11-20",
    });
    const estimate = dataOf<{ lines: { price: string; unitDollars: string; priceDate: string }[]; pricesFrom: string }>(
      await home.run("costs", "estimate", "--json"),
    );
    expect(estimate.pricesFrom).toBe("update");
    expect(estimate.lines[0]).toMatchObject({ price: "lambdaRequest", unitDollars: "0.00000021", priceDate: "2026-11-20" });
  });
  it("is used price by price, where AWS published it later, whatever day it was read on", async () => {
    const written = readFileSync(file(), "utf8");
    writeFileSync(file(), written.replace(/"date": "\d{4}-\d\d-\d\d"/, '"date": "2025-12-24"'));
    expect((await inUse()).from).toBe("update");
    // Of the same day as S3's list in the package, which was read again since in us-east-1, and not in eu-south-1.
    writeFileSync(file(), written.replaceAll(/"date": "2026-11-20"/g, '"date": "2025-12-02"'));
    const { from, table } = await inUse();
    expect(from).toBe("both");
    const dateOf = (place: string): string | undefined => table.evidence[table.places[place]?.s3Get?.evidence ?? ""]?.date;
    expect([dateOf("eu-south-1"), dateOf("us-east-1")]).toEqual(["2025-12-02", "2026-11"]);
    expect(table.places["eu-south-1"]?.s3Get?.evidence).toBe("AmazonS3");
    expect((await home.run("costs", "prices")).stdout.replaceAll(/\s+/g, " ")).toContain("and the package where it is newer");
    expect((await home.run("costs", "estimate")).stdout.replaceAll(/\s+/g, " ")).toContain("and the package's table where it is newer: aws.amazon.com");
  });
  it("that is older than the package's prices has what they lack alone; one that was cut short on disk isn't used", async () => {
    const written = readFileSync(file(), "utf8");
    writeFileSync(file(), written.replaceAll(/"date": "\d{4}/g, '"date": "2020'));
    const { from, table } = await inUse();
    expect(from).toBe("both");
    for (const [place, prices] of Object.entries(packagedPrices.places))
      for (const [name, { tiers }] of Object.entries(prices)) expect(table.places[place]?.[name as PriceName]?.tiers, `${name} in ${place}`).toEqual(tiers);
    expect(table.places["mx-central-1"]?.httpApiRequest?.evidence).toBe("AmazonApiGateway");
    writeFileSync(file(), written.slice(0, 500));
    expect((await inUse()).from).toBe("package");
  });
});
