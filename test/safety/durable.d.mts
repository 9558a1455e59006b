export function keep(records: string, path: string): void;
export function keepAll(records: string, folder: string): void;
export function restore(records: string, folder: string, target: string): void;
