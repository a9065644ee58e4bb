/**
 * `chartctl setup` alone: the parts of a platform in their order, each explained, offered, done. Every answer is kept when it is
 * given, and every part when it is done, so that a tour that was left goes on there.
 */
import { z } from "zod";

const places = ["here", "heroku", "container", "elsewhere"] as const;
export type Place = (typeof places)[number];
const parts = ["aws", "host", "tenant"] as const;
type Part = (typeof parts)[number];

export const tourSchema = z.object({
  place: z.enum(places).optional(),
  aws: z.boolean().optional(),
  budget: z.string().optional(),
  alertEmail: z.string().optional(),
  done: z.array(z.enum(parts)).default([]),
});
export type Tour = z.infer<typeof tourSchema>;

export interface Choice<T extends string> {
  value: T;
  name: string;
}

export interface TourPorts {
  say(text: string): void;
  choose<T extends string>(question: { message: string; choices: readonly Choice<T>[]; otherwise: T }): Promise<T>;
  ask(question: { message: string; otherwise?: string; wrong(value: string): string | undefined }): Promise<string>;
  keep(tour: Tour): Promise<void>;
  /** Whose credentials this shell has; undefined when it has none that AWS takes. */
  account(): Promise<string | undefined>;
  /** What this shell's variables say, as `setup aws` reads them: offered, not taken unasked. */
  variables(): Promise<Partial<Record<"AWS_COST_BUDGET_LIMIT" | "ALERT_EMAIL", string>>>;
  setUpAws(budget: { dollars: string; email: string } | undefined): Promise<void>;
  setUpHost(place: "heroku" | "container"): Promise<void>;
  /** `account`: whose broker the tenant's role is to trust; the platform as it is otherwise. */
  connectTenant(id: string, account: string | undefined): Promise<void>;
  wrongTenant(id: string): string | undefined;
}

/** True when all of it is done. Errors: those of the parts, after which the tour goes on there. */
export async function tour(begun: Tour, ports: TourPorts): Promise<void> {
  let now = begun;
  const keep = async (change: Partial<Tour>): Promise<void> => {
    now = { ...now, ...change };
    await ports.keep(now);
  };
  const part = async (name: Part, title: string, work: () => Promise<void>): Promise<void> => {
    ports.say(`\n${parts.indexOf(name) + 1} of ${parts.length}  ${title}`);
    if (now.done.includes(name)) return ports.say("Done already.");
    await work();
    await keep({ done: [...now.done, name] });
  };

  ports.say(begun.done.length > 0 || begun.place ? "Going on where you left the tour." : welcome);
  if (now.place === undefined) {
    await keep({ place: await ports.choose<Place>({ message: "Where is the platform to run?", choices: placeChoices, otherwise: "here" }) });
  }
  await part("aws", "The platform's AWS account", () => awsPart(now, keep, ports));
  await part("host", "The control API", () => hostPart(now, ports));
  await part("tenant", "The first tenant", () => tenantPart(now, ports));
}

const welcome = `A platform has three parts: an AWS account that it works from, a control API that keeps its books, and tenants whose accounts it provisions in. Each is explained before anything is made. Leave at any time with Ctrl-C: the tour goes on there.`;

const placeChoices: readonly Choice<Place>[] = [
  { value: "here", name: "on this machine, for me alone: nothing to set up" },
  { value: "heroku", name: "on Heroku: an app with a worker and PostgreSQL" },
  { value: "container", name: "in containers of my own: files for Docker or systemd" },
  { value: "elsewhere", name: "it runs already: I have its address" },
];

async function awsPart(now: Tour, keep: (change: Partial<Tour>) => Promise<void>, ports: TourPorts): Promise<void> {
  const account = await ports.account();
  if (account === undefined) {
    ports.say("This shell has no AWS credentials that count. Sign in (aws sso login, or AWS_PROFILE), then: chartctl setup");
    ports.say("It is left out for now; chartctl setup aws does it later.");
    return;
  }
  ports.say(
    `In account ${account}: a role that may do nothing but become tenants' roles, a role for tenants in this same account, the boundary that limits what projects' functions may do, tags on the bill, and a budget that warns you. All of it costs nothing.`,
  );
  let { aws, budget, alertEmail } = now;
  if (aws === undefined) {
    const answer = await ports.choose<"yes" | "no">({
      message: `Set account ${account} up?`,
      choices: [
        { value: "yes", name: "yes" },
        { value: "no", name: "no: not now, or it is done by other means (chartctl setup aws --print)" },
      ],
      otherwise: "yes",
    });
    aws = answer === "yes";
    await keep({ aws });
  }
  if (!aws) return;
  const offered = await ports.variables();
  const offer = (name: keyof typeof offered, wrong: (value: string) => string | undefined): string | undefined => {
    const value = offered[name];
    const fault = value && wrong(value);
    if (fault) ports.say(`${name} is left out, ${JSON.stringify(value)}. It takes: ${fault}`);
    return fault ? undefined : value || undefined;
  };
  if (budget === undefined) {
    const otherwise = offer("AWS_COST_BUDGET_LIMIT", wrongDollars) ?? "100";
    budget = await ports.ask({ message: "Monthly budget of the account, in dollars (0 for none; AWS_COST_BUDGET_LIMIT):", otherwise, wrong: wrongDollars });
    await keep({ budget });
  }
  if (Number(budget) === 0) return await ports.setUpAws(undefined);
  if (alertEmail === undefined) {
    const otherwise = offer("ALERT_EMAIL", wrongEmail);
    const message = "Who hears when it is nearly spent (e-mail address; ALERT_EMAIL)?";
    alertEmail = await ports.ask({ message, ...(otherwise === undefined ? {} : { otherwise }), wrong: wrongEmail });
    await keep({ alertEmail });
  }
  await ports.setUpAws({ dollars: budget, email: alertEmail });
}

async function hostPart(now: Tour, ports: TourPorts): Promise<void> {
  switch (now.place) {
    case "heroku":
    case "container":
      return await ports.setUpHost(now.place);
    case "elsewhere":
      return ports.say("Sign in to it, and the next commands use it: chartctl login --api-url URL");
    default:
      return ports.say("It is built in: its books are in your data folder (chartctl doctor says where). Nothing is to be done.");
  }
}

async function tenantPart(now: Tour, ports: TourPorts): Promise<void> {
  ports.say("A tenant is whoever projects belong to: a customer, a team. Each has a role of its own, which only this platform may become.");
  const id = await ports.ask({
    message: "Its short name, such as acme (empty: later):",
    wrong: (value) => (value === "" ? undefined : ports.wrongTenant(value)),
  });
  if (id === "") return ports.say("Later: chartctl tenants connect ID");
  await ports.connectTenant(id, now.aws ? await ports.account() : undefined);
}

const wrongDollars = (value: string): string | undefined => (/^\d{1,7}(\.\d{1,2})?$/.test(value) ? undefined : "An amount in dollars, such as 100.");
/** AWS Budgets takes 50 characters. */
const wrongEmail = (value: string): string | undefined =>
  /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value) && value.length <= 50 ? undefined : "An address of at most 50 characters, such as ops@example.org.";
