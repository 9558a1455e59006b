// What ONNX Runtime says when it refuses a model or fails in a run, in words for its users: the source places of its build
// are taken out, and the messages with a known next step become failures of their own.
import type { Failure } from '../core/failure.ts';

/** The failure for a message of session creation. */
export function failureOfRefusal(path: string, message: string): Failure {
  const locale = /construct locale with name:\s*([\w.@-]+\w)/.exec(message)?.[1];
  if (locale !== undefined) return { reason: 'model-locale', path, locale };
  const unregistered = /Fatal error: ([^\s:]*):(\S+?)\(-?\d+\) is not a registered function/.exec(message);
  if (unregistered) {
    return { reason: 'model-operators', path, domain: unregistered[1] || 'ai.onnx', operators: [unregistered[2]] };
  }
  const unknown = /In Node, \("[^"]*", (\S+), "([^"]*)".* No Op registered for/s.exec(message);
  if (unknown) return { reason: 'model-operators', path, domain: unknown[2] || 'ai.onnx', operators: [unknown[1]] };
  const kernel = /Could not find an implementation for (\S+?)\(\d+\) node with name '([^']*)'/.exec(message);
  if (kernel) return { reason: 'model-kernel', path, operator: kernel[1], node: kernel[2] };
  const outside = /validation failed for initializer: (.+?)\. Error: .*escapes.* External data path: "(.*?)"/s.exec(
    message,
  );
  if (outside) return { reason: 'external-data-outside', path, file: outside[2], tensor: outside[1] };
  return { reason: 'model-refused', path, message: cleanMessage(message) };
}

/** One line without the paths, functions and signatures of the runtime's own source. */
export function cleanMessage(message: string): string {
  const sourcePlace = /(\/[\w./+-]*\/)?\w+\.(cc|cpp|h|hpp):\d+ /;
  let text = message.replace(/^Load model from .*? failed:/s, '').replace(/\s+/g, ' ');
  for (let place = sourcePlace.exec(text); place; place = sourcePlace.exec(text)) {
    text = `${text.slice(0, place.index)} ${withoutFunction(text.slice(place.index + place[0].length))}`;
  }
  return text.replace(/ +/g, ' ').trim().replace(/\.$/, '');
}

/** Takes a C++ function, `GetTensor` or `void ns::Type<T>::name(args) const [with T = ...]`, off the start of a text. */
function withoutFunction(text: string): string {
  const name = /^[^(\s]+(?: [^(\s]*::[^(\s]*)?(?=\()/.exec(text) ?? /^(?:[\w:<>,&* ]*?)::[^\s(]+(?=\()/.exec(text);
  if (!name) return text.replace(/^\w+ /, '');
  let depth = 0;
  let end = name[0].length;
  do {
    if (text[end] === '(') depth++;
    else if (text[end] === ')') depth--;
    end++;
  } while (depth > 0 && end < text.length);
  return text
    .slice(end)
    .replace(/^::<lambda\([^)]*\)>/, '')
    .replace(/^ const/, '')
    .replace(/^ \[with [^\]]*\]/, '')
    .trimStart();
}
