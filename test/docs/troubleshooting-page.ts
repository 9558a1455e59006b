// docs/troubleshooting.md: every exit code and every reason, made of the tables that the messages come from. The caller
// gives one occurrence of each failure as an example.

import { exitCodes } from '../../src/cli/exit-codes.ts';
import { describeFailure, type Failure, failureKinds, type Reason } from '../../src/core/failure.ts';
import { type RejectReason, rejectReasons } from '../../src/core/reject-reasons.ts';

const introduction = `# Troubleshooting

<!-- Written by \`make docs\` from src/core/failures/, src/core/reject-reasons.ts and src/cli/exit-codes.ts. -->

The last lines of a run say what is wrong, where, and what to do next. This page has the same at more length: find the exit
code, or a few words of the message. \`scoremill explain REASON\` prints an entry, \`--json\` names the reason of each failure.

Three things help with any of them:

- \`scoremill plan JOB\` checks everything again and writes nothing into the output folder.
- \`scoremill inspect PATH\` shows a model, a dataset or an output folder as scoremill sees it.
- The same command again is always safe: it goes on where the last run ended, or says why it does not.`;

/** The page as Markdown; `examples` holds one occurrence of each failure. */
export function troubleshootingPage(examples: { readonly [R in Reason]: object }): string {
  const codes = Object.keys(exitCodes).map(Number);
  const sections = codes.map((code) => codeSection(code, examples)).filter((section) => section !== null);
  return `${[introduction, codeTable(codes), ...sections, rejectSection()].join('\n\n')}\n`;
}

function codeTable(codes: readonly number[]): string {
  const lines = codes.map((code) => {
    const { meaning, remedy, retry } = exitCodes[code];
    const link = reasonsOf(code).length === 0 ? String(code) : `[${code}](#exit-code-${code})`;
    return `| ${link} | ${cell(meaning)} | ${retry} | ${cell(remedy)} |`;
  });
  return [
    '## Exit codes',
    '',
    'Retry: whether the same command may end otherwise. `yes`: at once; `later`: when something else has happened; `no`: not',
    'before somebody has changed something.',
    '',
    '| code | meaning | retry | what to do |',
    '| ---: | --- | --- | --- |',
    ...lines,
  ].join('\n');
}

function codeSection(code: number, examples: { readonly [R in Reason]: object }): string | null {
  const reasons = reasonsOf(code);
  if (reasons.length === 0) return null;
  const entries = reasons.map((reason) => {
    const { explain, remedy } = failureKinds[reason];
    const message = describeFailure({ reason, ...examples[reason] } as Failure);
    return [`### ${reason}`, '', explain, '', `**What to do:** ${remedy}`, '', '```', `error: ${message}`, '```'].join(
      '\n',
    );
  });
  return [`## Exit code ${code}`, ...entries].join('\n\n');
}

function rejectSection(): string {
  const lines = (Object.keys(rejectReasons) as RejectReason[]).map(
    (reason) => `| \`${reason}\` | ${cell(rejectReasons[reason].explain)} | ${cell(rejectReasons[reason].remedy)} |`,
  );
  return [
    '## Rejects: rows that were not scored',
    '',
    'The column `reason` of `_scoremill/rejects.parquet`; `message` says more, and `content` holds the row.',
    '',
    '| reason | meaning | what to do |',
    '| --- | --- | --- |',
    ...lines,
  ].join('\n');
}

const reasonsOf = (code: number): readonly Reason[] =>
  (Object.keys(failureKinds) as Reason[]).filter((reason) => failureKinds[reason].exitCode === code).toSorted();

const cell = (text: string): string => text.replaceAll('|', '\\|');
