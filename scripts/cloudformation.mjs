/** A CloudFormation template as people read it. YAML 1.1, as CloudFormation reads it: there, a bare `yes` is true. */
import { stringify } from "yaml";

export const templateText = (template) =>
  `# Made by the build from src/core/tenants/, the source of the policies: change it there.\n${stringify(template, { version: "1.1", lineWidth: 0, aliasDuplicateObjects: false })}`;
