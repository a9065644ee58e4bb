/** Of two price tables the newer price, each by its own evidence. */
import { describe, expect, it } from "vitest";
import { newerOf } from "../../../src/core/costs/prices/newer.ts";
import type { PriceTable } from "../../../src/core/costs/prices/table.ts";

const price = (dollars: string, evidence: string) => ({ tiers: [["0", dollars] as [string, string]], evidence });
const packaged: PriceTable = {
  date: "2026-11-26",
  evidence: { AmazonS3: { source: "list", date: "2025-12-02" }, pages: { source: "page", date: "2026-11" }, AWSLambda: { source: "list", date: "2025-12-02" } },
  places: {
    "us-east-1": { s3Get: price("1", "pages"), lambdaRequest: price("1", "AWSLambda") },
    "eu-south-1": { s3Get: price("1", "AmazonS3"), s3Put: price("1", "AmazonS3") },
  },
};
const update = (published: string): PriceTable => ({
  date: "2026-11-25",
  evidence: { AmazonS3: { source: "https://aws", date: published }, AWSLambda: { source: "https://aws", date: published } },
  places: { "us-east-1": { s3Get: price("2", "AmazonS3") }, "eu-south-1": { s3Get: price("2", "AmazonS3") }, "xx-new-1": { s3Get: price("2", "AmazonS3") } },
});
const dollars = ({ table }: ReturnType<typeof newerOf>) =>
  Object.fromEntries(
    Object.entries(table.places).map(([place, prices]) => [
      place,
      Object.fromEntries(Object.entries(prices).map(([name, { tiers, evidence }]) => [name, `${tiers[0]?.[1]} of ${table.evidence[evidence]?.date}`])),
    ]),
  );

describe("of an update and the package's table", () => {
  it("an update that was read a day before the package's table was put together counts where its prices are newer", () => {
    const taken = newerOf(update("2026-11-24"), packaged);
    expect(taken.from).toBe("update");
    expect(dollars(taken)["eu-south-1"]).toEqual({ s3Get: "2 of 2026-11-24" }); // what AWS's newer list lacks is gone
  });
  it("each has its own date, also what was read again since", () => {
    const taken = newerOf(update("2026-10-31"), packaged);
    expect(taken.from).toBe("both");
    expect(dollars(taken)).toEqual({
      "us-east-1": { s3Get: "1 of 2026-11" },
      "eu-south-1": { s3Get: "2 of 2026-10-31" },
      "xx-new-1": { s3Get: "2 of 2026-10-31" },
    });
  });
  it("the package's alone are left, where all of its are newer and the update has nothing else", () => {
    const { "xx-new-1": _, ...places } = update("2025-12-01").places;
    expect(newerOf({ ...update("2025-12-01"), places }, packaged)).toEqual({ table: packaged, from: "package" });
  });
});
