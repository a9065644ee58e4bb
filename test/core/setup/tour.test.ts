/** The tour's order, and that whatever ends it, the next one goes on there. */
import { describe, expect, it } from "vitest";
import type { Tour, TourPorts } from "../../../src/core/setup/tour.ts";
import { tour } from "../../../src/core/setup/tour.ts";

/** Answers by the question's beginning; `left`: Ctrl-C. */
async function walk(begun: Tour, answers: Record<string, string>, more: Partial<TourPorts> = {}) {
  let kept = begun;
  const asked: string[] = [];
  const did: unknown[] = [];
  const answer = (message: string): string => {
    const [question, given] = Object.entries(answers).find(([start]) => message.startsWith(start)) ?? [];
    if (question === undefined || given === undefined) throw new Error(`nobody answers ${message}`);
    asked.push(question);
    if (given === "left") throw new Error("left");
    return given;
  };
  const ports: TourPorts = {
    say: () => {},
    choose: (async ({ message }: { message: string }) => answer(message)) as TourPorts["choose"],
    ask: async ({ message, wrong }) => {
      const given = answer(message);
      expect(wrong(given)).toBeUndefined();
      return given;
    },
    keep: async (now) => {
      kept = now;
    },
    account: async () => "123456789012",
    variables: async () => ({}),
    setUpAws: async (budget) => void did.push(["aws", budget]),
    setUpHost: async (place) => void did.push(["host", place]),
    connectTenant: async (id, account) => void did.push(account ? ["tenant", id, account] : ["tenant", id]),
    wrongTenant: (id) => (/^[a-z]+$/.test(id) ? undefined : "no"),
    ...more,
  };
  const end = await tour(begun, ports).then(
    () => "done",
    (error: Error) => error.message,
  );
  return { end, asked, did, kept: () => kept };
}

const all = { Where: "heroku", "Set account": "yes", Monthly: "250", "Who hears": "ops@example.org", "Its short": "acme" };
const whole = [
  ["aws", { dollars: "250", email: "ops@example.org" }],
  ["host", "heroku"],
  ["tenant", "acme", "123456789012"],
];

describe("the tour", () => {
  it("does every part, in order", async () => {
    const { end, did, asked, kept } = await walk({ done: [] }, all);
    expect([end, did, asked]).toEqual(["done", whole, Object.keys(all)]);
    expect(kept().done).toEqual(["aws", "host", "tenant"]);
  });

  it.each(Object.keys(all))("left at %j, goes on there: nothing is asked or done twice", async (question) => {
    const first = await walk({ done: [] }, { ...all, [question]: "left" });
    expect(first.end).toBe("left");
    const second = await walk(first.kept(), all);
    expect(second.end).toBe("done");
    expect([...first.asked.slice(0, -1), ...second.asked]).toEqual(Object.keys(all));
    expect([...first.did, ...second.did]).toEqual(whole);
  });

  it("a part that fails is done again by the next one, with the same answers", async () => {
    const broken = { setUpHost: () => Promise.reject(new Error("Heroku is down")) };
    const first = await walk({ done: [] }, all, broken);
    expect([first.end, first.kept().done]).toEqual(["Heroku is down", ["aws"]]);
    const second = await walk(first.kept(), all);
    expect([second.end, second.did]).toEqual(["done", whole.slice(1)]);
  });

  it("asks for no address without a budget, and nothing about an account that nobody can reach", async () => {
    expect((await walk({ done: [] }, { ...all, Monthly: "0" })).did[0]).toEqual(["aws", undefined]);
    const { asked, did } = await walk({ done: [] }, { ...all, Where: "here" }, { account: async () => undefined });
    expect([asked, did]).toEqual([["Where", "Its short"], [["tenant", "acme"]]]);
  });

  describe("with variables in this shell", () => {
    /** What is offered with each question, which Enter takes. */
    async function enter(variables: Record<string, string>, begun: Tour = { done: [] }) {
      const offered: Record<string, string | undefined> = {};
      const said: string[] = [];
      const ask: TourPorts["ask"] = async ({ message, otherwise, wrong }) => {
        if (message.startsWith("Its short")) return "acme";
        offered[message.split(" ")[0] as string] = otherwise;
        const given = otherwise ?? "typed@example.org";
        expect(wrong(given)).toBeUndefined();
        return given;
      };
      const walked = await walk(begun, all, { ask, variables: async () => variables, say: (text) => void said.push(text) });
      return { offered, said: said.join("\n"), aws: walked.did[0] };
    }

    it("offers them, as setup aws takes them", async () => {
      expect(await enter({ AWS_COST_BUDGET_LIMIT: "750.50", ALERT_EMAIL: "finance@example.org" })).toMatchObject({
        offered: { Monthly: "750.50", Who: "finance@example.org" },
        aws: ["aws", { dollars: "750.50", email: "finance@example.org" }],
      });
      expect((await enter({ ALERT_EMAIL: "finance@example.org" })).offered).toEqual({ Monthly: "100", Who: "finance@example.org" });
      expect((await enter({})).offered).toEqual({ Monthly: "100", Who: undefined });
    });

    it("not over an answer that was given before, nor what is none, which it says", async () => {
      const both = { AWS_COST_BUDGET_LIMIT: "750", ALERT_EMAIL: "finance@example.org" };
      expect((await enter(both, { done: [], place: "here", aws: true, budget: "5" })).offered).toEqual({ Who: "finance@example.org" });
      const { offered, said } = await enter({ AWS_COST_BUDGET_LIMIT: "lots", ALERT_EMAIL: `${"x".repeat(50)}@example.org` });
      expect(offered).toEqual({ Monthly: "100", Who: undefined });
      expect(said).toContain('AWS_COST_BUDGET_LIMIT is left out, "lots". It takes: An amount in dollars, such as 100.');
      expect(said).toMatch(/ALERT_EMAIL is left out.*at most 50 characters/);
    });
  });

  it("does without AWS and without a tenant, when that is wanted", async () => {
    const { end, did } = await walk({ done: [] }, { Where: "container", "Set account": "no", "Its short": "" });
    expect([end, did]).toEqual(["done", [["host", "container"]]]);
  });

  it.each([
    ["Monthly", "a lot"],
    ["Who hears", "me"],
    ["Who hears", `${"x".repeat(50)}@example.org`],
    ["Its short", "Acme Inc."],
  ])("takes no nonsense: %s %s", async (question, answer) => {
    expect((await walk({ done: [] }, { ...all, [question]: answer })).end).toContain("undefined");
  });
});
