/** What was nearly typed: a command, or one of a flag's choices, is named in the hint. */
import { afterAll, describe, expect, it } from "vitest";
import { newHome } from "../support/cli.ts";

const home = newHome();
afterAll(() => home.remove());

describe("nearly typed", () => {
  it.each([
    ["costs estimat", "There is no command costs estimat", "did you mean estimate? there are: estimate, trends"],
    ["costs prices updaet", "There is no command costs prices updaet", "did you mean update? there are: update"],
    ["costs --granularity dya", "Allowed choices are hour, day, month", "did you mean day? see: chartctl costs --help"],
    ["costs --by servic", '"servic" is nothing to group costs by', "did you mean service? All: service, project"],
    ["costs entirely-else", "There is no command costs entirely-else", "help: there are: estimate, trends"],
    ["costs --by planet", '"planet" is nothing to group costs by', "help: one of: service, project"],
  ])("chartctl %s", async (typed, message, hint) => {
    const { code, stderr } = await home.run(...typed.split(" "));
    expect([code, stderr]).toEqual([64, expect.stringContaining(message)]);
    expect(stderr).toContain(hint);
  });
  it("a grouping is taken in capitals, too", async () => {
    const ran = await home.run("-t", "acme", "costs", "--by", "Project", "--days", "0");
    expect(ran.stderr).toContain('"0" is not a number of days');
  });
});
