// Texts of dates and times that DuckDB's casts take whole: each type with no more digits than it holds, and an offset only
// where the type has a zone. Patterns are RE2's.

const datePattern = '[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}';
const timePattern = (digits: number): string => `[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\\.[0-9]{0,${digits}}0*)?)?`;
const timestampPattern = (digits: number, zone = 'Z'): string =>
  `${datePattern}(?:[ T]${timePattern(digits)}(?:${zone})?)?`;

export const temporalPatterns: Readonly<Record<string, string>> = {
  DATE: datePattern,
  TIME: timePattern(6),
  TIMESTAMP: timestampPattern(6),
  TIMESTAMP_S: timestampPattern(0),
  TIMESTAMP_MS: timestampPattern(3),
  TIMESTAMP_NS: timestampPattern(9),
  'TIMESTAMP WITH TIME ZONE': timestampPattern(6, ' ?(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)'),
};
