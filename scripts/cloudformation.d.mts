export function templateText(template: object): string;
