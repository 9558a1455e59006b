// The parts of a help text that yargs does not write: the head, which begins with examples, and the last paragraph.
import { type CommandDefinition, commands } from './commands.ts';
import { type CommandName, optionsOf } from './options.ts';

/** Stands where the head of a help text goes, since yargs takes the indentation out of it. */
export const headMark = '<head>';

/** Usage, one sentence and examples: of a command, or of scoremill as a whole. */
export function headOf(command: CommandDefinition | undefined): string {
  const [usage, about, examples] =
    command === undefined
      ? ['scoremill COMMAND', 'Scores large datasets with ONNX models, offline.', firstExamples]
      : [usageOf(command), `${command.description}.`, command.examples];
  return [usage, '', about, '', 'Examples:', ...examples.map((line) => `  ${line}`)].join('\n');
}

const firstExamples = commands.filter(({ argument }) => argument !== undefined).map(({ examples }) => examples[0]);

function usageOf({ name, argument }: CommandDefinition): string {
  const word = argument?.name.toUpperCase() ?? '';
  const words = [
    'scoremill',
    name,
    argument?.required ? word : word && `[${word}]`,
    optionsOf[name].length > 1 ? '[OPTION]...' : '',
  ];
  return words.filter((one) => one !== '').join(' ');
}

/** What stands below the options. */
export function epilogueOf(name: CommandName): string {
  if (optionsOf[name].length < 2) return '';
  return (
    'Every option can be given as a variable instead: --log-format as SCOREMILL_LOG_FORMAT; one that may be given several ' +
    'times takes one value a line. An option wins over its variable, and both win over the job file.'
  );
}
