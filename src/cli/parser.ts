// yargs as a pure function: words in; help, a completion script, or the command's raw texts out. Every value stays text
// (`--run-id 007`, `--param x=1e3`), and what yargs would complain about is put in one clear sentence each.
import yargs, { type Argv } from 'yargs';
import { type Failure, FailureError } from '../core/failure.ts';
import { type CommandDefinition, commands } from './commands.ts';
import { epilogueOf, headMark, headOf } from './help-text.ts';
import { type CommandName, type OptionDefinition, optionsOf, topOptions } from './options.ts';
import {
  argumentEmpty,
  argumentMissing,
  commandMissing,
  unexpected,
  unknownCommand,
  unknownOption,
  valueMissing,
} from './usage-sentences.ts';

export interface CommandWords {
  readonly kind: 'command';
  readonly command: Exclude<CommandName, 'completion'>;
  readonly argument: string | undefined;
  /** Option name -> its texts, in order; a flag's text is `true` or `false`. */
  readonly values: ReadonlyMap<string, readonly string[]>;
  readonly failures: readonly Failure[];
}

export type Words =
  | CommandWords
  | { readonly kind: 'text'; readonly command: 'help' | 'completion'; readonly text: string }
  | { readonly kind: 'version' };

const completionRequest = '--get-yargs-completions';

/** Parses the words after `scoremill`. Throws `usage` when no command can be made out. */
export function parseWords(words: readonly string[]): Words {
  const argv = words[0] === 'help' ? [...words.slice(1), '--help'] : [...words];
  const { error, parsed, output } = parse(argv.length === 0 ? ['--help'] : argv);
  if (argv[0] === completionRequest)
    return { kind: 'text', command: 'completion', text: proposals(output, words.at(-1)!) };
  if (error !== null) throw usageError(valueMissing(error));

  const name = parsed._[0] === undefined ? undefined : String(parsed._[0]);
  const command = commands.find((one) => one.name === name);
  if (name !== undefined && command === undefined) throw usageError(unknownCommand(name));
  if (parsed.help === true)
    return { kind: 'text', command: 'help', text: output.replace(headMark, () => headOf(command)) };
  if (parsed.version !== undefined) return { kind: 'version' };
  if (command === undefined) throw usageError(commandMissing(argv[0]));
  const { name: commandName } = command;
  if (commandName === 'completion') return { kind: 'text', command: 'completion', text: output };
  return commandWords(commandName, command, parsed);
}

/** What the shell proposes for a word. Options come after a dash; with nothing to propose, the shell proposes files. */
const proposals = (output: string, word: string): string =>
  word.startsWith('-') ? output : output.replace(/^-.*\n?/gm, '');

interface Parsed {
  readonly _: readonly (string | number)[];
  readonly [key: string]: unknown;
}

interface Outcome {
  readonly error: Error | null;
  readonly parsed: Parsed;
  readonly output: string;
}

/** yargs lays out the help of every command that it parses, which takes longer than all else: there is only some where it is asked for. */
function parse(argv: string[]): Outcome {
  if (argv[0] === completionRequest) return parseOnce(argv, true);
  const brief = parseOnce(argv, false);
  return brief.parsed.help === true ? parseOnce(argv, true) : brief;
}

/** yargs may call back more than once (asked for completions, it parses twice): the last call counts. */
function parseOnce(argv: string[], isDescribed: boolean): Outcome {
  let result: Outcome = { error: null, parsed: { _: [] }, output: '' };
  try {
    parser(argv, isDescribed).parse(argv, (error: Error | null | undefined, parsed: unknown, output: string) => {
      result = { error: error ?? null, parsed: parsed as Parsed, output: output.trimEnd() };
    });
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'YError') throw error;
    return { ...result, error };
  }
  return result;
}

function parser(argv: string[], isDescribed: boolean): Argv {
  const top = yargs(argv)
    .scriptName('scoremill')
    .locale('en')
    .parserConfiguration({
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'dot-notation': false,
      'camel-case-expansion': false,
      'boolean-negation': false,
      'greedy-arrays': false,
      'short-option-groups': false,
    })
    .wrap(100)
    .usage(headMark)
    .version(false)
    .help('help')
    .alias('help', 'h')
    .epilogue('scoremill COMMAND --help shows the options of a command.')
    .exitProcess(false)
    .fail(false);
  const completing = argv[0] === completionRequest;
  const named = isDescribed ? undefined : commands.find(({ name }) => name === argv[0]);
  return (named === undefined ? commands : [named]).reduce(
    (built, command) => withCommand(built, command, { completing, isDescribed }),
    withOptions(top, topOptions),
  );
}

interface Purpose {
  readonly completing: boolean;
  readonly isDescribed: boolean;
}

function withCommand(top: Argv, { name, argument, description }: CommandDefinition, purpose: Purpose): Argv {
  if (name === 'completion') return top.completion(name, description);
  const build = (command: Argv): Argv => {
    const own = purpose.isDescribed ? command.usage(headMark).epilogue(epilogueOf(name)) : command.epilogue('');
    const argued =
      argument === undefined ? own : own.positional(argument.name, { type: 'string', describe: argument.description });
    return withOptions(argued, optionsOf[name], purpose);
  };
  return top.command(argument === undefined ? name : `${name} [${argument.name}]`, description, build, () => {});
}

/** yargs learns the choices for completion only: what is wrong with a value, the job schema says better. */
function withOptions(
  command: Argv,
  options: readonly OptionDefinition[],
  { completing, isDescribed }: Purpose = { completing: false, isDescribed: true },
): Argv {
  const own = options.filter(({ name }) => name !== 'help');
  const built = own.reduce(
    (before, { name, group, description, takes, choices }) =>
      before.option(name, {
        group: `${group}:`,
        describe: choices === undefined ? description : `${description}: ${choices.join(', ')}`,
        global: false,
        hidden: !isDescribed,
        ...(completing && choices !== undefined ? { choices } : {}),
        ...(takes === 'flag' ? { type: 'boolean' } : { type: 'string', array: takes === 'many', requiresArg: true }),
      }),
    command,
  );
  return built.group('help', 'Messages:');
}

function commandWords(
  name: CommandWords['command'],
  { argument, examples }: CommandDefinition,
  parsed: Parsed,
): CommandWords {
  const options = optionsOf[name];
  const known = new Set([
    '_',
    '$0',
    'h',
    'version',
    ...options.map((option) => option.name),
    ...(argument === undefined ? [] : [argument.name]),
  ]);
  const unknown = Object.keys(parsed).filter((key) => !known.has(key));
  const extra = parsed._.slice(1).map(String);
  const given = argument === undefined ? undefined : (parsed[argument.name] as string | undefined);
  const messages = [
    ...unknown.map((key) => unknownOption(key, name, options)),
    ...(extra.length === 0 ? [] : [unexpected(extra[0], name, argument)]),
    ...(given === '' ? [argumentEmpty(argument!)] : []),
    ...(argument?.required && given === undefined ? [argumentMissing(name, argument, examples)] : []),
  ];
  const values = options
    .filter((option) => parsed[option.name] !== undefined)
    .map((option) => [option.name, [parsed[option.name]].flat().map(String)] as const);
  return {
    kind: 'command',
    command: name,
    argument: given,
    values: new Map(values),
    failures: messages.map((message): Failure => ({ reason: 'usage', message })),
  };
}

const usageError = (message: string): FailureError => new FailureError({ reason: 'usage', message });
