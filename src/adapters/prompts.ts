/** Questions to a person, by inquirer; only ever called with a terminal on both ends. */
import { formatCents } from "../core/money.ts";
import type { Choose, Confirm, Question, Wanted } from "../core/ports.ts";
import { ChartctlError } from "../errors.ts";

interface PromptOptions {
  canPrompt: boolean;
  /** Clears the screen of what moves. */
  before(): void;
  interrupted: AbortSignal;
}

/** Without a terminal, the answer must come as a flag. */
export const confirmWith =
  ({ canPrompt, before, interrupted }: PromptOptions): Confirm =>
  async (question) => {
    if (!canPrompt) {
      throw new ChartctlError({
        kind: "usage",
        code: "confirmation.missing",
        message: `${doing[question.about]} asks before it changes anything, and there is no terminal to ask on`,
        hint: "confirm with --yes",
      });
    }
    before();
    return await answered(interrupted, (inquirer) => ask(inquirer, question));
  };

/** Error `input.missing` (usage) without a terminal. */
export const askWith =
  ({ canPrompt, before, interrupted }: PromptOptions) =>
  async ({ what, flag, message, secret, otherwise, wrong }: Wanted): Promise<string> => {
    if (!canPrompt) throw missing(what, flag);
    before();
    const validate = (value: string): true | string => wrong?.(value) ?? (value !== "" || wrong !== undefined || `Type the ${what}.`);
    return await answered(interrupted, async (inquirer) => {
      const { value } = secret
        ? await inquirer.prompt<{ value: string }>([{ type: "password", name: "value", message, validate }])
        : await inquirer.prompt<{ value: string }>([
            { type: "input", name: "value", message, validate, ...(otherwise === undefined ? {} : { default: otherwise }) },
          ]);
      return value;
    });
  };

/** Error `input.missing` (usage) without a terminal. */
export const chooseWith =
  ({ canPrompt, before, interrupted }: PromptOptions): Choose =>
  async ({ what, flag, message, choices, otherwise }) => {
    if (!canPrompt) throw missing(what, flag);
    before();
    return await answered(interrupted, async (inquirer) => {
      // What was chosen stays on the screen by its first words: `on Heroku`, of `on Heroku: an app with...`.
      const named = choices.map((choice) => ({ ...choice, short: choice.name.split(":")[0] ?? choice.name }));
      const { value } = await inquirer.prompt<{ value: string }>([{ type: "select", name: "value", message, choices: named, default: otherwise }]);
      return choices.find((choice) => choice.value === value)?.value ?? otherwise;
    });
  };

const missing = (what: string, flag: string): ChartctlError =>
  new ChartctlError({
    kind: "usage",
    code: "input.missing",
    message: `No ${what} is given, and there is no terminal to ask on`,
    hint: `give it with ${flag}`,
  });

/** Error `interrupted` when the question is left unanswered. */
async function answered<T>(interrupted: AbortSignal, put: (inquirer: typeof import("inquirer").default) => Promise<T>): Promise<T> {
  const { default: inquirer } = await import("inquirer");
  try {
    return await Promise.race([put(inquirer), givenUp(interrupted)]);
  } catch (error) {
    if ((error as Error).name !== "ExitPromptError") throw error;
    throw new ChartctlError({ kind: "interrupted", code: "interrupted", message: "Nothing was changed" });
  }
}

const doing: Record<Question["about"], string> = { apply: "Provisioning", destroy: "Destroying", purge: "Purging", teardown: "Tearing down" };

/** A closed terminal, or a signal from elsewhere: nobody will answer. */
const givenUp = async (interrupted: AbortSignal): Promise<never> =>
  await new Promise((_, reject) => {
    const give = (): void => {
      process.stdin.destroy(); // or it would keep the process alive
      reject(new ChartctlError({ kind: "interrupted", code: "interrupted", message: "Nothing was changed" }));
    };
    if (interrupted.aborted) give();
    interrupted.addEventListener("abort", give, { once: true });
    process.stdin.once("error", give); // the terminal is gone
  });

async function ask(inquirer: typeof import("inquirer").default, question: Question): Promise<boolean> {
  if (question.about === "apply") {
    const { go } = await inquirer.prompt<{ go: boolean }>([
      { type: "confirm", name: "go", default: false, message: `Make these changes for ${formatCents(question.monthlyCents)} a month?` },
    ]);
    return go;
  }
  const id = question.about === "teardown" ? question.name : question.project.id;
  const { typed } = await inquirer.prompt<{ typed: string }>([{ type: "input", name: "typed", message: `${losses(question)} Type ${id} to go on:` }]);
  return typed.trim() === id;
}

/** What a yes would cost. */
function losses(question: Exclude<Question, { about: "apply" }>): string {
  if (question.about === "teardown") return question.lost;
  const { id, release } = question.project;
  const app = release ? `release ${release.number} with ${release.files} files` : "whatever its application has left";
  if (question.about === "purge") return `This deletes ${app} of ${id}${question.data ? ", and all items of its table" : ""}, every version of it.`;
  return question.purge ? `This purges ${app} and destroys all of ${id}, its data included.` : `This destroys all of ${id}, its data included.`;
}
