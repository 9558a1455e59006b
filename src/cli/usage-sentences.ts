// What a person reads who mistyped a command line: one sentence for each mistake, with the next step.
import { nearest } from '../core/edit-distance.ts';
import { didYouMean } from '../core/failures/failure-kind.ts';
import { type CommandDefinition, commandNames } from './commands.ts';
import type { CommandName, OptionDefinition } from './options.ts';

export function unknownCommand(name: string): string {
  const suggestion = nearest(name, commandNames);
  if (suggestion !== undefined) return `unknown command "${name}".${didYouMean(suggestion)}`;
  return `unknown command "${name}"; there are ${commandNames.join(', ')}`;
}

export function commandMissing(first: string): string {
  return `a command is missing before ${first}; scoremill run scores, scoremill --help lists the commands`;
}

export function unknownOption(key: string, command: CommandName, options: readonly OptionDefinition[]): string {
  const dashes = key.length === 1 ? '-' : '--';
  const suggestion = nearest(
    key,
    options.map(({ name }) => name),
  );
  if (suggestion !== undefined) return `unknown option ${dashes}${key}.${didYouMean(`--${suggestion}`)}`;
  return `unknown option ${dashes}${key}; scoremill ${command} --help lists the options`;
}

export function unexpected(word: string, command: CommandName, argument: CommandDefinition['argument']): string {
  const takes = argument === undefined ? 'no argument' : `one ${argument.name.toUpperCase()}`;
  const quote = argument === undefined ? '' : "; quote a glob ('data/*.parquet') so that the shell leaves it alone";
  return `unexpected "${word}": scoremill ${command} takes ${takes}${quote}`;
}

type Argument = NonNullable<CommandDefinition['argument']>;

export const argumentMissing = (command: CommandName, { name, description }: Argument, [example]: readonly string[]) =>
  `${command} needs a ${name.toUpperCase()}: ${description.toLowerCase()}, such as: ${example}`;

export const argumentEmpty = ({ name }: Argument): string =>
  `the ${name.toUpperCase()} is empty; if it comes from a variable, set that`;

export function valueMissing({ message }: Error): string {
  const option = /^Not enough arguments following: (.*)$/.exec(message)?.[1];
  return option === undefined
    ? message
    : `--${option} needs a value; one that begins with a dash is written --${option}=VALUE`;
}
