/** Policies without one of their conditions: a case must fail of each, or the condition is there for nothing that a test knows. */

interface Statement {
  Sid?: string;
  Effect?: string;
  Condition?: Record<string, Record<string, unknown>>;
}
interface Policy {
  Statement: Statement[];
}

/** What a policy must answer. `run` asks it of any policy in this one's place. */
export interface Subject {
  name: string;
  policy: object;
  cases: { wanted: boolean; told: string; run(policy: object): Promise<boolean> }[];
}

/** The policy without one condition key, and, where a statement has several, without all of them. */
export function mutants(policy: object): { without: string; policy: object }[] {
  const { Statement: statements } = policy as Policy;
  return statements.flatMap((statement, at) => {
    const name = `statement ${at} (${statement.Sid ?? statement.Effect})`;
    const keys = Object.entries(statement.Condition ?? {}).flatMap(([operator, named]) => Object.keys(named).map((key) => [operator, key] as const));
    const one = keys.map(([operator, key]) => {
      const looser = structuredClone(policy) as Policy;
      const condition = looser.Statement[at]?.Condition ?? {};
      delete condition[operator]?.[key];
      if (Object.keys(condition[operator] ?? {}).length === 0) delete condition[operator];
      return { without: `${name} without ${operator} ${key}`, policy: looser };
    });
    if (keys.length < 2) return one;
    const none = structuredClone(policy) as Policy;
    delete none.Statement[at]?.Condition;
    return [...one, { without: `${name} without its condition`, policy: none }];
  });
}

/** Cases that the policy answers otherwise than wanted. */
export async function wrongCases({ policy, cases }: Subject): Promise<string[]> {
  const wrong: string[] = [];
  for (const one of cases) if ((await one.run(policy)) !== one.wanted) wrong.push(one.told);
  return wrong;
}

/** Conditions that no case misses. */
export async function unseenMutants({ policy, cases }: Subject): Promise<string[]> {
  const unseen: string[] = [];
  for (const mutant of mutants(policy)) {
    let seen = false;
    for (const one of cases) {
      seen = (await one.run(mutant.policy)) !== one.wanted;
      if (seen) break;
    }
    if (!seen) unseen.push(mutant.without);
  }
  return unseen;
}
