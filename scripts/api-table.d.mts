export function apiTable(endpoints: object): string;
