// What was given for each option, by whom: the option itself or its SCOREMILL_ variable. A variable that may hold several
// values holds one a line; an empty variable counts as not given.
import { nearest } from '../core/edit-distance.ts';
import { didYouMean } from '../core/failures/failure-kind.ts';
import { type OptionDefinition, optionsOf, variableOf } from './options.ts';
import type { CommandWords } from './parser.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Given {
  readonly option: OptionDefinition;
  /** `--nulls` or `SCOREMILL_NULLS`. */
  readonly source: string;
  /** At least one. A flag's text is `true` or `false`. */
  readonly texts: readonly string[];
}

/** Everything given to a command, variables first, so that a later one wins. */
export function givenTo(words: CommandWords, environment: Environment): readonly Given[] {
  const options = optionsOf[words.command].filter(({ name }) => name !== 'help');
  const ofVariables = options.flatMap((option): readonly Given[] => {
    const source = variableOf(option.name);
    const texts = textsOfVariable(option, environment[source] ?? '');
    return texts.length === 0 ? [] : [{ option, source, texts }];
  });
  const ofWords = options.flatMap((option): readonly Given[] => {
    const texts = words.values.get(option.name);
    return texts === undefined ? [] : [{ option, source: `--${option.name}`, texts }];
  });
  return [...ofVariables, ...ofWords];
}

function textsOfVariable(option: OptionDefinition, text: string): readonly string[] {
  if (text.trim() === '') return [];
  return option.takes === 'many'
    ? text
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '')
    : [text];
}

/** A sentence for each SCOREMILL_ variable that no option has. Those that Kubernetes sets for a service of that name are left out. */
export function unknownVariables(environment: Environment): readonly string[] {
  const known = [...new Set(Object.values(optionsOf).flat())]
    .filter(({ name }) => name !== 'help')
    .map(({ name }) => variableOf(name));
  return Object.keys(environment)
    .filter((name) => name.startsWith('SCOREMILL_') && name !== 'SCOREMILL_CORPORA' && !known.includes(name))
    .filter((name) => !/^SCOREMILL_(?:PORT|SERVICE)(?:_|$)/.test(name))
    .map((name) => {
      const suggestion = nearest(name, known);
      return `${name} is ignored: no option has that variable${suggestion === undefined ? '' : `.${didYouMean(suggestion)}`}`;
    });
}
