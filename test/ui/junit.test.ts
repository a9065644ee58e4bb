import { expect, it } from "vitest";
import { junit } from "../../src/ui/junit.ts";

it("is one suite, and every text in it is data", () => {
  const hostile = 'a "quote" <b> & \u0000\u001b[31m\nline';
  expect(
    junit("checks", [
      { name: "good", milliseconds: 1_234 },
      { name: "left", milliseconds: 0, skipped: "as asked" },
      { name: hostile, milliseconds: 10, failure: hostile },
    ]),
  ).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites><testsuite name="checks" tests="3" failures="1" skipped="1" errors="0" time="1.244">
<testcase classname="checks" name="good" time="1.234"/>
<testcase classname="checks" name="left" time="0.000"><skipped message="as asked"/></testcase>
<testcase classname="checks" name="a &#34;quote&#34; &#60;b&#62; &#38; [31m&#10;line" time="0.010"><failure message="a &#34;quote&#34; &#60;b&#62; &#38; [31m&#10;line">a &#34;quote&#34; &#60;b&#62; &#38; [31m&#10;line</failure></testcase>
</testsuite></testsuites>
`);
});
