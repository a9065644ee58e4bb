/** Percentages are rounded before their sign is chosen: there is no -0%, and no +0%. */
import { expect, test } from "vitest";
import { changeText } from "../../src/ui/costs.ts";
import { percentText } from "../../src/ui/percent.ts";
import { pageShare, share } from "../../src/ui/report/amounts.ts";

test("what rounds to nothing has no sign", () => {
  expect(["-0.004", "0.004", "-0.005", "0.005", "0"].map((ratio) => percentText(ratio, 0, "+"))).toEqual(["0%", "0%", "-1%", "+1%", "0%"]);
  expect(["-0.0004", "-0.0005", "12.3456"].map((ratio) => percentText(ratio, 1))).toEqual(["0.0%", "-0.1%", "1234.6%"]);
  expect([changeText({ change: "-0.0049", total: "1", previous: "1" }), changeText({ change: "0.0049", total: "1", previous: "1" })]).toEqual(["0%", "0%"]);
});

test("a page has one minus sign, a terminal the one that can be typed", () => {
  expect([share("-5.8", "100"), pageShare("-5.8", "100"), pageShare("-0.04", "100"), pageShare("1", "0")]).toEqual(["-5.8%", "−5.8%", "0.0%", ""]);
});
